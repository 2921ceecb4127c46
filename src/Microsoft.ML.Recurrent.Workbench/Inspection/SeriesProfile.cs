using System.Collections.Immutable;
using Microsoft.ML.Data;

namespace Microsoft.ML.Recurrent.Workbench.Inspection;

/// <summary>What the times of one series are.</summary>
/// <param name="Name">The values of its series columns with a slash between them; empty where a table is one series.</param>
/// <param name="Rows">Its rows.</param>
/// <param name="First">The first time.</param>
/// <param name="Last">The last time.</param>
/// <param name="Frequency">The step from row to row; null if there is none.</param>
public sealed record SeriesProfile(string Name, int Rows, DateTime First, DateTime Last, TimeFrequency? Frequency)
{
    /// <summary>Rows whose time another row of the series has, too.</summary>
    public int Duplicates { get; init; }

    /// <summary>Rows whose time is before that of the row above.</summary>
    public int Unordered { get; init; }

    /// <summary>Places where times are missing.</summary>
    public int Gaps { get; init; }

    /// <summary>The times that are missing.</summary>
    public long MissingTimes { get; init; }

    /// <summary>The longest gap: the time before it, and the times that are missing.</summary>
    public (DateTime After, long Times)? LongestGap { get; init; }

    /// <summary>Reads the times of all series of a table.</summary>
    /// <param name="rows">The table.</param>
    /// <param name="timeColumn">The column of times.</param>
    /// <param name="seriesColumns">The columns by which rows are series; none where all rows are one.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <returns>The series, in the order of their first rows.</returns>
    /// <exception cref="ArgumentException">A column is missing, or holds no times.</exception>
    public static ImmutableArray<SeriesProfile> Read(IDataView rows, string timeColumn, IReadOnlyList<string>? seriesColumns = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentException.ThrowIfNullOrEmpty(timeColumn);
        var time = Data.Columns.Scalar(rows.Schema, timeColumn, "time", DateTimeDataViewType.Instance);
        DataViewSchema.Column[] keys = [.. (seriesColumns ?? []).Select(name => Data.Columns.Find(rows.Schema, name, "series"))];
        var times = new Dictionary<string, List<DateTime>>();
        var order = new List<string>();
        using (var cursor = rows.GetRowCursor(keys.Append(time).DistinctBy(static column => column.Index)))
        {
            var getTime = cursor.GetGetter<DateTime>(time);
            Func<string>[] getKeys = [.. keys.Select(key => TextOf(cursor, key))];
            while (cursor.MoveNext())
            {
                if ((cursor.Position & 4095) == 0) cancellationToken.ThrowIfCancellationRequested();
                DateTime value = default;
                getTime(ref value);
                var name = string.Join('/', getKeys.Select(static get => get()));
                if (!times.TryGetValue(name, out var own))
                {
                    times.Add(name, own = []);
                    order.Add(name);
                }
                own.Add(value);
            }
        }
        return [.. order.Select(name => Create(name, times[name]))];
    }

    private static Func<string> TextOf(DataViewRow row, DataViewSchema.Column column)
    {
        if (column.Type is TextDataViewType)
        {
            var getText = row.GetGetter<ReadOnlyMemory<char>>(column);
            return () =>
            {
                ReadOnlyMemory<char> text = default;
                getText(ref text);
                return text.ToString();
            };
        }
        if (column.Type.RawType == typeof(float)) return Invariant(row.GetGetter<float>(column));
        if (column.Type.RawType == typeof(double)) return Invariant(row.GetGetter<double>(column));
        if (column.Type.RawType == typeof(DateTime)) return Invariant(row.GetGetter<DateTime>(column));
        return column.Type.RawType == typeof(bool) ? Invariant(row.GetGetter<bool>(column))
            : throw new ArgumentException($"The series column '{column.Name}' holds {column.Type}: it must hold texts or numbers.", "seriesColumns");
    }

    private static Func<string> Invariant<T>(ValueGetter<T> get) => () =>
    {
        T value = default!;
        get(ref value);
        return FormattableString.Invariant($"{value}");
    };

    private static SeriesProfile Create(string name, List<DateTime> rows)
    {
        var unordered = Enumerable.Range(1, rows.Count - 1).Count(i => rows[i] < rows[i - 1]);
        DateTime[] times = [.. rows.Order()];
        var duplicates = Enumerable.Range(1, times.Length - 1).Count(i => times[i] == times[i - 1]);
        var profile = new SeriesProfile(name, rows.Count, times[0], times[^1], TimeFrequency.Detect(times)) { Duplicates = duplicates, Unordered = unordered };
        if (profile.Frequency is not { } frequency) return profile;
        var steps = new Time.TimeSteps(frequency);
        var (gaps, missing, longest) = (0, 0L, default((DateTime After, long Times)?));
        for (var i = 1; i < times.Length; i++)
        {
            if (steps.Count(times[i - 1], times[i]) is not (> 0 and var count)) continue;
            gaps++;
            missing += count;
            if (longest is null || count > longest.Value.Times) longest = (times[i - 1], count);
        }
        return profile with { Gaps = gaps, MissingTimes = missing, LongestGap = longest };
    }
}
