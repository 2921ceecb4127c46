using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Networks;

namespace Microsoft.ML.Recurrent.Training;

/// <summary>Series to train on in stretches that carry the states of the one before.</summary>
/// <param name="source">The series, of positions at each row.</param>
internal sealed class CarriedStretchSet(SeriesStretches source) : ITrainingSet
{
    private const int UsualLanes = 4, BatchesOfEpoch = 64;

    public int Count => source.Positions;

    public string Unit => "forecasts in stretches that carry their states";

    /// <summary>The usual number of forecasts of a batch.</summary>
    public int UsualBatchSize => UsualLanes * source.Shape.Positions;

    /// <summary>Batches of about <paramref name="size"/> forecasts. An epoch of few stretches has several passes, so that it has about 64 batches.</summary>
    public IBatchSource Batches(int size, int? maximumSteps)
    {
        var lanes = Math.Max(1, size / source.Shape.Positions);
        var batches = Math.Max(1, source.Positions / (lanes * source.Shape.Positions));
        return new CarriedBatches(source, lanes, source.Shape.Window, Math.Max(1, BatchesOfEpoch / batches));
    }
}
