using Microsoft.ML.Recurrent.Onnx.Format;

namespace Microsoft.ML.Recurrent.Foreign;

/// <summary>Decides how the axes of all inputs are read; of readings that fit, those that the runtime refuses fall out.</summary>
internal static class ForeignAxes
{
    // More combinations are not tried.
    private const int MostTrials = 16;

    /// <summary>The reading of each input.</summary>
    /// <exception cref="ArgumentException">A column does not match its input, or several readings fit.</exception>
    public static AxisReading[] Resolve(ForeignGraph graph, IReadOnlyList<(ValueInfoProto Input, ForeignColumn Column)> feeds,
        IReadOnlyList<ForeignConstant> constants, IDictionary<string, int> timeAxes)
    {
        var readings = new IReadOnlyList<AxisReading>[feeds.Count];
        for (var i = 0; i < readings.Length; i++)
        {
            var (input, column) = feeds[i];
            int? timeAxis = timeAxes.TryGetValue(input.Name, out var given) ? given : null;
            if (timeAxis < 0 || timeAxis >= input.Type.TensorType.Shape.Dim.Count)
                throw new ArgumentException($"The model's input '{input.Name}' [{ForeignInput.Describe(input)}] has no axis {timeAxis}.",
                    nameof(RecurrentOnnxOptions.TimeAxes));
            readings[i] = AxisReadings.Find(input.Type.TensorType.Shape, column, graph.Trace(input), timeAxis);
            if (readings[i].Count == 0) throw Mismatch(input, column, graph.Trace(input));
        }
        // The same name of an axis is the same axis.
        var batchNames = readings.Select((found, i) => found is [{ Batch: >= 0 and var axis }] ? feeds[i].Input.Type.TensorType.Shape.Dim[axis].DimParam : "")
            .Where(name => name.Length > 0).ToHashSet();
        for (var i = 0; i < readings.Length; i++)
            readings[i] = AxisReadings.WithBatchOf(readings[i], feeds[i].Input.Type.TensorType.Shape, batchNames);
        var combinations = Combine(readings);
        if (combinations.Count > 1 && combinations.Count <= MostTrials)
        {
            var run = combinations.Where(combination => Runs(graph, feeds, combination, constants)).ToArray();
            if (run.Length > 0) combinations = run;
        }
        if (combinations.Count == 1) return combinations[0];
        var doubtful = Enumerable.Range(0, readings.Length).First(i => combinations.Select(combination => combination[i]).Distinct().Count() > 1);
        throw TwoReadings(feeds[doubtful].Input, [.. combinations.Select(combination => combination[doubtful]).Distinct()]);
    }

    /// <summary>The error of a column that does not match its input.</summary>
    public static ArgumentException Mismatch(ValueInfoProto input, ForeignColumn column, AxisTrace trace)
    {
        var shape = input.Type.TensorType.Shape;
        long[] sizes = [.. shape.Dim.Select(dimension => dimension.DimValue > 0 ? dimension.DimValue : 0)];
        var batch = trace.Batch ?? (Array.IndexOf(sizes, 0) is >= 0 and var open ? open : 0);
        int[] rest = [.. Enumerable.Range(0, sizes.Length).Where(axis => axis != batch)];
        var remedy = "";
        if (column.Varies && rest.Length > 0 && rest.All(axis => sizes[axis] > 0))
        {
            var numbers = rest.Aggregate(1L, (product, axis) => product * sizes[axis]);
            var time = trace.Time is { } traced && traced != batch ? traced : rest[0];
            var takes = rest.Length == 1 ? $"{numbers} {Values(column)}" : $"{sizes[time]} steps of {numbers / sizes[time]} {Values(column)}";
            remedy = $" The model takes {takes}: declare [VectorType({string.Join(", ", rest.Select(axis => sizes[axis]))})].";
        }
        return new($"The column '{column.Name}' holds {column.Content} per row, which does not match the model's input '{input.Name}' of shape "
            + $"[{ForeignInput.Describe(input)}].{remedy}", "inputColumnNames");
    }

    private static string Values(ForeignColumn column) => column.IsText ? "texts" : "numbers";

    private static ArgumentException TwoReadings(ValueInfoProto input, AxisReading[] readings)
    {
        var ways = readings.Select(
            reading => $"{(reading.Batch < 0 ? "no axis" : $"axis {reading.Batch}")} is the batch and axis {reading.Time} the time (TimeAxes = "
            + $"new() {{ [\"{input.Name}\"] = {reading.Time} }})");
        return new($"The axes of the model's input '{input.Name}' [{ForeignInput.Describe(input)}] can be read "
            + $"in {readings.Length} ways: {string.Join(", or ", ways)}. "
            + $"Say which by {nameof(RecurrentOnnxOptions)}.{nameof(RecurrentOnnxOptions.TimeAxes)}.", nameof(RecurrentOnnxOptions.TimeAxes));
    }

    private static IReadOnlyList<AxisReading[]> Combine(IReadOnlyList<AxisReading>[] readings)
    {
        List<AxisReading[]> all = [[]];
        foreach (var one in readings)
        {
            all = [.. all.SelectMany(start => one.Select(reading => (AxisReading[])[.. start, reading]))];
            if (all.Count > MostTrials) break;
        }
        return all[0].Length == readings.Length ? all : [[.. readings.Select(one => one[0])], [.. readings.Select(one => one[^1])]];
    }

    private static bool Runs(ForeignGraph graph, IReadOnlyList<(ValueInfoProto Input, ForeignColumn Column)> feeds, AxisReading[] readings,
        IReadOnlyList<ForeignConstant> constants)
    {
        ForeignInput[] inputs = [.. feeds.Select((feed, i) => new ForeignInput(feed.Input, readings[i], feed.Column.Name))];
        using var probe = new ForeignProbe(graph, inputs, constants);
        var rows = inputs.Select(input => input.Reading.FixedBatch).OfType<int>().FirstOrDefault(2);
        return probe.Find(rows) is not null;
    }
}
