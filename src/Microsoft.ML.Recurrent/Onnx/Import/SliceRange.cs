using Microsoft.ML.Recurrent.Onnx.Format;

namespace Microsoft.ML.Recurrent.Onnx.Import;

/// <summary>The part of one axis that a Slice node takes.</summary>
internal readonly record struct SliceRange(long Axis, long Start, long End, long Step)
{
    /// <summary>The ranges of a node, from its attributes (opsets below 10) or its inputs; null if they are not constant.</summary>
    public static SliceRange[]? Read(NodeProto node, GraphValue?[] inputs)
    {
        long[]? Known(int i, string attribute) => (inputs.ElementAtOrDefault(i) as KnownValue)?.Data.IntegerValues ?? node.Integers(attribute);
        if (Known(1, "starts") is not { } starts || Known(2, "ends") is not { } ends || starts.Length != ends.Length) return null;
        if (inputs.ElementAtOrDefault(3) is not (null or KnownValue) || inputs.ElementAtOrDefault(4) is not (null or KnownValue)) return null;
        long[] axes = Known(3, "axes") ?? [.. Enumerable.Range(0, starts.Length).Select(i => (long)i)],
            steps = Known(4, "steps") ?? [.. starts.Select(_ => 1L)];
        return [.. starts.Select((start, i) => new SliceRange(axes[i], start, ends[i], steps[i]))];
    }

    /// <summary>The first place, and the one after the last, in an axis of a size.</summary>
    public (long From, long To) Within(long size) =>
        (Math.Clamp(Start < 0 ? Start + size : Start, 0, size), Math.Clamp(End < 0 ? End + size : End, 0, size));
}
