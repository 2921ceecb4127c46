namespace Microsoft.ML.Recurrent.Scoring;

/// <summary>The order in which the rows of a batch run. Its buffers are used again for the next batch.</summary>
/// <param name="capacity">Maximum number of rows.</param>
internal sealed class RowOrder(int capacity)
{
    private readonly int[] _order = new int[capacity];
    private readonly long[] _sortKeys = new long[capacity];

    /// <summary>
    /// The rows of each group of equal shared values in turn; in each group, the rows in order or, on request, sorted by length (ties keep their order, so that
    /// the result does not depend on the sort algorithm). Valid until the next call.
    /// </summary>
    public ReadOnlySpan<int> Arrange(ReadOnlySpan<int> times, bool sorted, SharedInputs? groups = null)
    {
        var order = _order.AsSpan(0, times.Length);
        for (var i = 0; i < order.Length; i++) (order[i], _sortKeys[i]) = (i, ((long)times[i] << 32) | (uint)i);
        if (sorted) _sortKeys.AsSpan(0, order.Length).Sort(order);
        if (groups is not null) groups.Sort(order);
        return order;
    }
}
