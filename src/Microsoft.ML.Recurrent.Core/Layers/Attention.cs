using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Autograd.Operations;
using Microsoft.ML.Recurrent.Tensors;

namespace Microsoft.ML.Recurrent.Layers;

/// <summary>
/// The forms of attention of one query [rows, n] per row, or of several, [queries, rows, n], over the states [time, rows, m] of a sequence, which serve as both
/// keys and values. The result is the context, with m features. The weights of the steps, [rows, queries, time], are written where a tensor for them is given.
/// </summary>
internal static class Attention
{
    /// <summary>Scores q . k.</summary>
    public static Tensor Dot(Tape tape, Tensor query, Tensor states, int[]? lengths, Tensor? weights = null) =>
        DotAttentionOperation.Apply(tape, query, states, states, lengths, weights: weights);

    /// <summary>Scores (W q) . k with <paramref name="weight"/> [m, n].</summary>
    public static Tensor General(Tape tape, Tensor query, Tensor states, Tensor weight, int[]? lengths, Tensor? weights = null) =>
        Dot(tape, LinearOperation.Apply(tape, query, weight), states, lengths, weights);

    /// <summary>Scores v . tanh(W q + U k) with W [units, n], v [1, units] and the projected states U k [time, rows, units], shared by all queries.</summary>
    public static Tensor Additive(Tape tape, Tensor query, Tensor keys, Tensor states, Tensor queryWeight, Tensor score, int[]? lengths,
        Tensor? weights = null) =>
        AdditiveAttentionOperation.Apply(tape, LinearOperation.Apply(tape, query, queryWeight), keys, states, score, lengths, weights);
}
