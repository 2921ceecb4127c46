using System.Runtime.CompilerServices;
using Microsoft.ML.Recurrent.Kernels.Simd;

namespace Microsoft.ML.Recurrent.Kernels.Recurrent;

/// <content>The minimal gated unit: q = f h, n = tanh(x + R q), h' = (1 - f) h + f n. The gates' row is n, f, q.</content>
internal abstract unsafe partial class SimdRecurrentSteps<S, V>
{
    internal static RecurrentSteps MinimalGated => TwoProducts<MinimalGates, MinimalState, MinimalStateBackward, MinimalGatesBackward>.Instance;

    private readonly struct MinimalGates : ITile
    {
        [MethodImpl(Hot)]
        public static void Run(in RecurrentPass pass, float* scratch, int step, int row, int rows, int firstUnit, int units, bool first)
        {
            int hidden = pass.Hidden, width = S.Width;
            float* from = Before(pass, step);
            for (int end = row + rows; row < end; row++)
            {
                for (int u = 0; u < units; u += width, scratch += width)
                {
                    int unit = firstUnit + u, count = hidden - unit;
                    float* gates = pass.Gates + ((((nint)step * pass.Batch) + row) * pass.GatesRow) + unit;
                    V f = VectorMath<S, V>.Sigmoid(S.Add(S.Add(S.Load(scratch), LoadUpTo(gates + hidden, count)), LoadUpTo(pass.Bias + hidden + unit, count)));
                    StoreUpTo(gates + hidden, f, count);
                    StoreUpTo(gates + (2 * hidden), S.Multiply(f, LoadUpTo(from + ((nint)row * hidden) + unit, count)), count);
                }
            }
        }
    }

    private readonly struct MinimalState : ITile
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
                        h = y = S.MultiplyAdd(LoadUpTo(gates + hidden, count), S.Subtract(n, h), h);
                        StoreUpTo(gates, n, count);
                    }
                    StoreUpTo(to + state + unit, h, count);
                    StoreUpTo(pass.Y + (position * pass.YRow) + unit, y, count);
                }
            }
        }
    }

    // The gradient of n. f's place keeps f until the second product is known; q's place holds what the update gives to the gradient of f.
    private readonly struct MinimalStateBackward : ITile
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
                        continue;
                    }
                    if (pass.Dy != null)
                        dh = S.Add(dh, LoadUpTo(pass.Dy + (position * pass.DyRow) + unit, count));
                    V n = LoadUpTo(gates, count), taken = S.Multiply(dh, LoadUpTo(gates + hidden, count));
                    StoreUpTo(pass.CarriedState + state + unit, S.Subtract(dh, taken), count);
                    StoreUpTo(gates, S.Multiply(taken, S.MultiplyAddNegated(n, n, one)), count);
                    StoreUpTo(gates + (2 * hidden), S.Multiply(dh, S.Subtract(n, LoadUpTo(from + state + unit, count))), count);
                }
            }
        }
    }

    private readonly struct MinimalGatesBackward : ITile
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
                    V dq = S.Load(scratch + u), f = LoadUpTo(gates + hidden, count), old = LoadUpTo(from + state + unit, count);
                    V df = S.MultiplyAdd(dq, old, LoadUpTo(gates + (2 * hidden), count));
                    StoreUpTo(pass.CarriedState + state + unit, S.MultiplyAdd(dq, f, LoadUpTo(pass.CarriedState + state + unit, count)), count);
                    StoreUpTo(gates + hidden, S.Multiply(df, S.MultiplyAddNegated(f, f, f)), count);
                    StoreUpTo(gates + (2 * hidden), S.Multiply(f, old), count);
                }
            }
        }
    }
}
