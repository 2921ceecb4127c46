namespace Microsoft.ML.Recurrent.Data;

/// <summary>The time of a row, as a sortable number.</summary>
/// <param name="Ticks">The time: the first of two where a local time comes twice, because the clock goes back.</param>
/// <param name="Second">The second of two; null for one.</param>
internal readonly record struct RowTime(long Ticks, long? Second = null)
{
    /// <summary>The time of a row that follows a row of its series: of two the first that is later, as rows are in order.</summary>
    public long After(long previous) => Second is { } second && Ticks <= previous ? second : Ticks;
}
