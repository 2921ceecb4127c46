namespace Microsoft.ML.Recurrent.Foreign;

/// <summary>An axis of a tensor inside a graph: the axis of the input that it comes from, -1 for none, and its size, 0 where that is not known.</summary>
internal readonly record struct TracedAxis(int Source, long Size)
{
    public static readonly TracedAxis None = new(-1, 0);
}
