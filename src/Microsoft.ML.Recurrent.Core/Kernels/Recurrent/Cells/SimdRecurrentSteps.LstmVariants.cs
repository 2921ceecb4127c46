using System.Runtime.CompilerServices;
using Microsoft.ML.Recurrent.Kernels.Simd;

namespace Microsoft.ML.Recurrent.Kernels.Recurrent;

/// <content>
/// The LSTM with peephole connections, with coupled gates (c' = i g + (1 - i) c), or with both. The plain LSTM has code of its own, which they do not slow
/// down.
/// </content>
internal abstract unsafe partial class SimdRecurrentSteps<S, V>
{
    internal static RecurrentSteps PeepholeLstm => OneProduct<LstmVariantForward<WithPeepholes>, LstmVariantBackward<WithPeepholes>>.Instance;

    internal static RecurrentSteps CoupledLstm => OneProduct<LstmVariantForward<WithCoupledGates>, LstmVariantBackward<WithCoupledGates>>.Instance;

    internal static RecurrentSteps CoupledPeepholeLstm => OneProduct<LstmVariantForward<WithBoth>, LstmVariantBackward<WithBoth>>.Instance;

    /// <summary>The form of an LSTM; a type parameter, so that each form is compiled separately.</summary>
    internal interface ILstmForm
    {
        static abstract bool HasPeepholes { get; }

        /// <summary>Whether there is no forget gate: its block is missing.</summary>
        static abstract bool IsCoupled { get; }
    }

    private readonly struct WithPeepholes : ILstmForm
    {
        public static bool HasPeepholes => true;
        public static bool IsCoupled => false;
    }

    private readonly struct WithCoupledGates : ILstmForm
    {
        public static bool HasPeepholes => false;
        public static bool IsCoupled => true;
    }

    private readonly struct WithBoth : ILstmForm
    {
        public static bool HasPeepholes => true;
        public static bool IsCoupled => true;
    }

    private readonly struct LstmVariantForward<TForm> : ITile
        where TForm : struct, ILstmForm
    {
        [MethodImpl(Hot)]
        public static void Run(in RecurrentPass pass, float* scratch, int step, int row, int rows, int unit, int units, bool first)
        {
            int hidden = pass.Hidden, count = hidden - unit, width = S.Width, candidate = TForm.IsCoupled ? 1 : 2;
            var slot = (nint)pass.Batch * hidden;
            int from = step + (pass.Reverse ? 1 : 0), to = step + (pass.Reverse ? 0 : 1);
            var bias = pass.Bias + unit;
            V biasI = LoadUpTo(bias, count), biasG = LoadUpTo(bias + (candidate * hidden), count), biasO = LoadUpTo(bias + ((candidate + 1) * hidden), count);
            var biasF = TForm.IsCoupled ? S.Zero : LoadUpTo(bias + hidden, count);
            V peepholeI = S.Zero, peepholeF = S.Zero, peepholeO = S.Zero;
            if (TForm.HasPeepholes)
            {
                peepholeI = LoadUpTo(pass.Peephole + unit, count);
                peepholeO = LoadUpTo(pass.Peephole + hidden + unit, count);
                if (!TForm.IsCoupled)
                    peepholeF = LoadUpTo(pass.Peephole + (2 * hidden) + unit, count);
            }
            for (var end = row + rows; row < end; row++, scratch += (candidate + 2) * width)
            {
                nint position = ((nint)step * pass.Batch) + row, state = ((nint)row * hidden) + unit;
                var gates = pass.Gates + (position * pass.GatesRow) + unit;
                var y = pass.Y + (position * pass.YRow) + unit;
                var old = LoadUpTo(pass.Cells + (from * slot) + state, count);
                if (!IsActive(pass, step, row))
                {
                    StoreUpTo(pass.Cells + (to * slot) + state, old, count);
                    StoreUpTo(pass.States + (to * slot) + state, LoadUpTo(pass.States + (from * slot) + state, count), count);
                    StoreUpTo(y, S.Zero, count);
                    continue;
                }
                var i = S.Add(S.Add(S.Load(scratch), LoadUpTo(gates, count)), biasI);
                if (TForm.HasPeepholes)
                    i = S.MultiplyAdd(peepholeI, old, i);
                i = VectorMath<S, V>.Sigmoid(i);
                var g = VectorMath<S, V>.Tanh(
                    S.Add(S.Add(S.Load(scratch + (candidate * width)), LoadUpTo(gates + (candidate * hidden), count)), biasG));
                V c;
                if (TForm.IsCoupled)
                    c = S.MultiplyAdd(i, S.Subtract(g, old), old);
                else
                {
                    var f = S.Add(S.Add(S.Load(scratch + width), LoadUpTo(gates + hidden, count)), biasF);
                    if (TForm.HasPeepholes)
                        f = S.MultiplyAdd(peepholeF, old, f);
                    f = VectorMath<S, V>.Sigmoid(f);
                    StoreUpTo(gates + hidden, f, count);
                    c = S.MultiplyAdd(f, old, S.Multiply(i, g));
                }
                var o = S.Add(S.Add(S.Load(scratch + ((candidate + 1) * width)), LoadUpTo(gates + ((candidate + 1) * hidden), count)), biasO);
                if (TForm.HasPeepholes)
                    o = S.MultiplyAdd(peepholeO, c, o);
                o = VectorMath<S, V>.Sigmoid(o);
                var h = S.Multiply(o, VectorMath<S, V>.Tanh(c));
                StoreUpTo(gates, i, count);
                StoreUpTo(gates + (candidate * hidden), g, count);
                StoreUpTo(gates + ((candidate + 1) * hidden), o, count);
                StoreUpTo(pass.Cells + (to * slot) + state, c, count);
                StoreUpTo(pass.States + (to * slot) + state, h, count);
                StoreUpTo(y, h, count);
            }
        }
    }

