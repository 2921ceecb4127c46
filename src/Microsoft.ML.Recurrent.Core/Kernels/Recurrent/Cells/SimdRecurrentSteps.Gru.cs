using System.Runtime.CompilerServices;
using Microsoft.ML.Recurrent.Kernels.Simd;

namespace Microsoft.ML.Recurrent.Kernels.Recurrent;

/// <content>The GRU with the reset gate after the recurrent product: q = R h + d, n = tanh(x + r q), h' = (1 - z) n + z h.</content>
internal abstract unsafe partial class SimdRecurrentSteps<S, V>
{
    internal static RecurrentSteps Gru => OneProduct<GruForward, GruBackward>.Instance;

    private readonly struct GruForward : ITile
    {
        [MethodImpl(Hot)]
        public static void Run(in RecurrentPass pass, float* scratch, int step, int row, int rows, int unit, int units, bool first)
        {
            int hidden = pass.Hidden, count = hidden - unit, width = S.Width;
            float* from = Before(pass, step), to = After(pass, step);
            var bias = pass.Bias + unit;
            V biasN = LoadUpTo(bias, count), biasR = LoadUpTo(bias + hidden, count);
            V biasZ = LoadUpTo(bias + (2 * hidden), count), biasQ = LoadUpTo(bias + (3 * hidden), count);
            for (var end = row + rows; row < end; row++, scratch += 3 * width)
            {
                nint position = ((nint)step * pass.Batch) + row, state = ((nint)row * hidden) + unit;
                var gates = pass.Gates + (position * pass.GatesRow) + unit;
                var y = pass.Y + (position * pass.YRow) + unit;
                var old = LoadUpTo(from + state, count);
                if (!IsActive(pass, step, row))
                {
                    StoreUpTo(to + state, old, count);
                    StoreUpTo(y, S.Zero, count);
                    continue;
                }
                var r = VectorMath<S, V>.Sigmoid(S.Add(S.Add(S.Load(scratch), LoadUpTo(gates + hidden, count)), biasR));
                var z = VectorMath<S, V>.Sigmoid(S.Add(S.Add(S.Load(scratch + width), LoadUpTo(gates + (2 * hidden), count)), biasZ));
                var q = S.Add(S.Load(scratch + (2 * width)), biasQ);
                var n = VectorMath<S, V>.Tanh(S.MultiplyAdd(r, q, S.Add(LoadUpTo(gates, count), biasN)));
                var h = S.MultiplyAdd(z, S.Subtract(old, n), n);
                StoreUpTo(gates, n, count);
                StoreUpTo(gates + hidden, r, count);
                StoreUpTo(gates + (2 * hidden), z, count);
                StoreUpTo(gates + (3 * hidden), q, count);
                StoreUpTo(to + state, h, count);
                StoreUpTo(y, h, count);
            }
        }
    }

    private readonly struct GruBackward : ITile
    {
        [MethodImpl(Hot)]
        public static void Run(in RecurrentPass pass, float* scratch, int step, int row, int rows, int firstUnit, int units, bool first)
        {
            int hidden = pass.Hidden, width = S.Width;
            var from = Before(pass, step);
            var one = S.Create(1f);
            for (var end = row + rows; row < end; row++)
            {
                var position = ((nint)step * pass.Batch) + row;
                var active = IsActive(pass, step, row);
                for (var u = 0; u < units; u += width, scratch += width)
                {
                    int unit = firstUnit + u, count = hidden - unit;
                    var state = ((nint)row * hidden) + unit;
                    var gates = pass.Gates + (position * pass.GatesRow) + unit;
                    var dh = S.Add(S.Load(scratch), LoadUpTo(pass.CarriedState + state, count));
                    if (!active)
                    {
                        StoreUpTo(pass.CarriedState + state, dh, count);
                        StoreUpTo(gates, S.Zero, count);
                        StoreUpTo(gates + hidden, S.Zero, count);
                        StoreUpTo(gates + (2 * hidden), S.Zero, count);
                        StoreUpTo(gates + (3 * hidden), S.Zero, count);
                        continue;
                    }
                    if (pass.Dy != null)
                        dh = S.Add(dh, LoadUpTo(pass.Dy + (position * pass.DyRow) + unit, count));
                    V n = LoadUpTo(gates, count), r = LoadUpTo(gates + hidden, count);
                    V z = LoadUpTo(gates + (2 * hidden), count), q = LoadUpTo(gates + (3 * hidden), count);
                    var kept = S.Multiply(dh, z);
                    var dn = S.Multiply(S.Subtract(dh, kept), S.MultiplyAddNegated(n, n, one));
                    StoreUpTo(pass.CarriedState + state, kept, count);
                    StoreUpTo(gates, dn, count);
                    StoreUpTo(gates + hidden, S.Multiply(S.Multiply(dn, q), S.MultiplyAddNegated(r, r, r)), count);
                    StoreUpTo(gates + (2 * hidden), S.Multiply(S.Multiply(dh, S.Subtract(LoadUpTo(from + state, count), n)), S.MultiplyAddNegated(z, z, z)),
                        count);
                    StoreUpTo(gates + (3 * hidden), S.Multiply(dn, r), count);
                }
            }
        }
    }
}
