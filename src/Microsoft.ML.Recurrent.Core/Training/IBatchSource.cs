using Microsoft.ML.Recurrent.Networks;

namespace Microsoft.ML.Recurrent.Training;

/// <summary>A source of batches. The order within an epoch depends on the seed of the epoch only, so a run can be repeated or resumed.</summary>
internal interface IBatchSource
{
    /// <summary>Examples per epoch.</summary>
    long Count { get; }

    /// <summary>Batches of the epoch that has begun; before the first, about those of any.</summary>
    int Batches { get; }

    /// <summary>Whether batches continue the previous ones, so that states must be carried from one to the next (stateful training).</summary>
    bool CarriesState => false;

    /// <summary>Starts an epoch. A <paramref name="seed"/> shuffles; null does not (validation).</summary>
    void Begin(ulong? seed);

    /// <summary>Fills the next batch; false at the end of the epoch.</summary>
    bool Next(SequenceBatch batch);

    /// <summary>Skips the next batches of the epoch, to resume a run. Override it if the source can skip without reading.</summary>
    void Skip(int batches)
    {
        using var batch = new SequenceBatch();
        while (batches-- > 0 && Next(batch))
        {
        }
    }
}
