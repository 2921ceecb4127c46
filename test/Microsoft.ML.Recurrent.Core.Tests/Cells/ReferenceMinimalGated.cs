using static Microsoft.ML.Recurrent.Core.Tests.CellMath;

namespace Microsoft.ML.Recurrent.Core.Tests;

/// <summary>
/// Minimal gated unit (Zhou et al. 2016), equations 7 to 9: f = sigmoid(W_f x + U_f h), n = tanh(W_n x + U_n (f h)), h' = (1 - f) h + f n, biases left out.
/// </summary>
internal sealed class ReferenceMinimalGated : ReferenceCell
{
    public override int Gates => 2;

    public override void Step<T>(ReadOnlySpan<T> x, Span<T> h, Span<T> c, in CellWeights<T> weights, Span<T> scratch)
    {
        var size = h.Length;
        var (f, n) = (new T[size], new T[size]);
        var (inputs, states) = (size * x.Length, size * size);
        Affine(weights.WeightIh[..inputs], First(weights.BiasIh), x, f);
        Affine(weights.WeightHh[..states], First(weights.BiasHh), h, n);
        for (var j = 0; j < size; j++) f[j] = Sigmoid(f[j] + n[j]);
        var (forgotten, candidate) = (new T[size], new T[size]);
        for (var j = 0; j < size; j++) forgotten[j] = f[j] * h[j];
        Affine(weights.WeightIh[inputs..], Second(weights.BiasIh), x, n);
        Affine(weights.WeightHh[states..], Second(weights.BiasHh), forgotten, candidate);
        for (var j = 0; j < size; j++) h[j] = (T.One - f[j]) * h[j] + f[j] * T.Tanh(n[j] + candidate[j]);

        ReadOnlySpan<T> First(ReadOnlySpan<T> bias) => bias.IsEmpty ? bias : bias[..size];

        ReadOnlySpan<T> Second(ReadOnlySpan<T> bias) => bias.IsEmpty ? bias : bias[size..];
    }
}
