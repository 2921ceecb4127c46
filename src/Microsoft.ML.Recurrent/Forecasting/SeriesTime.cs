using System.Collections.Immutable;
using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Hosting;
using Microsoft.ML.Recurrent.Time;

namespace Microsoft.ML.Recurrent.Forecasting;

/// <summary>What the time column provides for series: their frequency, calendar features and lags.</summary>
/// <param name="Frequency">The frequency of dates; null if not needed, or if there is no common step.</param>
/// <param name="Calendar">The calendar features of the model.</param>
/// <param name="Lags">The lags of the targets, in steps.</param>
/// <param name="TimeZone">The id of the time zone of the times; null for times as they are.</param>
/// <param name="UsualGap">Steps that the rows leave out regularly at once; null without a frequency.</param>
internal sealed record SeriesTime(TimeFrequency? Frequency, CalendarFeatures Calendar, ImmutableArray<int> Lags, string? TimeZone = null, int? UsualGap = null)
{
    /// <summary>Gaps of the same length that make it a usual one: outages differ in length, nights and weekends do not.</summary>
    private const int UsualGapCount = 3;

    /// <summary>So few rows need not tell a frequency.</summary>
    private const int FewRows = 20;

    /// <summary>The share of steps from which on single missing rows, as of holidays, are usual: fewer are faults of the data.</summary>
    private const double UsualShareOfSingleGaps = 0.02;

    /// <summary>The time zone.</summary>
    public TimeZoneInfo? Zone { get; } = LocalTime.Find(TimeZone, "Input.Features.TimeZone");

    /// <summary>The steps of the frequency; null without one.</summary>
    public TimeSteps? Steps => Frequency is null ? null : new(Frequency, Zone);

    /// <summary>The type of the times; null without.</summary>
    public DataViewType? Type { get; private init; }

    private string? Warning { get; init; }

    private string? Information { get; init; }

    /// <summary>Says what the times lack, and how they are taken.</summary>
    public void Report(TrainingChannel channel)
    {
        if (Warning is not null) channel.Warning(WarningCode.NoFrequency, Warning);
        if (Information is not null) channel.Info(Information);
    }

    /// <summary>Reads the time column if the options need it.</summary>
    /// <exception cref="ArgumentException">The options need a frequency, but the times have none.</exception>
    public static SeriesTime Find(RecurrentForecastingEstimator.Options options, IDataView data)
    {
        var wanted = options.Series.CalendarFeatures;
        // Without times, only the options can give the frequency.
        if (options.Series.TimeColumnName is not { } name) return new(null, CalendarFeatures.None, LagsOf(options, options.Input.Frequency));
        var type = TimeReader.Resolve(data.Schema, name).Type;
        var isDate = TimeReader.IsDate(type);
        if (!isDate && wanted is not (CalendarFeatures.None or CalendarFeatures.Auto))
            throw ColumnErrors.Mismatch("time", name, "DateTime or DateTimeOffset, which the option Input.CalendarFeatures needs",
                data.Schema[name].Type.ToString()!);

        if (!isDate && options.MissingValues.FillTimeGaps)
            throw ColumnErrors.Mismatch("time", name, "DateTime or DateTimeOffset, which the option MissingValues.FillTimeGaps needs",
                data.Schema[name].Type.ToString()!);
        var zoneName = options.TimeZone;
        var zone = TimeReader.Zone(data.Schema, name, zoneName, "Input.Features.TimeZone");
        var (frequency, span, longest, ambiguous) = (options.Input.Frequency, TimeSpan.Zero, Array.Empty<long>(), new AmbiguousTimes());
        // The steps of rows to come are checked too, so dates always need their frequency.
        if (isDate || type is TimeSpanDataViewType && Given(options) is null)
        {
            // If rows are streamed, the first ones give the frequency; the calendar needs the time span of all rows.
            var tables = options.Series.MaximumRowsInMemory is not { } rows
                ? [SeriesTable.Read(data, [], options.Input.SeriesKey, name, options.CancellationToken, zone: zone)]
                : wanted is CalendarFeatures.Auto ? SeriesTable.ReadChunks(data, [], options.Input.SeriesKey, name, rows, options.CancellationToken, zone)
                : [SeriesTable.Read(data, [], options.Input.SeriesKey, name, options.CancellationToken, rows, zone)];
            (var found, span, longest) = Measure(tables, isDate, zone, ambiguous);
            frequency ??= found;
        }
        if (frequency is null && wanted is not (CalendarFeatures.None or CalendarFeatures.Auto))
            throw new ArgumentException(
                $"The times of the column '{name}' have no common step, so calendar features of future steps cannot be computed: set the option "
                    + $"Input.Frequency, "
                    + $"or leave Input.CalendarFeatures out.", nameof(data));
        if (frequency is null && options.MissingValues.FillTimeGaps)
            throw new ArgumentException(
                $"The times of the column '{name}' have no common step, so gaps cannot be found: set the option Input.Frequency, or leave "
                    + $"MissingValues.FillTimeGaps out.",
                nameof(data));
        var lags = LagsOf(options, frequency);
        var calendar = wanted is not CalendarFeatures.Auto ? wanted
            : frequency is null || !isDate ? CalendarFeatures.None : Time.Calendar.Choose(frequency, span);
        return new(isDate ? frequency : null, calendar, lags, zoneName,
            isDate && frequency is not null ? FindUsualGap(new(frequency, zone), longest) : null)
        {
            Type = type,
            Warning = isDate && frequency is null && longest.Length > FewRows && (Given(options) is null || wanted is CalendarFeatures.Auto)
                ? $"The times of the column '{name}' fit no frequency, not with weekdays and times of day left out either: there are no default lags and "
                    + "automatic calendar features, and the times of rows to come are not checked. If they have a frequency, set the option Input.Frequency."
                    + (zone is null ? " If they are local times of a clock that is changed, name their time zone in Input.Features.TimeZone." : "")
                : null,
            Information = ambiguous.Count > 0 ? ambiguous.Describe(name, zoneName!, zone!)
                : zone is null && type is DateTimeOffsetDataViewType && calendar is not CalendarFeatures.None
                    ? $"The calendar of the column '{name}' is that of UTC: name the time zone in Input.Features.TimeZone for the local calendar."
                    : null,
        };
    }

