using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Networks;

namespace Microsoft.ML.Recurrent.Training;

/// <summary>Series to train on in stretches.</summary>
/// <param name="source">The series.</param>
/// <param name="shape">The shape of a stretch.</param>
/// <param name="whole">The number of stretches of the whole set, of which the series are a part; null if they are all.</param>
internal sealed class StretchSet(SeriesStretches source, StretchShape shape, int? whole = null) : ITrainingSet
{
    private const string Forecasts = "forecasts in stretches";

    // More and smaller batches: with 16 stretches the validation loss of ETTh1, all columns, was .1563 instead of .1556.
    private const int StretchesOfBatch = 4, LeastBatchSize = 64, BatchesOfEpoch = 64;

    public int Count => source.Positions;

    public string Unit => Forecasts;

    /// <summary>The number of stretches.</summary>
    public int Stretches => StretchBatches.CountOf(source, shape);

    public int? UsualBatchSize => UsualBatchSizeOf(shape);

    /// <summary>Stretches that are streamed, some series at a time.</summary>
    /// <param name="read">Reads the parts from the start.</param>
    /// <param name="shape">The shape of a stretch.</param>
    /// <param name="parts">The positions and stretches of each part.</param>
    public static StreamedSet Stream(Func<IEnumerable<StretchSet>> read, StretchShape shape, IReadOnlyList<(int Positions, int Stretches)> parts)
    {
        var whole = parts.Sum(part => part.Stretches);
        return new(read, [.. parts.Select(part => part.Positions)])
        {
            Unit = Forecasts,
            UsualBatchSize = UsualBatchSizeOf(shape),
            BatchesOf = size => Passes(whole, size, shape) * parts.Sum(part => BatchesOf(part.Stretches, size, shape)),
        };
    }

    /// <summary>Batches of about <paramref name="size"/> forecasts. An epoch of few stretches has several passes, so that it has about 64 batches.</summary>
    public IBatchSource Batches(int size, int? maximumSteps) =>
        new StretchBatches(source, shape, InBatch(size, shape), Passes(whole ?? Stretches, size, shape));

    private static int UsualBatchSizeOf(StretchShape shape) => Math.Max(StretchesOfBatch * shape.Positions, LeastBatchSize);

    private static int Passes(int stretches, int size, StretchShape shape) => Math.Max(1, BatchesOfEpoch / Math.Max(1, BatchesOf(stretches, size, shape)));

    private static int BatchesOf(int stretches, int size, StretchShape shape) => (stretches + InBatch(size, shape) - 1) / InBatch(size, shape);

    private static int InBatch(int size, StretchShape shape) => Math.Max(1, size / shape.Positions);
}
