using static Microsoft.ML.Recurrent.Core.Tests.CellMath;

namespace Microsoft.ML.Recurrent.Core.Tests;

/// <summary>h' = f(W x + b + U h + b') (Elman 1990).</summary>
internal sealed class ReferenceSimpleRnn(RecurrentActivation activation) : ReferenceCell
{
    public override int Gates => 1;

    public override void Step<T>(ReadOnlySpan<T> x, Span<T> h, Span<T> c, in CellWeights<T> weights, Span<T> scratch)
    {
        var input = scratch[..h.Length];
        var state = scratch.Slice(h.Length, h.Length);
        Affine(weights.WeightIh, weights.BiasIh, x, input);
        Affine(weights.WeightHh, weights.BiasHh, h, state);
        for (var j = 0; j < h.Length; j++) h[j] = Activate(activation, input[j] + state[j]);
    }
}