    /// <summary>The lags of the options, or the default lags of a frequency.</summary>
    public static ImmutableArray<int> LagsOf(RecurrentForecastingEstimator.Options options, TimeFrequency? frequency) =>
        [.. Given(options) ?? (frequency is null ? [] : Time.Calendar.Lags(frequency, options.Input.WindowSize))];

    // Fine-tuning keeps the lags of the model.
    private static int[]? Given(RecurrentForecastingEstimator.Options options) =>
        options.Input.Features.Lags ?? options.Network.Initialization.Model?.Description.Lags.ToArray();

    /// <summary>Steps that a series leaves out regularly at once.</summary>
    private static int FindUsualGap(TimeSteps steps, long[] times)
    {
        var counts = new Dictionary<long, int>();
        for (var row = 1; row < times.Length; row++)
        {
            if (steps.Count(new DateTime(times[row - 1]), new DateTime(times[row])) is > 0 and var gap)
                counts[gap] = counts.GetValueOrDefault(gap) + 1;
        }
        return (int)Math.Min(int.MaxValue, counts.Where(gap => gap.Value >= UsualGapCount && (gap.Key > 1 || gap.Value > UsualShareOfSingleGaps * times.Length))
            .Select(gap => gap.Key).DefaultIfEmpty().Max());
    }

    /// <summary>The frequency of the longest series, the time span of all rows, and the times of the longest series.</summary>
    private static (TimeFrequency?, TimeSpan, long[]) Measure(IEnumerable<SeriesTable> tables, bool isDate, TimeZoneInfo? zone, AmbiguousTimes ambiguous)
    {
        var (longest, first, last) = (Array.Empty<long>(), long.MaxValue, long.MinValue);
        foreach (var table in tables)
        {
            if (table.Rows == 0) continue;
            ambiguous.Add(table.Ambiguous);
            (first, last) = (Math.Min(first, table.Times.Min()), Math.Max(last, table.Times.Max()));
            var series = table.Lengths.Select((length, i) => (length, i)).MaxBy(one => one.length).i;
            if (table.Starts[series + 1] - table.Starts[series] > longest.Length) longest = table.Times[table.Starts[series]..table.Starts[series + 1]];
        }
        if (longest.Length == 0) return (null, TimeSpan.Zero, []);
        var start = isDate ? 0 : longest[0];
        var frequency = FrequencyDetection.Find(Array.ConvertAll(longest, ticks => ticks - start), zone);
        // A time span has no months.
        return (isDate || frequency is { Unit: not (TimeUnit.Month or TimeUnit.Year) } ? frequency : null, TimeSpan.FromTicks(last - first), longest);
    }
}
