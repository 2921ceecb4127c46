using Microsoft.ML.Recurrent.Onnx.Format;

namespace Microsoft.ML.Recurrent.Foreign;

/// <summary>
/// Finds which axes of an input are the rows and the steps: all readings that fit the sizes of the column, of which those stay that the option, the graph, the
/// names of the axes and their sizes allow, in this order.
/// </summary>
internal static class AxisReadings
{
    private static readonly string[] s_batchNames = ["batch", "rows"], s_timeNames = ["time", "seq", "step", "length", "frame"];

    /// <summary>The readings; several where two of them fit, none if the column does not match the input.</summary>
    /// <param name="shape">The shape of the input.</param>
    /// <param name="column">The column.</param>
    /// <param name="trace">What the graph says of its axes.</param>
    /// <param name="timeAxis">The axis of the steps, if it is given.</param>
    public static IReadOnlyList<AxisReading> Find(TensorShapeProto shape, ForeignColumn column, AxisTrace trace, int? timeAxis)
    {
        long[] sizes = [.. shape.Dim.Select(dimension => dimension.DimValue > 0 ? dimension.DimValue : 0)];
        var names = shape.Dim.Select(dimension => dimension.DimParam).ToArray();
        List<AxisReading> readings = [];
        for (var batch = 0; batch < sizes.Length; batch++) readings.AddRange(Fit(sizes, batch, column));
        // Without a batch axis only if there can be none.
        if (readings.Count == 0) readings.AddRange(Fit(sizes, -1, column));
        // Rows of any length have their steps where the graph takes them; a fixed number of rows beside a free number of steps must be told.
        readings.RemoveAll(reading => reading.Varies && timeAxis is null && (trace.Contradicts(reading)
            || reading.FixedBatch > 1 && trace.Time != reading.Time && !IsNamed(names, reading.Time, s_timeNames, "T", "L")));
        // A layer mixes its features, and never several rows.
        readings.RemoveAll(reading => timeAxis is null && reading.FixedBatch > 1 && trace.Features.Contains(reading.Batch));
        if (timeAxis is { } given) readings.RemoveAll(reading => reading.Varies ? reading.Time != given : reading.Batch == given);
        Keep(reading => trace.Batch is { } axis && reading.Batch == axis);
        Keep(reading => trace.Time is { } axis && (reading.Varies ? reading.Time == axis : reading.Batch != axis));
        Keep(reading => !trace.Features.Contains(reading.Batch) && !(reading.Varies && trace.Features.Contains(reading.Time)));
        Keep(reading => IsNamed(names, reading.Batch, s_batchNames, "N", "B"));
        Keep(reading => reading.Varies ? IsNamed(names, reading.Time, s_timeNames, "T", "L") : !IsNamed(names, reading.Batch, s_timeNames, "T", "L"));
        Keep(reading => reading.FixedBatch is null);
        Keep(reading => reading.Order.SequenceEqual(reading.Order.Order()));
        if (readings.Count > 1 && readings.TrueForAll(reading => reading.IsLike(readings[0]))) readings = [readings[0]];
        return [.. readings.Select(reading => reading.Varies ? reading : reading with { Time = timeAxis ?? StepsOf(reading, trace, names, sizes, readings) })];

        void Keep(Func<AxisReading, bool> allows)
        {
            if (readings.Count > 1 && readings.Exists(reading => allows(reading))) readings = [.. readings.Where(allows)];
        }
    }

    /// <summary>Readings that agree with an axis of the batch that has the same name in another input.</summary>
    public static IReadOnlyList<AxisReading> WithBatchOf(IReadOnlyList<AxisReading> readings, TensorShapeProto shape, ISet<string> batchNames) =>
        readings.Where(reading => reading.Batch >= 0 && batchNames.Contains(shape.Dim[reading.Batch].DimParam)).ToArray() is { Length: > 0 } same
            ? same
            : readings;

