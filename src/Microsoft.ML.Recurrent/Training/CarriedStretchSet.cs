using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Networks;

namespace Microsoft.ML.Recurrent.Training;

/// <summary>Series to train on in stretches that carry the states of the one before.</summary>
/// <param name="source">The series, of positions at each row.</param>
/// <param name="whole">The positions of the whole set, of which the series are a part; null if they are all.</param>
internal sealed class CarriedStretchSet(SeriesStretches source, int? whole = null) : ITrainingSet
{
    private const string Forecasts = "forecasts in stretches that carry their states";

    private const int UsualLanes = 4, BatchesOfEpoch = 64;

    public int Count => source.Positions;

    public string Unit => Forecasts;

    public int? UsualBatchSize => UsualLanes * source.Shape.Positions;

    /// <summary>Series that are streamed, some at a time: whole ones, so that each part begins at zero states.</summary>
    /// <param name="read">Reads the parts from the start.</param>
    /// <param name="shape">The shape of a stretch.</param>
    /// <param name="positions">The positions of each part.</param>
    public static StreamedSet Stream(Func<IEnumerable<CarriedStretchSet>> read, StretchShape shape, IReadOnlyList<int> positions) => new(read, positions)
    {
        Unit = Forecasts,
        UsualBatchSize = UsualLanes * shape.Positions,
        CarriesState = true,
        BatchesOf = size => Passes(positions.Sum(), size, shape) * positions.Sum(count => BatchesOf(count, size, shape)),
    };

    /// <summary>Batches of about <paramref name="size"/> forecasts. An epoch of few stretches has several passes, so that it has about 64 batches.</summary>
    public IBatchSource Batches(int size, int? maximumSteps) =>
        new CarriedBatches(source, Lanes(size, source.Shape), source.Shape.Window, Passes(whole ?? source.Positions, size, source.Shape));

    private static int Passes(int positions, int size, StretchShape shape) => Math.Max(1, BatchesOfEpoch / BatchesOf(positions, size, shape));

    private static int BatchesOf(int positions, int size, StretchShape shape) => Math.Max(1, positions / (Lanes(size, shape) * shape.Positions));

    private static int Lanes(int size, StretchShape shape) => Math.Max(1, size / shape.Positions);
}
