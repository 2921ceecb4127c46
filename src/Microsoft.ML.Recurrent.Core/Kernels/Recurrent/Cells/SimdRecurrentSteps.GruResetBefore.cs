using System.Runtime.CompilerServices;
using Microsoft.ML.Recurrent.Kernels.Simd;

namespace Microsoft.ML.Recurrent.Kernels.Recurrent;

/// <content>
/// The GRU whose reset gate is applied before the recurrent product: q = r h, n = tanh(x + R q), h' = (1 - z) n + z h. The product of n needs the reset gates of
/// all units, so a step has two products.
/// </content>
internal abstract unsafe partial class SimdRecurrentSteps<S, V>
{
    internal static RecurrentSteps GruResetBefore => TwoProducts<ResetBeforeGates, ResetBeforeState, ResetBeforeStateBackward, ResetBeforeGatesBackward>.Instance;

    private readonly struct ResetBeforeGates : ITile
    {
        [MethodImpl(Hot)]
        public static void Run(in RecurrentPass pass, float* scratch, int step, int row, int rows, int unit, int units, bool first)
        {
            int hidden = pass.Hidden, count = hidden - unit, width = S.Width;
            float* from = Before(pass, step) + unit;
            for (int end = row + rows; row < end; row++, scratch += 2 * width)
            {
                float* gates = pass.Gates + ((((nint)step * pass.Batch) + row) * pass.GatesRow) + unit;
                V r = S.Add(S.Add(S.Load(scratch), LoadUpTo(gates + hidden, count)), LoadUpTo(pass.Bias + hidden + unit, count));
                V z = S.Add(S.Add(S.Load(scratch + width), LoadUpTo(gates + (2 * hidden), count)), LoadUpTo(pass.Bias + (2 * hidden) + unit, count));
                r = VectorMath<S, V>.Sigmoid(r);
                StoreUpTo(gates + hidden, r, count);
                StoreUpTo(gates + (2 * hidden), VectorMath<S, V>.Sigmoid(z), count);
                StoreUpTo(gates + (3 * hidden), S.Multiply(r, LoadUpTo(from + ((nint)row * hidden), count)), count);
            }
        }
    }

    private readonly struct ResetBeforeState : ITile
    {
        [MethodImpl(Hot)]
        public static void Run(in RecurrentPass pass, float* scratch, int step, int row, int rows, int firstUnit, int units, bool first)
        {
            int hidden = pass.Hidden, width = S.Width;
            float* from = Before(pass, step), to = After(pass, step);
            for (int end = row + rows; row < end; row++)
            {
                nint position = ((nint)step * pass.Batch) + row, state = (nint)row * hidden;
                bool active = IsActive(pass, step, row);
                for (int u = 0; u < units; u += width, scratch += width)
                {
                    int unit = firstUnit + u, count = hidden - unit;
                    float* gates = pass.Gates + (position * pass.GatesRow) + unit;
                    V h = LoadUpTo(from + state + unit, count), y = S.Zero;
                    if (active)
                    {
                        V n = VectorMath<S, V>.Tanh(S.Add(S.Add(S.Load(scratch), LoadUpTo(gates, count)), LoadUpTo(pass.Bias + unit, count)));
                        h = y = S.MultiplyAdd(LoadUpTo(gates + (2 * hidden), count), S.Subtract(h, n), n);
                        StoreUpTo(gates, n, count);
                    }
                    StoreUpTo(to + state + unit, h, count);
                    StoreUpTo(pass.Y + (position * pass.YRow) + unit, y, count);
                }
            }
        }
    }

    // The gradients of n and z; r's place keeps r until the second product is known.
    private readonly struct ResetBeforeStateBackward : ITile
    {
        [MethodImpl(Hot)]
        public static void Run(in RecurrentPass pass, float* scratch, int step, int row, int rows, int firstUnit, int units, bool first)
        {
            int hidden = pass.Hidden, width = S.Width;
            float* from = Before(pass, step);
            V one = S.Create(1f);
            for (int end = row + rows; row < end; row++)
            {
                nint position = ((nint)step * pass.Batch) + row, state = (nint)row * hidden;
                bool active = IsActive(pass, step, row);
                for (int u = 0; u < units; u += width, scratch += width)
                {
                    int unit = firstUnit + u, count = hidden - unit;
                    float* gates = pass.Gates + (position * pass.GatesRow) + unit;
                    V dh = S.Add(S.Load(scratch), LoadUpTo(pass.CarriedState + state + unit, count));
                    if (!active)
                    {
                        StoreUpTo(pass.CarriedState + state + unit, dh, count);
                        StoreUpTo(gates, S.Zero, count);
                        StoreUpTo(gates + hidden, S.Zero, count);
                        StoreUpTo(gates + (2 * hidden), S.Zero, count);
                        continue;
                    }
                    if (pass.Dy != null)
                        dh = S.Add(dh, LoadUpTo(pass.Dy + (position * pass.DyRow) + unit, count));
                    V n = LoadUpTo(gates, count), z = LoadUpTo(gates + (2 * hidden), count), kept = S.Multiply(dh, z);
                    StoreUpTo(pass.CarriedState + state + unit, kept, count);
                    StoreUpTo(gates, S.Multiply(S.Subtract(dh, kept), S.MultiplyAddNegated(n, n, one)), count);
                    V dz = S.Multiply(S.Multiply(dh, S.Subtract(LoadUpTo(from + state + unit, count), n)), S.MultiplyAddNegated(z, z, z));
                    StoreUpTo(gates + (2 * hidden), dz, count);
                }
            }
        }
    }

    private readonly struct ResetBeforeGatesBackward : ITile
    {
        [MethodImpl(Hot)]
        public static void Run(in RecurrentPass pass, float* scratch, int step, int row, int rows, int firstUnit, int units, bool first)
        {
            int hidden = pass.Hidden, width = S.Width, stride = Blocks(units) * width;
            float* from = Before(pass, step);
            for (int end = row + rows; row < end; row++, scratch += stride)
            {
                if (!IsActive(pass, step, row))
                    continue;
                nint state = (nint)row * hidden;
                for (int u = 0; u < units; u += width)
                {
                    int unit = firstUnit + u, count = hidden - unit;
                    float* gates = pass.Gates + ((((nint)step * pass.Batch) + row) * pass.GatesRow) + unit;
                    V dq = S.Load(scratch + u), r = LoadUpTo(gates + hidden, count), old = LoadUpTo(from + state + unit, count);
                    StoreUpTo(pass.CarriedState + state + unit, S.MultiplyAdd(dq, r, LoadUpTo(pass.CarriedState + state + unit, count)), count);
                    StoreUpTo(gates + hidden, S.Multiply(S.Multiply(dq, old), S.MultiplyAddNegated(r, r, r)), count);
                }
            }
        }
    }
}
