namespace Microsoft.ML.Recurrent.Data;

/// <content>Some series at a time.</content>
internal sealed partial class SeriesTable
{
    /// <summary>
    /// Reads a data view sorted by series in tables of whole series, each with the requested number of rows plus the rest of the last series.
    /// </summary>
    /// <param name="data">The data to read.</param>
    /// <param name="columns">Columns of numbers or categories, in storage order.</param>
    /// <param name="seriesColumns">At least one.</param>
    /// <param name="timeColumn">The time column by which each series is sorted, or null.</param>
    /// <param name="rows">Rows per table.</param>
    /// <param name="cancellationToken">Cancels the pass.</param>
    /// <param name="zone">The zone of local times; null for times as they are.</param>
    /// <exception cref="ArgumentException">A series continues after another has started.</exception>
    public static IEnumerable<SeriesTable> ReadChunks(IDataView data, IReadOnlyList<SeriesInput> columns, IReadOnlyList<string> seriesColumns,
        string? timeColumn, int rows, CancellationToken cancellationToken, TimeZoneInfo? zone = null)
    {
        var active = columns.Select(column => column.Find(data.Schema)).Concat(seriesColumns.Select(name => SeriesReader.Resolve(data.Schema, name))).ToList();
        if (timeColumn is not null) active.Add(TimeReader.Resolve(data.Schema, timeColumn));
        var width = columns.Sum(column => column.Size);
        var (index, values, ids, times) = (new SeriesIndex(), new RowStore<float>(), new RowStore<int>(), new RowStore<long>());
        using var cursor = data.GetRowCursor(active.DistinctBy(column => column.Index));
        var readers = columns.Select(column => column.Open(cursor)).ToArray();
        var readSeries = SeriesReader.Open(cursor, seriesColumns, index)!;
        var readTime = timeColumn is null ? null : TimeReader.Open(cursor, data.Schema[timeColumn], zone);
        var seconds = new Dictionary<int, long>();
        var row = new float[width];
        int first = 0, last = 0, done = 0;
        while (cursor.MoveNext())
        {
            if ((ids.Count & 4095) == 0) cancellationToken.ThrowIfCancellationRequested();
            var id = readSeries();
            if (id < last)
                throw ColumnErrors.Value("series", string.Join("', '", seriesColumns), cursor.Position,
                    $"continues the series '{index.Names[id]}' after another has started: streaming needs rows sorted by series. Sort them, "
                        + $"or leave the option Input.MaximumRowsInMemory out.");
            if (id > last && ids.Count >= rows)
            {
                var count = ids.Count;
                yield return Arrange(values, ids, times, width, id - first, index.Names, done, seconds);
                (first, done) = (id, done + count);
                (values, ids, times) = (new(count * width), new(count), new(readTime is null ? 0 : count));
                seconds.Clear();
            }
            last = id;
            var offset = 0;
            foreach (var read in readers) offset += read(row.AsSpan(offset));
            values.AddRange(row);
            ids.Add(id - first);
            if (readTime is not null) Add(readTime(), times, seconds);
        }
        if (ids.Count > 0) yield return Arrange(values, ids, times, width, last - first + 1, index.Names, done, seconds);
    }

    /// <summary>Combines series of tables with the same columns into one table.</summary>
    public static SeriesTable Create(IReadOnlyList<(float[] Values, long[] Times)> series, int width)
    {
        var starts = new int[series.Count + 1];
        for (var i = 0; i < series.Count; i++) starts[i + 1] = starts[i] + series[i].Values.Length / width;
        return new([.. series.SelectMany(one => one.Values)], [.. series.SelectMany(one => one.Times)], width, starts, [.. Enumerable.Range(0, starts[^1])],
            []);
    }

    /// <summary>The rows and times of one series.</summary>
    public (float[] Values, long[] Times) Copy(int series) =>
        (Values(Starts[series], Starts[series + 1] - Starts[series]).ToArray(), Times.Length == 0 ? [] : Times[Starts[series]..Starts[series + 1]]);

    // A local time that comes twice is decided once all rows are known.
    private static void Add(RowTime time, RowStore<long> times, Dictionary<int, long> seconds)
    {
        if (time.Second is { } second) seconds.Add(times.Count, second);
        times.Add(time.Ticks);
    }

    // Series by series, each in time order.
    private static SeriesTable Arrange(RowStore<float> values, RowStore<int> ids, RowStore<long> times, int width, int series, IReadOnlyList<string> names,
        int firstRow,
        Dictionary<int, long> seconds, Func<int, long>? previous = null)
    {
        var ambiguous = AmbiguousTimes.Resolve(ids, times, seconds, previous);
        var rows = new int[ids.Count];
        for (var i = 0; i < rows.Length; i++) rows[i] = i;
        var starts = new int[series + 1];
        foreach (var id in ids.Span) starts[id + 1]++;
        for (var i = 1; i < starts.Length; i++) starts[i] += starts[i - 1];
        if (IsInOrder(ids.Span, times.Span)) return new(values.Take(), times.Take(), width, starts, Sources(), names) { Ambiguous = ambiguous };

        Array.Sort(rows,
            (a, b) => ids[a] != ids[b] ? ids[a].CompareTo(ids[b]) : times.Count > 0 && times[a] != times[b] ? times[a].CompareTo(times[b]) : a.CompareTo(b));
        var sorted = new float[values.Count];
        for (var i = 0; i < rows.Length; i++) values.Span.Slice(rows[i] * width, width).CopyTo(sorted.AsSpan(i * width));
        return new(sorted, times.Count == 0 ? [] : Array.ConvertAll(rows, row => times[row]), width, starts, Sources(), names) { Ambiguous = ambiguous };

        int[] Sources() => firstRow == 0 ? rows : Array.ConvertAll(rows, row => firstRow + row);
    }
}
