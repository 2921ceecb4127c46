using System.Runtime.CompilerServices;
using Microsoft.ML.Recurrent.Kernels.Simd;

namespace Microsoft.ML.Recurrent.Kernels.Recurrent;

/// <content>The simple RNN: h' = activation(...).</content>
internal abstract unsafe partial class SimdRecurrentSteps<S, V>
{
    internal static RecurrentSteps SimpleRnn(Activation activation) => activation switch
    {
        Activation.Tanh => SimpleRnn<TanhActivation>(),
        Activation.Relu => SimpleRnn<ReluActivation>(),
        Activation.LeakyRelu => SimpleRnn<LeakyReluActivation>(),
        Activation.Elu => SimpleRnn<EluActivation>(),
        _ => SimpleRnn<SigmoidActivation>(),
    };

    private static OneProduct<SimpleRnnForward<TActivation>, SimpleRnnBackward<TActivation>> SimpleRnn<TActivation>()
        where TActivation : struct, IActivation => OneProduct<SimpleRnnForward<TActivation>, SimpleRnnBackward<TActivation>>.Instance;

    private readonly struct SimpleRnnForward<TActivation> : ITile
        where TActivation : struct, IActivation
    {
        [MethodImpl(Hot)]
        public static void Run(in RecurrentPass pass, float* scratch, int step, int row, int rows, int firstUnit, int units, bool first)
        {
            var hidden = pass.Hidden;
            float* from = Before(pass, step), to = After(pass, step);
            var alpha = S.Create(pass.ActivationAlpha);
            for (var end = row + rows; row < end; row++)
            {
                nint position = ((nint)step * pass.Batch) + row, state = (nint)row * hidden;
                var active = IsActive(pass, step, row);
                for (var u = 0; u < units; u += S.Width, scratch += S.Width)
                {
                    int unit = firstUnit + u, count = hidden - unit;
                    var gates = pass.Gates + (position * pass.GatesRow) + unit;
                    V h = LoadUpTo(from + state + unit, count), y = S.Zero;
                    if (active)
                    {
                        var sum = S.Add(S.Add(S.Load(scratch), LoadUpTo(gates, count)), LoadUpTo(pass.Bias + unit, count));
                        h = y = TActivation.Apply<S, V>(sum, alpha);
                        StoreUpTo(gates, h, count);
                    }
                    StoreUpTo(to + state + unit, h, count);
                    StoreUpTo(pass.Y + (position * pass.YRow) + unit, y, count);
                }
            }
        }
    }

    private readonly struct SimpleRnnBackward<TActivation> : ITile
        where TActivation : struct, IActivation
    {
        [MethodImpl(Hot)]
        public static void Run(in RecurrentPass pass, float* scratch, int step, int row, int rows, int firstUnit, int units, bool first)
        {
            var hidden = pass.Hidden;
            var carries = first || pass.Lengths != null;
            var alpha = S.Create(pass.ActivationAlpha);
            for (var end = row + rows; row < end; row++)
            {
                nint position = ((nint)step * pass.Batch) + row, state = (nint)row * hidden;
                var active = IsActive(pass, step, row);
                for (var u = 0; u < units; u += S.Width, scratch += S.Width)
                {
                    int unit = firstUnit + u, count = hidden - unit;
                    var gates = pass.Gates + (position * pass.GatesRow) + unit;
                    var dh = S.Load(scratch);
                    if (carries)
                    {
                        dh = S.Add(dh, LoadUpTo(pass.CarriedState + state + unit, count));
                        StoreUpTo(pass.CarriedState + state + unit, active ? S.Zero : dh, count);
                    }
                    if (active && pass.Dy != null)
                        dh = S.Add(dh, LoadUpTo(pass.Dy + (position * pass.DyRow) + unit, count));
                    var y = LoadUpTo(gates, count);
                    StoreUpTo(gates, active ? S.Multiply(dh, TActivation.Derivative<S, V>(y, y, alpha)) : S.Zero, count);
                }
            }
        }
    }
}
