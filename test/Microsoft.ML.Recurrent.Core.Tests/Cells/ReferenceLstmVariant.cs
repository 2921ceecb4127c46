using System.Numerics;
using static Microsoft.ML.Recurrent.Core.Tests.CellMath;

namespace Microsoft.ML.Recurrent.Core.Tests;

/// <summary>
/// The LSTM of ONNX's specification with P or input_forget, unit by unit: i = sigmoid(x W_i + h R_i + P_i c + b_i), f likewise or f = 1 - i,
/// g = tanh(x W_c + h R_c + b_c), C = f c + i g, o = sigmoid(x W_o + h R_o + P_o C + b_o), H = o tanh(C).
/// </summary>
internal sealed class ReferenceLstmVariant(bool isCoupled, bool hasPeepholes) : ReferenceCell
{
    public override int Gates => isCoupled ? 3 : 4;

    public override bool HasMemory => true;

    public override int Peepholes => !hasPeepholes ? 0 : isCoupled ? 2 : 3;

    public override void Step<T>(ReadOnlySpan<T> x, Span<T> h, Span<T> c, in CellWeights<T> weights, Span<T> scratch)
    {
        var size = h.Length;
        T[] sums = new T[Gates * size], states = new T[Gates * size];
        Affine(weights.WeightIh, weights.BiasIh, x, sums);
        Affine(weights.WeightHh, weights.BiasHh, h, states);
        for (var j = 0; j < sums.Length; j++) sums[j] += states[j];
        for (var j = 0; j < size; j++) (h[j], c[j]) = Unit(sums, c[j], weights.Peephole, j, size);
    }

    private (T H, T C) Unit<T>(T[] sums, T memory, ReadOnlySpan<T> peephole, int unit, int size)
        where T : IFloatingPointIeee754<T>
    {
        T inputPeephole = T.Zero, outputPeephole = T.Zero, forgetPeephole = T.Zero;
        if (hasPeepholes)
        {
            (inputPeephole, outputPeephole) = (peephole[unit], peephole[size + unit]);
            if (!isCoupled) forgetPeephole = peephole[2 * size + unit];
        }

        var i = Sigmoid(sums[unit] + inputPeephole * memory);
        var f = isCoupled ? T.One - i : Sigmoid(sums[size + unit] + forgetPeephole * memory);
        var g = T.Tanh(sums[(Gates - 2) * size + unit]);
        var fresh = f * memory + i * g;
        return (Sigmoid(sums[(Gates - 1) * size + unit] + outputPeephole * fresh) * T.Tanh(fresh), fresh);
    }
}
