using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Time;

namespace Microsoft.ML.Recurrent.Data;

/// <summary>The rows of a data view in memory as numbers: series by series, each in time order. Windows are views into it.</summary>
internal sealed partial class SeriesTable
{
    private readonly float[] _values;

    private SeriesTable(float[] values, long[] times, int width, int[] starts, int[] rows, IReadOnlyList<string> names) =>
        (_values, Times, Width, Starts, SourceRows, Names) = (values, times, width, starts, rows, names);

    /// <summary>Numbers per row: the columns in the given order.</summary>
    public int Width { get; }

    /// <summary>The time of each row, from <see cref="TimeReader"/>; empty without a time column.</summary>
    public long[] Times { get; }

    /// <summary>The start of each series and, as last entry, the number of rows.</summary>
    public int[] Starts { get; }

    /// <summary>The source row of each row.</summary>
    public int[] SourceRows { get; }

    /// <summary>The names of the series; empty without a series column.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>The local times that come twice.</summary>
    public AmbiguousTimes Ambiguous { get; private init; } = new();

    public int Series => Starts.Length - 1;

    /// <summary>Number of rows of each series.</summary>
    public IEnumerable<int> Lengths => Starts.Zip(Starts.Skip(1), (from, to) => to - from);

    public int Rows => SourceRows.Length;

    /// <summary>Numbers of <paramref name="count"/> rows from <paramref name="row"/> on.</summary>
    public ReadOnlySpan<float> Values(int row, int count) => _values.AsSpan(checked(row * Width), count * Width);

    /// <summary>Reads numeric columns. If some need a Double, a row has the numbers as Single, then what each of them loses.</summary>
    /// <inheritdoc cref="Read(IDataView, IReadOnlyList{SeriesInput}, IReadOnlyList{string}, string?, CancellationToken, int, TimeZoneInfo?,
    /// Func{string, long}?)"/>
    public static SeriesTable Read(IDataView data, IReadOnlyList<string> columns, string? seriesColumn, string? timeColumn,
        TimeZoneInfo? zone = null)
    {
        var inputs = columns.Select(name => new SeriesInput(name, SeriesRole.Past, Columns.Numbers(data.Schema, name, "input").Size)).ToArray();
        var isWide = columns.Any(name => Columns.MadeOf(data.Schema[name].Type) == NumberDataViewType.Double);
        return Read(data, [.. inputs, .. isWide ? inputs.Select(input => input.Rest()) : []], seriesColumn is null ? [] : [seriesColumn], timeColumn,
            zone: zone);
    }

    /// <summary>Reads a data view.</summary>
    /// <param name="data">The data to read.</param>
    /// <param name="columns">Columns of numbers or categories, in storage order; all are checked.</param>
    /// <param name="seriesColumns">The columns that together identify the series; none if all rows are one series.</param>
    /// <param name="timeColumn">The time column by which each series is sorted (stably), or null if rows are in order.</param>
    /// <param name="cancellationToken">Cancels the pass.</param>
    /// <param name="mostRows">Maximum number of rows; the first ones are read.</param>
    /// <param name="zone">The zone of local times; null for times as they are.</param>
    /// <param name="previous">The time of the row before the first one of a series, by its name, for local times that come twice; null for none.</param>
    public static SeriesTable Read(IDataView data, IReadOnlyList<SeriesInput> columns, IReadOnlyList<string> seriesColumns, string? timeColumn,
        CancellationToken cancellationToken = default, int mostRows = int.MaxValue, TimeZoneInfo? zone = null, Func<string, long>? previous = null)
    {
        var width = columns.Sum(column => column.Size);
        var active = columns.Select(column => column.Find(data.Schema)).ToList();
        DataViewSchema.Column? time = timeColumn is null ? null : TimeReader.Resolve(data.Schema, timeColumn);
        active.AddRange(seriesColumns.Select(name => SeriesReader.Resolve(data.Schema, name)));
        if (time is { } t) active.Add(t);

        var index = new SeriesIndex();
        // Lists that grow leave twice their size behind, which stays resident while a network is trained.
        var count = (int)Math.Min(Math.Min(data.GetRowCount() ?? 0, mostRows), Array.MaxLength / Math.Max(1, width));
        var values = new List<float>(count * width);
        var ids = new List<int>(count);
        var (times, seconds) = (new List<long>(time is null ? 0 : count), new Dictionary<int, long>());
        using (var cursor = data.GetRowCursor(active.DistinctBy(column => column.Index)))
        {
            var readers = columns.Select(column => column.Open(cursor)).ToArray();
            var readSeries = SeriesReader.Open(cursor, seriesColumns, index);
            var readTime = time is { } timeSource ? TimeReader.Open(cursor, timeSource, zone) : null;
            var row = new float[width];
            while (ids.Count < mostRows && cursor.MoveNext())
            {
                if ((ids.Count & 4095) == 0) cancellationToken.ThrowIfCancellationRequested();
                var offset = 0;
                foreach (var read in readers) offset += read(row.AsSpan(offset));
                if (values.Count + (long)width > Array.MaxLength)
                    throw new InvalidOperationException(
                        $"The data hold more than {Array.MaxLength / width} rows of {width} numbers: train on a part of the data.");
                values.AddRange(row.AsSpan());
                ids.Add(readSeries?.Invoke() ?? 0);
                if (readTime is not null) Add(readTime(), times, seconds);
            }
        }

        return Arrange(values, ids, times, width, seriesColumns.Count > 0 ? index.Names.Count : Math.Min(ids.Count, 1), index.Names, 0, seconds,
            previous is null ? null : id => previous(index.Names.Count > 0 ? index.Names[id] : ""));
    }

