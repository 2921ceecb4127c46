using Microsoft.ML.Recurrent.Autograd;

namespace Microsoft.ML.Recurrent.Networks;

/// <summary>A validation metric other than the loss, for one pass over a validation set. Rows are weighted.</summary>
internal abstract class Metric
{
    /// <summary>Adds the predictions of a batch.</summary>
    public abstract void Add(Tape tape, Head head, in NetworkOutput output, SequenceBatch batch);

    /// <summary>The metric over all batches so far.</summary>
    public abstract double Value();

    protected static double WeightOf(SequenceBatch batch, int row) => batch.Weights is null ? 1 : batch.Weights[row];
}
