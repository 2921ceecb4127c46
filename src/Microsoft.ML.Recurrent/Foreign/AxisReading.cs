namespace Microsoft.ML.Recurrent.Foreign;

/// <summary>
/// A reading of the axes of an input: the axis of the rows, -1 for none, and the axis of the steps, -1 for none; the sizes of all axes, 0 for the rows and for
/// steps that vary; and the other axes in the order of the column.
/// </summary>
internal sealed record AxisReading(int Batch, int Time, long[] Sizes, int[] Order)
{
    /// <summary>The fixed number of rows of a run; null if it is free.</summary>
    public int? FixedBatch { get; init; }

    /// <summary>Whether the number of steps varies from row to row.</summary>
    public bool Varies => Time >= 0 && Sizes[Time] == 0;

    /// <summary>The sizes of the axes of a row, in the order of the column.</summary>
    public IEnumerable<long> RowSizes => Order.Select(axis => Sizes[axis]);

    /// <summary>The sizes of a tensor of so many rows and steps.</summary>
    public long[] Shape(int rows, int steps) => [.. Sizes.Select((size, axis) => axis == Batch ? rows : axis == Time && size == 0 ? steps : size)];

    /// <summary>Whether another reading puts the numbers of a row at the same places of the tensor.</summary>
    public bool IsLike(AxisReading other) => Varies == other.Varies && FixedBatch == 1 && other.FixedBatch == 1 && (!Varies || Time == other.Time);
}
