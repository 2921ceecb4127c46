using System.Runtime.CompilerServices;
using Microsoft.ML.Recurrent.Kernels.Simd;

namespace Microsoft.ML.Recurrent.Kernels.Recurrent;

/// <content>
/// The GRU with the reset gate before the recurrent product: q = r h, n = tanh(x + R q), h' = (1 - z) n + z h. The product of n needs the reset gates of all
/// units, so a step has two products. The code after the first product also serves the minimal gated unit, whose gate f is both r and 1 - z.
/// </content>
internal abstract unsafe partial class SimdRecurrentSteps<S, V>
{
    internal static RecurrentSteps GruResetBefore => ResetBefore<GruGates, ResetAndUpdate>();

    private static RecurrentSteps ResetBefore<TGates, TForm>()
        where TGates : struct, ITile
        where TForm : struct, IGateForm =>
        TwoProducts<TGates, ResetBeforeState<TForm>, ResetBeforeStateBackward<TForm>, ResetBeforeGatesBackward<TForm>>.Instance;

    /// <summary>The form of the gates, as a type parameter of the tiles.</summary>
    private interface IGateForm
    {
        /// <summary>Whether one gate serves both reset and update.</summary>
        static abstract bool IsTied { get; }
    }

    private readonly struct ResetAndUpdate : IGateForm
    {
        public static bool IsTied => false;
    }

    private readonly struct GruGates : ITile
    {
        [MethodImpl(Hot)]
        public static void Run(in RecurrentPass pass, float* scratch, int step, int row, int rows, int unit, int units, bool first)
        {
            int hidden = pass.Hidden, count = hidden - unit, width = S.Width;
            var from = Before(pass, step) + unit;
            for (var end = row + rows; row < end; row++, scratch += 2 * width)
            {
                var gates = pass.Gates + ((((nint)step * pass.Batch) + row) * pass.GatesRow) + unit;
                var r = S.Add(S.Add(S.Load(scratch), LoadUpTo(gates + hidden, count)), LoadUpTo(pass.Bias + hidden + unit, count));
                var z = S.Add(S.Add(S.Load(scratch + width), LoadUpTo(gates + (2 * hidden), count)), LoadUpTo(pass.Bias + (2 * hidden) + unit, count));
                r = VectorMath<S, V>.Sigmoid(r);
                StoreUpTo(gates + hidden, r, count);
                StoreUpTo(gates + (2 * hidden), VectorMath<S, V>.Sigmoid(z), count);
                StoreUpTo(gates + (3 * hidden), S.Multiply(r, LoadUpTo(from + ((nint)row * hidden), count)), count);
            }
        }
    }

    private readonly struct ResetBeforeState<TForm> : ITile
        where TForm : struct, IGateForm
    {
        [MethodImpl(Hot)]
        public static void Run(in RecurrentPass pass, float* scratch, int step, int row, int rows, int firstUnit, int units, bool first)
        {
            int hidden = pass.Hidden, width = S.Width, update = TForm.IsTied ? hidden : 2 * hidden;
            float* from = Before(pass, step), to = After(pass, step);
            for (var end = row + rows; row < end; row++)
            {
                nint position = ((nint)step * pass.Batch) + row, state = (nint)row * hidden;
                var active = IsActive(pass, step, row);
                for (var u = 0; u < units; u += width, scratch += width)
                {
                    int unit = firstUnit + u, count = hidden - unit;
                    var gates = pass.Gates + (position * pass.GatesRow) + unit;
                    V h = LoadUpTo(from + state + unit, count), y = S.Zero;
                    if (active)
                    {
                        var n = VectorMath<S, V>.Tanh(S.Add(S.Add(S.Load(scratch), LoadUpTo(gates, count)), LoadUpTo(pass.Bias + unit, count)));
                        var gate = LoadUpTo(gates + update, count);
                        h = y = TForm.IsTied ? S.MultiplyAdd(gate, S.Subtract(n, h), h) : S.MultiplyAdd(gate, S.Subtract(h, n), n);
                        StoreUpTo(gates, n, count);
                    }
                    StoreUpTo(to + state + unit, h, count);
                    StoreUpTo(pass.Y + (position * pass.YRow) + unit, y, count);
                }
            }
        }
    }

