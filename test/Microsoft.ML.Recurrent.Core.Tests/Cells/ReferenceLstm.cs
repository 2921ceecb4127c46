using static Microsoft.ML.Recurrent.Core.Tests.CellMath;

namespace Microsoft.ML.Recurrent.Core.Tests;

/// <summary>
/// Long short-term memory with a forget gate (Hochreiter and Schmidhuber 1997; Gers et al. 2000): i, f, g, o are the four blocks of a = W x + b + U h + b';
/// c' = sigmoid(f) c + sigmoid(i) tanh(g), h' = sigmoid(o) tanh(c').
/// </summary>
internal sealed class ReferenceLstm : ReferenceCell
{
    public override int Gates => 4;

    public override bool HasMemory => true;

    public override void Step<T>(ReadOnlySpan<T> x, Span<T> h, Span<T> c, in CellWeights<T> weights, Span<T> scratch)
    {
        var n = h.Length;
        var a = scratch[..(4 * n)];
        var u = scratch.Slice(4 * n, 4 * n);
        Affine(weights.WeightIh, weights.BiasIh, x, a);
        Affine(weights.WeightHh, weights.BiasHh, h, u);
        for (var j = 0; j < n; j++)
        {
            var i = Sigmoid(a[j] + u[j]);
            var f = Sigmoid(a[n + j] + u[n + j]);
            var g = T.Tanh(a[2 * n + j] + u[2 * n + j]);
            var o = Sigmoid(a[3 * n + j] + u[3 * n + j]);
            c[j] = f * c[j] + i * g;
            h[j] = o * T.Tanh(c[j]);
        }
    }
}
