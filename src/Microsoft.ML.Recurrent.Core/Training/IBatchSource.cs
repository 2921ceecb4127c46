using Microsoft.ML.Recurrent.Networks;

namespace Microsoft.ML.Recurrent.Training;

/// <summary>
/// Examples, batch by batch. The order within an epoch depends on the epoch's seed alone, so that a run can be repeated or resumed in its middle.
/// </summary>
internal interface IBatchSource
{
    /// <summary>Examples in one epoch.</summary>
    long Count { get; }

    /// <summary>Batches in one epoch.</summary>
    int Batches { get; }

    /// <summary>Whether batches go on where those before ended, so that states have to be carried from one to the next.</summary>
    bool CarriesState => false;

    /// <summary>Goes to the start of an epoch. A <paramref name="seed"/> shuffles; null keeps the examples' own order (validation).</summary>
    void Begin(ulong? seed);

    /// <summary>Fills the next batch; false when the epoch has ended.</summary>
    bool Next(SequenceBatch batch);

    /// <summary>Leaves the next batches of the epoch out, as a resumed run does. Sources that can do so without reading them should.</summary>
    void Skip(int batches)
    {
        using var batch = new SequenceBatch();
        while (batches-- > 0 && Next(batch))
        {
        }
    }
}
