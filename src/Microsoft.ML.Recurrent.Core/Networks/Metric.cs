using Microsoft.ML.Recurrent.Autograd;

namespace Microsoft.ML.Recurrent.Networks;

/// <summary>One pass over a validation set, judged otherwise than by the loss. Rows count by their weights.</summary>
internal abstract class Metric
{
    /// <summary>Takes a batch in, by the head's answers.</summary>
    public abstract void Add(Tape tape, Head head, in NetworkOutput output, SequenceBatch batch);

    /// <summary>The figure over all batches so far.</summary>
    public abstract double Value();

    protected static double WeightOf(SequenceBatch batch, int row) => batch.Weights is null ? 1 : batch.Weights[row];
}
