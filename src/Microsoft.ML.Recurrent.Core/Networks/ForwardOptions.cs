using Microsoft.ML.Recurrent.Layers;
using Microsoft.ML.Recurrent.Tensors;

namespace Microsoft.ML.Recurrent.Networks;

/// <summary>Options of a forward pass.</summary>
/// <param name="State">The states carried between batches whose rows continue the previous ones (<see cref="SequenceBatch.ContinuesState"/>); null for
/// none.</param>
/// <param name="StatesOnly">Whether to skip the head's linear layer and output its input (<see cref="Head.LearnsFromStates"/>,
/// <see cref="Head.EvaluatesFromStates"/>).</param>
internal readonly record struct ForwardOptions(NetworkState? State = null, bool StatesOnly = false)
{
    /// <summary>In training, the probability of teacher forcing; null for 1.</summary>
    public float? TeacherForcing { get; init; }

    /// <summary>
    /// What the layers read instead of the batch's own numbers or token vectors (<see cref="Network.Embed"/>); null for those. The outputs are
    /// then those of the layers alone, without those of <see cref="Network.Ngrams"/>.
    /// </summary>
    public Tensor? Inputs { get; init; }

    /// <summary>Whether the outputs of a path over n-grams stay apart from those of the layers (<see cref="NetworkOutput.Ngrams"/>), as in training.</summary>
    public bool KeepsNgramsApart { get; init; }

    /// <summary>
    /// Whether an autoencoder decodes a draw from the distribution of its latent variables, as in training, instead of their means. Without training, the draw
    /// depends on the place of the batch in its pass alone.
    /// </summary>
    public bool DrawsLatent { get; init; }

    /// <summary>Options of backpropagation through time.</summary>
    public BpttOptions Bptt { get; init; }
}
