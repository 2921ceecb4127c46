using Microsoft.ML.Recurrent.Onnx.Format;

namespace Microsoft.ML.Recurrent.Foreign;

/// <summary>Where the rows are in a graph whose states are carried.</summary>
internal sealed class ForeignRows
{
    private ForeignRows(ValueInfoProto[] data, ValueInfoProto[] answers, int? number, bool hasAxis) =>
        (Data, Answers, Fixed, HasAxis) = (data, answers, number, hasAxis);

    /// <summary>The inputs that are neither states nor constants.</summary>
    public ValueInfoProto[] Data { get; }

    /// <summary>The outputs that are no states.</summary>
    public ValueInfoProto[] Answers { get; }

    /// <summary>The number of rows that the graph is fixed to; null if it is free.</summary>
    public int? Fixed { get; }

    /// <summary>Whether its data have an axis for rows; a graph without takes one row.</summary>
    public bool HasAxis { get; }

    /// <param name="pairs">The states.</param>
    /// <param name="data">The inputs that are neither states nor constants.</param>
    /// <param name="answers">The outputs that are no states.</param>
    /// <param name="sizeOf">Returns how many numbers of a row feed an input; null where the graph tells it.</param>
    public static ForeignRows Find(IReadOnlyList<StatePair> pairs, ValueInfoProto[] data, ValueInfoProto[] answers, Func<ValueInfoProto, long?> sizeOf)
    {
        ForeignRows Of(int? number) => new(data, answers, number, hasAxis: true);
        if (pairs.All(pair => !IsFixed(pair.Input))) return Of(null);
        if (data.FirstOrDefault(value => ForeignStates.Sizes(value).Length > 0) is not { } first || !IsFixed(first)) return Of(1);
        var sizes = ForeignStates.Sizes(first);
        var given = sizeOf(first) is { } size ? sizes.Aggregate(1L, (product, one) => product * one) / Math.Max(size, 1) : (long?)null;
        // The rows are first; second where the steps are first.
        foreach (var rows in sizes.Take(sizes.Length > 1 ? 2 : 0))
        {
            if ((given is null || given == rows) && pairs.All(pair => ForeignStates.Sizes(pair.Input).Contains(rows))
                && answers.All(answer => ForeignStates.Sizes(answer) is var shape && (shape.Contains(rows) || shape.Contains(0))))
                return Of(checked((int)rows));
        }
        ValueInfoProto[] all = [.. data, .. answers];
        return new(data, answers, 1, hasAxis: !all.All(IsFixed) || all.All(value => ForeignStates.Sizes(value) is [1, ..]));
    }

    /// <summary>The sizes of a row of an input, 0 for those that are free.</summary>
    public long[] RowSizes(ValueInfoProto input)
    {
        var sizes = ForeignStates.Sizes(input);
        return HasAxis && sizes.Length > 0 ? [.. sizes.Where((_, axis) => axis != AxisOf(input, sizes))] : sizes;
    }

    /// <summary>Whether a name of an axis is that of the rows.</summary>
    public static bool IsName(string axis) => axis.Contains("batch", StringComparison.OrdinalIgnoreCase) || axis is "N" or "B" or "n" or "b";

    // The axis of the rows: by name, else the first free one, else that of the fixed number.
    private int AxisOf(ValueInfoProto input, long[] sizes)
    {
        var named = input.Type.TensorType.Shape.Dim.ToList().FindIndex(dimension => IsName(dimension.DimParam));
        if (named >= 0) return named;
        if (Fixed is { } rows && sizes[0] == rows) return 0;
        return sizes.Contains(0) ? Array.IndexOf(sizes, 0) : Math.Max(0, Array.IndexOf(sizes, Fixed ?? 1));
    }

    private static bool IsFixed(ValueInfoProto value) => !ForeignStates.Sizes(value).Contains(0);
}
