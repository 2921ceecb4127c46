using System.Runtime.CompilerServices;
using Microsoft.ML.Recurrent.Kernels.Simd;

namespace Microsoft.ML.Recurrent.Kernels.Recurrent;

/// <content>The simple recurrent network: h' = activation(...).</content>
internal sealed unsafe partial class SimdRecurrentSteps<S, V>
{
    private static void SimpleForward(in RecurrentPass pass, int step, int firstRow, int rows, bool first)
    {
        switch (pass.Activation)
        {
            case Activation.Tanh: SimpleForward<TanhActivation>(pass, step, firstRow, rows, first); break;
            case Activation.Relu: SimpleForward<ReluActivation>(pass, step, firstRow, rows, first); break;
            case Activation.LeakyRelu: SimpleForward<LeakyReluActivation>(pass, step, firstRow, rows, first); break;
            case Activation.Elu: SimpleForward<EluActivation>(pass, step, firstRow, rows, first); break;
            default: SimpleForward<SigmoidActivation>(pass, step, firstRow, rows, first); break;
        }
    }

    private static void SimpleBackward(in RecurrentPass pass, int step, int firstRow, int rows, bool first)
    {
        switch (pass.Activation)
        {
            case Activation.Tanh: SimpleBackward<TanhActivation>(pass, step, firstRow, rows, first); break;
            case Activation.Relu: SimpleBackward<ReluActivation>(pass, step, firstRow, rows, first); break;
            case Activation.LeakyRelu: SimpleBackward<LeakyReluActivation>(pass, step, firstRow, rows, first); break;
            case Activation.Elu: SimpleBackward<EluActivation>(pass, step, firstRow, rows, first); break;
            default: SimpleBackward<SigmoidActivation>(pass, step, firstRow, rows, first); break;
        }
    }

    [MethodImpl(Hot)]
    private static void SimpleForward<TActivation>(in RecurrentPass pass, int step, int firstRow, int rows, bool first)
        where TActivation : struct, IActivation
    {
        byte* memory = stackalloc byte[ScratchBytes];
        float* scratch = Align(memory);
        int hidden = pass.Hidden, panel = PanelVectors * S.Width;
        nint slot = (nint)pass.Batch * hidden;
        float* from = pass.States + ((step + (pass.Reverse ? 1 : 0)) * slot);
        float* to = pass.States + ((step + (pass.Reverse ? 0 : 1)) * slot);
        V alpha = S.Create(pass.ActivationAlpha);
        for (int firstUnit = 0; firstUnit < hidden; firstUnit += panel)
        {
            int units = Math.Min(panel, hidden - firstUnit), vectors = Blocks(units), tallest = SimdKernels<S, V>.MaximumRows(vectors);
            int tiles = (rows + tallest - 1) / tallest, row = firstRow;
            var tile = new MatrixTile
            {
                ARow = hidden, AStep = 1, B = pass.Weights + ((nint)firstUnit * hidden), BStep = vectors * S.Width,
                C = scratch, CRow = vectors * S.Width, Depth = first && pass.StartsAtZero ? 0 : hidden, LastColumns = S.Width,
            };
            for (int i = 0; i < tiles; i++)
            {
                int height = (rows + tiles - 1 - i) / tiles;
                tile.A = from + ((nint)row * hidden);
                SimdKernels<S, V>.RunTile(height, vectors, tile);
                float* product = scratch;
                long begin = KernelProfile.Begin();
                for (int end = row + height; row < end; row++)
                {
                    nint position = ((nint)step * pass.Batch) + row, state = (nint)row * hidden;
                    bool active = IsActive(pass, step, row);
                    for (int u = 0; u < units; u += S.Width, product += S.Width)
                    {
                        int unit = firstUnit + u, count = hidden - unit;
                        float* gates = pass.Gates + (position * pass.GatesRow) + unit;
                        V h = LoadUpTo(from + state + unit, count), y = S.Zero;
                        if (active)
                        {
                            V sum = S.Add(S.Add(S.Load(product), LoadUpTo(gates, count)), LoadUpTo(pass.Bias + unit, count));
                            h = y = TActivation.Apply<S, V>(sum, alpha);
                            StoreUpTo(gates, h, count);
                        }
                        StoreUpTo(to + state + unit, h, count);
                        StoreUpTo(pass.Y + (position * pass.YRow) + unit, y, count);
                    }
                }
                KernelProfile.End(KernelPart.Gates, begin);
            }
        }
    }

    [MethodImpl(Hot)]
    private static void SimpleBackward<TActivation>(in RecurrentPass pass, int step, int firstRow, int rows, bool first)
        where TActivation : struct, IActivation
    {
        byte* memory = stackalloc byte[ScratchBytes];
        float* scratch = Align(memory);
        int hidden = pass.Hidden, panel = PanelVectors * S.Width;
        int next = step + (pass.Reverse ? -1 : 1);
        bool carries = first || pass.Lengths != null;
        V alpha = S.Create(pass.ActivationAlpha);
        for (int firstUnit = 0; firstUnit < hidden; firstUnit += panel)
        {
            int units = Math.Min(panel, hidden - firstUnit), vectors = Blocks(units), tallest = SimdKernels<S, V>.MaximumRows(vectors);
            int tiles = (rows + tallest - 1) / tallest, row = firstRow;
            var tile = new MatrixTile
            {
                ARow = pass.GatesRow, AStep = 1, B = pass.Weights + ((nint)firstUnit * hidden), BStep = vectors * S.Width,
                C = scratch, CRow = vectors * S.Width, Depth = first ? 0 : hidden, LastColumns = S.Width,
            };
            for (int i = 0; i < tiles; i++)
            {
                int height = (rows + tiles - 1 - i) / tiles;
                tile.A = pass.Gates + ((((nint)next * pass.Batch) + row) * pass.GatesRow);
                SimdKernels<S, V>.RunTile(height, vectors, tile);
                float* product = scratch;
                long begin = KernelProfile.Begin();
                for (int end = row + height; row < end; row++)
                {
                    nint position = ((nint)step * pass.Batch) + row, state = (nint)row * hidden;
                    bool active = IsActive(pass, step, row);
                    for (int u = 0; u < units; u += S.Width, product += S.Width)
                    {
                        int unit = firstUnit + u, count = hidden - unit;
                        float* gates = pass.Gates + (position * pass.GatesRow) + unit;
                        V dh = S.Load(product);
                        if (carries)
                        {
                            dh = S.Add(dh, LoadUpTo(pass.CarriedState + state + unit, count));
                            StoreUpTo(pass.CarriedState + state + unit, active ? S.Zero : dh, count);
                        }
                        if (active && pass.Dy != null)
                            dh = S.Add(dh, LoadUpTo(pass.Dy + (position * pass.DyRow) + unit, count));
                        V y = LoadUpTo(gates, count);
                        StoreUpTo(gates, active ? S.Multiply(dh, TActivation.Derivative<S, V>(y, y, alpha)) : S.Zero, count);
                    }
                }
                KernelProfile.End(KernelPart.Gates, begin);
            }
        }
    }
}
