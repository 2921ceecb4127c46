using static Microsoft.ML.Recurrent.Core.Tests.CellMath;

namespace Microsoft.ML.Recurrent.Core.Tests;

/// <summary>
/// Gated recurrent unit (Cho et al. 2014): r = sigmoid(W_r x + U_r h), z = sigmoid(W_z x + U_z h), h' = (1 - z) n + z h, biases left out. With the reset gate
/// after the recurrent product (cuDNN's form) n = tanh(W_n x + r (U_n h + b'_n)), before it n = tanh(W_n x + U_n (r h) + b'_n).
/// </summary>
internal sealed class ReferenceGru(bool resetAfter) : ReferenceCell
{
    public override int Gates => 3;

    public override void Step<T>(ReadOnlySpan<T> x, Span<T> h, Span<T> c, in CellWeights<T> weights, Span<T> scratch)
    {
        var size = h.Length;
        var a = scratch[..(3 * size)];
        var u = scratch.Slice(3 * size, 3 * size);
        Affine(weights.WeightIh, weights.BiasIh, x, a);
        Affine(weights.WeightHh, weights.BiasHh, h, u);
        var r = a[..size];
        var z = a.Slice(size, size);
        var n = a[(2 * size)..];
        for (var j = 0; j < size; j++)
        {
            r[j] = Sigmoid(r[j] + u[j]);
            z[j] = Sigmoid(z[j] + u[size + j]);
        }

        var candidate = u[(2 * size)..];
        if (!resetAfter)
        {
            var reset = u[..size];
            for (var j = 0; j < size; j++) reset[j] = r[j] * h[j];
            Affine(weights.WeightHh[(2 * size * size)..], weights.BiasHh.IsEmpty ? default : weights.BiasHh[(2 * size)..], reset, candidate);
        }

        for (var j = 0; j < size; j++)
        {
            n[j] = T.Tanh(n[j] + (resetAfter ? r[j] * candidate[j] : candidate[j]));
            h[j] = (T.One - z[j]) * n[j] + z[j] * h[j];
        }
    }
}
