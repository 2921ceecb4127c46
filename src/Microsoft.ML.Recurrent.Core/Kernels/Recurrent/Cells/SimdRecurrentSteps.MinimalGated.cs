using System.Runtime.CompilerServices;
using Microsoft.ML.Recurrent.Kernels.Simd;

namespace Microsoft.ML.Recurrent.Kernels.Recurrent;

/// <content>The minimal gated unit: q = f h, n = tanh(x + R q), h' = (1 - f) h + f n. The row of gates is n, f, q.</content>
internal abstract unsafe partial class SimdRecurrentSteps<S, V>
{
    internal static RecurrentSteps MinimalGated => ResetBefore<MinimalGates, OneGate>();

    private readonly struct OneGate : IGateForm
    {
        public static bool IsTied => true;
    }

    private readonly struct MinimalGates : ITile
    {
        [MethodImpl(Hot)]
        public static void Run(in RecurrentPass pass, float* scratch, int step, int row, int rows, int firstUnit, int units, bool first)
        {
            int hidden = pass.Hidden, width = S.Width;
            var from = Before(pass, step);
            for (var end = row + rows; row < end; row++)
            {
                for (var u = 0; u < units; u += width, scratch += width)
                {
                    int unit = firstUnit + u, count = hidden - unit;
                    var gates = pass.Gates + ((((nint)step * pass.Batch) + row) * pass.GatesRow) + unit;
                    var f = VectorMath<S, V>.Sigmoid(S.Add(S.Add(S.Load(scratch), LoadUpTo(gates + hidden, count)),
                        LoadUpTo(pass.Bias + hidden + unit, count)));
                    StoreUpTo(gates + hidden, f, count);
                    StoreUpTo(gates + (2 * hidden), S.Multiply(f, LoadUpTo(from + ((nint)row * hidden) + unit, count)), count);
                }
            }
        }
    }
}