    /// <summary>Leaves out each row that is followed by one of the same time in its series.</summary>
    public SeriesTable KeepNewest()
    {
        var kept = Enumerable.Range(0, Series).SelectMany(series => Enumerable.Range(Starts[series], Starts[series + 1] - Starts[series])
            .Where(row => row + 1 == Starts[series + 1] || Times[row + 1] != Times[row])).ToArray();
        if (kept.Length == Rows) return this;
        var (values, starts) = (new float[kept.Length * Width], new int[Starts.Length]);
        for (var i = 0; i < kept.Length; i++) Values(kept[i], 1).CopyTo(values.AsSpan(i * Width));
        for (var series = 0; series < starts.Length; series++)
        {
            var place = Array.BinarySearch(kept, Starts[series]);
            starts[series] = place < 0 ? ~place : place;
        }
        return new(values, Array.ConvertAll(kept, row => Times[row]), Width, starts, Array.ConvertAll(kept, row => SourceRows[row]), Names);
    }

    /// <summary>Adds rows of missing values at missing times, by the frequency: none at times that it leaves out.</summary>
    /// <exception cref="ArgumentException">There would be more than ten times as many rows.</exception>
    public SeriesTable FillGaps(TimeSteps steps, SeriesLayout layout)
    {
        var values = new List<float>(_values.Length);
        var (times, sources, starts) = (new List<long>(Rows), new List<int>(Rows), new int[Starts.Length]);
        var missing = new float[Width];
        for (var series = 0; series < Series; series++)
        {
            starts[series] = sources.Count;
            for (var row = Starts[series]; row < Starts[series + 1]; row++)
            {
                foreach (var time in row == Starts[series] ? [] : steps.Between(new DateTime(Times[row - 1]), new DateTime(Times[row])))
                {
                    layout.WriteMissing(Values(row - 1, 1), time, missing);
                    Add(missing, time.Ticks, SourceRows[row - 1]);
                    if (sources.Count > 10L * Rows + 1000)
                        throw new ArgumentException(
                            $"With a row every {steps.Frequency}, filling gaps would make more than ten times as many rows: set the option Input.Frequency, or "
                                + $"leave MissingValues.FillTimeGaps out.", "data");
                }
                Add(Values(row, 1), Times[row], SourceRows[row]);
            }
        }
        starts[^1] = sources.Count;
        return new SeriesTable([.. values], [.. times], Width, starts, [.. sources], Names);

        void Add(ReadOnlySpan<float> row, long time, int source)
        {
            values.AddRange(row);
            times.Add(time);
            sources.Add(source);
        }
    }

    /// <summary>Replaces infinite values by missing ones.</summary>
    public void LeaveOutInfinite() => FiniteNumbers.LeaveOutInfinite(_values);

    private static bool IsInOrder(List<int> ids, List<long> times)
    {
        for (var i = 1; i < ids.Count; i++)
        {
            if (ids[i] < ids[i - 1] || ids[i] == ids[i - 1] && times.Count > 0 && times[i] < times[i - 1]) return false;
        }
        return true;
    }
}