    // The gradients of n and z; r stays in its block until the second product is known. So does a tied gate; the update's part of its gradient waits in the
    // block of q.
    private readonly struct ResetBeforeStateBackward<TForm> : ITile
        where TForm : struct, IGateForm
    {
        [MethodImpl(Hot)]
        public static void Run(in RecurrentPass pass, float* scratch, int step, int row, int rows, int firstUnit, int units, bool first)
        {
            int hidden = pass.Hidden, width = S.Width, update = TForm.IsTied ? hidden : 2 * hidden;
            var from = Before(pass, step);
            var one = S.Create(1f);
            for (var end = row + rows; row < end; row++)
            {
                nint position = ((nint)step * pass.Batch) + row, state = (nint)row * hidden;
                var active = IsActive(pass, step, row);
                for (var u = 0; u < units; u += width, scratch += width)
                {
                    int unit = firstUnit + u, count = hidden - unit;
                    var gates = pass.Gates + (position * pass.GatesRow) + unit;
                    var dh = S.Add(S.Load(scratch), LoadUpTo(pass.CarriedState + state + unit, count));
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
                    V n = LoadUpTo(gates, count), gate = LoadUpTo(gates + update, count), old = LoadUpTo(from + state + unit, count);
                    V gated = S.Multiply(dh, gate), rest = S.Subtract(dh, gated);
                    StoreUpTo(pass.CarriedState + state + unit, TForm.IsTied ? rest : gated, count);
                    StoreUpTo(gates, S.Multiply(TForm.IsTied ? gated : rest, S.MultiplyAddNegated(n, n, one)), count);
                    var slope = TForm.IsTied
                        ? S.Multiply(dh, S.Subtract(n, old))
                        : S.Multiply(S.Multiply(dh, S.Subtract(old, n)), S.MultiplyAddNegated(gate, gate, gate));
                    StoreUpTo(gates + (2 * hidden), slope, count);
                }
            }
        }
    }

    private readonly struct ResetBeforeGatesBackward<TForm> : ITile
        where TForm : struct, IGateForm
    {
        [MethodImpl(Hot)]
        public static void Run(in RecurrentPass pass, float* scratch, int step, int row, int rows, int firstUnit, int units, bool first)
        {
            int hidden = pass.Hidden, width = S.Width, stride = Blocks(units) * width;
            var from = Before(pass, step);
            for (var end = row + rows; row < end; row++, scratch += stride)
            {
                if (!IsActive(pass, step, row))
                    continue;
                var state = (nint)row * hidden;
                for (var u = 0; u < units; u += width)
                {
                    int unit = firstUnit + u, count = hidden - unit;
                    var gates = pass.Gates + ((((nint)step * pass.Batch) + row) * pass.GatesRow) + unit;
                    V dq = S.Load(scratch + u), r = LoadUpTo(gates + hidden, count), old = LoadUpTo(from + state + unit, count);
                    StoreUpTo(pass.CarriedState + state + unit, S.MultiplyAdd(dq, r, LoadUpTo(pass.CarriedState + state + unit, count)), count);
                    var slope = S.Multiply(dq, old);
                    if (TForm.IsTied)
                    {
                        slope = S.Add(slope, LoadUpTo(gates + (2 * hidden), count));
                        StoreUpTo(gates + (2 * hidden), S.Multiply(r, old), count);
                    }
                    StoreUpTo(gates + hidden, S.Multiply(slope, S.MultiplyAddNegated(r, r, r)), count);
                }
            }
        }
    }
}
