using System.Runtime.CompilerServices;
using Microsoft.ML.Recurrent.Kernels.Simd;

namespace Microsoft.ML.Recurrent.Kernels.Recurrent;

/// <content>The LSTM: c' = f c + i g, h' = o tanh(c').</content>
internal abstract unsafe partial class SimdRecurrentSteps<S, V>
{
    internal static RecurrentSteps Lstm => OneProduct<LstmForward, LstmBackward>.Instance;

    private readonly struct LstmForward : ITile
    {
        [MethodImpl(Hot)]
        public static void Run(in RecurrentPass pass, float* scratch, int step, int row, int rows, int unit, int units, bool first)
        {
            int hidden = pass.Hidden, count = hidden - unit, width = S.Width;
            var slot = (nint)pass.Batch * hidden;
            int from = step + (pass.Reverse ? 1 : 0), to = step + (pass.Reverse ? 0 : 1);
            var bias = pass.Bias + unit;
            V biasI = LoadUpTo(bias, count), biasF = LoadUpTo(bias + hidden, count);
            V biasG = LoadUpTo(bias + (2 * hidden), count), biasO = LoadUpTo(bias + (3 * hidden), count);
            for (var end = row + rows; row < end; row++, scratch += 4 * width)
            {
                nint position = ((nint)step * pass.Batch) + row, state = ((nint)row * hidden) + unit;
                var gates = pass.Gates + (position * pass.GatesRow) + unit;
                var y = pass.Y + (position * pass.YRow) + unit;
                if (!IsActive(pass, step, row))
                {
                    StoreUpTo(pass.Cells + (to * slot) + state, LoadUpTo(pass.Cells + (from * slot) + state, count), count);
                    StoreUpTo(pass.States + (to * slot) + state, LoadUpTo(pass.States + (from * slot) + state, count), count);
                    StoreUpTo(y, S.Zero, count);
                    continue;
                }
                var i = VectorMath<S, V>.Sigmoid(S.Add(S.Add(S.Load(scratch), LoadUpTo(gates, count)), biasI));
                var f = VectorMath<S, V>.Sigmoid(S.Add(S.Add(S.Load(scratch + width), LoadUpTo(gates + hidden, count)), biasF));
                var g = VectorMath<S, V>.Tanh(S.Add(S.Add(S.Load(scratch + (2 * width)), LoadUpTo(gates + (2 * hidden), count)), biasG));
                var o = VectorMath<S, V>.Sigmoid(S.Add(S.Add(S.Load(scratch + (3 * width)), LoadUpTo(gates + (3 * hidden), count)), biasO));
                var c = S.MultiplyAdd(f, LoadUpTo(pass.Cells + (from * slot) + state, count), S.Multiply(i, g));
                var h = S.Multiply(o, VectorMath<S, V>.Tanh(c));
                StoreUpTo(gates, i, count);
                StoreUpTo(gates + hidden, f, count);
                StoreUpTo(gates + (2 * hidden), g, count);
                StoreUpTo(gates + (3 * hidden), o, count);
                StoreUpTo(pass.Cells + (to * slot) + state, c, count);
                StoreUpTo(pass.States + (to * slot) + state, h, count);
                StoreUpTo(y, h, count);
            }
        }
    }

    private readonly struct LstmBackward : ITile
    {
        [MethodImpl(Hot)]
        public static void Run(in RecurrentPass pass, float* scratch, int step, int row, int rows, int firstUnit, int units, bool first)
        {
            int hidden = pass.Hidden, width = S.Width;
            var slot = (nint)pass.Batch * hidden;
            var from = pass.Cells + ((step + (pass.Reverse ? 1 : 0)) * slot);
            var to = pass.Cells + ((step + (pass.Reverse ? 0 : 1)) * slot);
            var carries = first || pass.Lengths != null;
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
                    var dh = S.Load(scratch);
                    if (carries)
                        dh = S.Add(dh, LoadUpTo(pass.CarriedState + state, count));
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
                    if (carries)
                        StoreUpTo(pass.CarriedState + state, S.Zero, count);
                    V i = LoadUpTo(gates, count), f = LoadUpTo(gates + hidden, count);
                    V g = LoadUpTo(gates + (2 * hidden), count), o = LoadUpTo(gates + (3 * hidden), count);
                    var tanh = VectorMath<S, V>.Tanh(LoadUpTo(to + state, count));
                    var dc = S.MultiplyAdd(S.Multiply(dh, o), S.MultiplyAddNegated(tanh, tanh, one), LoadUpTo(pass.CarriedCell + state, count));
                    StoreUpTo(pass.CarriedCell + state, S.Multiply(dc, f), count);
                    StoreUpTo(gates, S.Multiply(S.Multiply(dc, g), S.MultiplyAddNegated(i, i, i)), count);
                    StoreUpTo(gates + hidden, S.Multiply(S.Multiply(dc, LoadUpTo(from + state, count)), S.MultiplyAddNegated(f, f, f)), count);
                    StoreUpTo(gates + (2 * hidden), S.Multiply(S.Multiply(dc, i), S.MultiplyAddNegated(g, g, one)), count);
                    StoreUpTo(gates + (3 * hidden), S.Multiply(S.Multiply(dh, tanh), S.MultiplyAddNegated(o, o, o)), count);
                }
            }
        }
    }
}
