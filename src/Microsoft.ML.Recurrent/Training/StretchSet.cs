using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Networks;

namespace Microsoft.ML.Recurrent.Training;

/// <summary>Series to train on in stretches.</summary>
/// <param name="source">The series.</param>
/// <param name="shape">The shape of a stretch.</param>
internal sealed class StretchSet(SeriesStretches source, StretchShape shape) : ITrainingSet
{
    // More and smaller batches: with 16 stretches the validation loss of ETTh1, all columns, was .1563 instead of .1556.
    private const int StretchesOfBatch = 4, LeastBatchSize = 192, BatchesOfEpoch = 64;

    public int Count => source.Positions;

    public string Unit => "forecasts in stretches";

    /// <summary>The usual number of forecasts of a batch.</summary>
    public int UsualBatchSize => Math.Max(StretchesOfBatch * shape.Positions, LeastBatchSize);

    /// <summary>Steps that the layers read in an epoch of batches of about <paramref name="size"/> forecasts.</summary>
    public double StepsOfEpoch(int size) => Batches(size, null).Count / (double)shape.Positions * (shape.WarmUp + (shape.Positions - 1) * shape.Stride);

    /// <summary>Batches of about <paramref name="size"/> forecasts. An epoch of few stretches has several passes, so that it has about 64 batches.</summary>
    public IBatchSource Batches(int size, int? maximumSteps)
    {
        var stretches = Math.Max(1, size / shape.Positions);
        var batches = (StretchBatches.CountOf(source, shape) + stretches - 1) / stretches;
        return new StretchBatches(source, shape, stretches, Math.Max(1, BatchesOfEpoch / Math.Max(1, batches)));
    }
}