    private readonly struct LstmVariantBackward<TForm> : ITile
        where TForm : struct, ILstmForm
    {
        [MethodImpl(Hot)]
        public static void Run(in RecurrentPass pass, float* scratch, int step, int row, int rows, int firstUnit, int units, bool first)
        {
            int hidden = pass.Hidden, width = S.Width, candidate = TForm.IsCoupled ? 1 : 2;
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
                        for (var block = 0; block < candidate + 2; block++)
                            StoreUpTo(gates + (block * hidden), S.Zero, count);
                        continue;
                    }
                    if (pass.Dy != null)
                        dh = S.Add(dh, LoadUpTo(pass.Dy + (position * pass.DyRow) + unit, count));
                    if (carries)
                        StoreUpTo(pass.CarriedState + state, S.Zero, count);
                    V i = LoadUpTo(gates, count), g = LoadUpTo(gates + (candidate * hidden), count), o = LoadUpTo(gates + ((candidate + 1) * hidden), count);
                    var old = LoadUpTo(from + state, count);
                    var tanh = VectorMath<S, V>.Tanh(LoadUpTo(to + state, count));
                    var dOutput = S.Multiply(S.Multiply(dh, tanh), S.MultiplyAddNegated(o, o, o));
                    var dc = S.MultiplyAdd(S.Multiply(dh, o), S.MultiplyAddNegated(tanh, tanh, one), LoadUpTo(pass.CarriedCell + state, count));
                    if (TForm.HasPeepholes)
                        dc = S.MultiplyAdd(dOutput, LoadUpTo(pass.Peephole + hidden + unit, count), dc);
                    // What the input gate lets in: the candidate or, if coupled, the difference between the candidate and the previous memory.
                    var dInput = S.Multiply(S.Multiply(dc, TForm.IsCoupled ? S.Subtract(g, old) : g), S.MultiplyAddNegated(i, i, i));
                    V carried;
                    if (TForm.IsCoupled)
                        carried = S.MultiplyAddNegated(dc, i, dc);
                    else
                    {
                        var f = LoadUpTo(gates + hidden, count);
                        var dForget = S.Multiply(S.Multiply(dc, old), S.MultiplyAddNegated(f, f, f));
                        carried = S.Multiply(dc, f);
                        if (TForm.HasPeepholes)
                            carried = S.MultiplyAdd(dForget, LoadUpTo(pass.Peephole + (2 * hidden) + unit, count), carried);
                        StoreUpTo(gates + hidden, dForget, count);
                    }
                    if (TForm.HasPeepholes)
                        carried = S.MultiplyAdd(dInput, LoadUpTo(pass.Peephole + unit, count), carried);
                    StoreUpTo(pass.CarriedCell + state, carried, count);
                    StoreUpTo(gates, dInput, count);
                    StoreUpTo(gates + (candidate * hidden), S.Multiply(S.Multiply(dc, i), S.MultiplyAddNegated(g, g, one)), count);
                    StoreUpTo(gates + ((candidate + 1) * hidden), dOutput, count);
                }
            }
        }
    }
}