    /// <summary>Whether the name of an axis says that it is the steps.</summary>
    public static bool IsTime(string name) => IsNamed([name], 0, s_timeNames, "T", "L");

    // The axis of the steps of a column of fixed size.
    private static int StepsOf(AxisReading reading, AxisTrace trace, string[] names, long[] sizes, List<AxisReading> readings)
    {
        if (reading.Order.Length == 0) return -1;
        if (trace.Time is { } traced && traced != reading.Batch) return traced;
        int[] rest = [.. reading.Order.Order()];
        foreach (var axis in rest)
            if (IsNamed(names, axis, s_timeNames, "T", "L")) return axis;
        foreach (var axis in rest)
            if (sizes[axis] == 0) return axis;
        // What the other reading takes for the batch.
        if (readings.Count > 1 && readings.Find(other => other.Batch != reading.Batch) is { Batch: >= 0 } other) return other.Batch;
        return rest[0];
    }

    private static bool IsNamed(string[] names, int axis, string[] parts, params string[] letters) => axis >= 0
        && (Array.Exists(parts, part => names[axis].Contains(part, StringComparison.OrdinalIgnoreCase))
            || Array.Exists(letters, letter => names[axis].Equals(letter, StringComparison.OrdinalIgnoreCase)));

    private static IEnumerable<AxisReading> Fit(long[] sizes, int batch, ForeignColumn column)
    {
        int[] rest = [.. Enumerable.Range(0, sizes.Length).Where(axis => axis != batch)];
        int? fixedBatch = batch >= 0 && sizes[batch] > 0 ? checked((int)sizes[batch]) : null;
        if (Match(sizes, rest, column) is { } straight) yield return Reading(straight, rest);
        else if (rest.Length == 2 && Match(sizes, [rest[1], rest[0]], column) is { } transposed) yield return Reading(transposed, [rest[1], rest[0]]);
        else if (Fill(sizes, rest, column) is { } filled) yield return Reading(filled, rest);

        AxisReading Reading(long[] known, int[] order)
        {
            if (batch >= 0) known[batch] = 0;
            return new(batch, Array.Find(order, axis => known[axis] == 0) is var time && order.Any(axis => known[axis] == 0) ? time : -1, known, order)
            {
                FixedBatch = fixedBatch,
            };
        }
    }

    // The sizes of a column that has as many as the row has axes.
    private static long[]? Match(long[] sizes, int[] order, ForeignColumn column)
    {
        if (column.Sizes.Length != order.Length) return null;
        var known = sizes.ToArray();
        for (var i = 0; i < order.Length; i++)
        {
            if (known[order[i]] == 0) known[order[i]] = column.Sizes[i];
            else if (column.Sizes[i] != known[order[i]]) return null;
        }
        return order.Count(axis => known[axis] == 0) == (column.Varies ? 1 : 0) ? known : null;
    }

    // A column of another number of sizes: one size that the graph leaves open varies, or follows from the number of values.
    private static long[]? Fill(long[] sizes, int[] rest, ForeignColumn column)
    {
        var known = sizes.ToArray();
        int[] open = [.. rest.Where(axis => known[axis] == 0)];
        var count = rest.Where(axis => known[axis] > 0).Aggregate(1L, (product, axis) => product * known[axis]);
        if (column.Varies) return open.Length == 1 && (column.Sizes.Length == 1 || count == column.Size) ? known : null;
        if (open is [var one] && column.Size % count == 0) known[one] = column.Size / count;
        else if (open.Length > 0 || count != column.Size) return null;
        // [8, 3] are no 6 steps of 4: a column with as many axes as a row, but for those of 1, has their sizes.
        long[] own = [.. column.Sizes.Where(size => size != 1)], wanted = [.. rest.Select(axis => known[axis]).Where(size => size != 1)];
        return own.Length > 1 && own.Length == wanted.Length && !own.SequenceEqual(wanted) ? null : known;
    }
}
