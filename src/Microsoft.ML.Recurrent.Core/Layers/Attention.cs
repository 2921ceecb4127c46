using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Autograd.Operations;
using Microsoft.ML.Recurrent.Kernels;
using Microsoft.ML.Recurrent.Tensors;

namespace Microsoft.ML.Recurrent.Layers;

/// <summary>
/// The forms of attention of one query [rows, n] per row over the states [time, rows, m] of a sequence, which serve as both keys and values. The result is the
/// context [rows, m].
/// </summary>
internal static class Attention
{
    /// <summary>Scores q . k.</summary>
    public static Tensor Dot(Tape tape, Tensor query, Tensor states, int[]? lengths) => DotAttentionOperation.Apply(tape, query, states, states, lengths);

    /// <summary>Scores (W q) . k with <paramref name="weight"/> [m, n].</summary>
    public static Tensor General(Tape tape, Tensor query, Tensor states, Tensor weight, int[]? lengths) =>
        Dot(tape, LinearOperation.Apply(tape, query, weight), states, lengths);

    /// <summary>Scores v . tanh(W q + U k) with W [units, n], v [1, units] and the projected states U k [time, rows, units], shared by all queries.</summary>
    public static Tensor Additive(Tape tape, Tensor query, Tensor keys, Tensor states, Tensor queryWeight, Tensor score, int[]? lengths)
    {
        var sum = BroadcastAddOperation.Apply(tape, keys, LinearOperation.Apply(tape, query, queryWeight));
        return AttentionPoolOperation.Apply(tape, LinearOperation.Apply(tape, ActivationOperation.Apply(tape, sum, Activation.Tanh), score), states, lengths);
    }
}
