using System.Runtime.CompilerServices;
using Microsoft.ML.Recurrent.Kernels.Simd;

namespace Microsoft.ML.Recurrent.Kernels.Recurrent;

/// <content>
/// The GRU whose reset gate is applied before the recurrent product: q = r h, n = tanh(x + R q), h' = (1 - z) n + z h. The product of n needs the reset gates of
/// all units, so a step has two products.
/// </content>
internal sealed unsafe partial class SimdRecurrentSteps<S, V>
{
    private static void GruResetBeforeForward(in RecurrentPass pass, int firstRow, int rows)
    {
        int steps = pass.EndStep - pass.FirstStep;
        for (int s = 0; s < steps; s++)
            GruResetBeforeForward(pass, pass.Reverse ? steps - 1 - s : s, firstRow, rows, s == 0);
    }

    private static void GruResetBeforeBackward(in RecurrentPass pass, int firstRow, int rows)
    {
        int steps = pass.EndStep - pass.FirstStep;
        for (int s = 0; s < steps; s++)
            GruResetBeforeBackward(pass, pass.Reverse ? s : steps - 1 - s, firstRow, rows, s == 0);
    }

    [MethodImpl(Hot)]
    private static void GruResetBeforeForward(in RecurrentPass pass, int step, int firstRow, int rows, bool first)
    {
        byte* memory = stackalloc byte[ScratchBytes];
        float* scratch = Align(memory);
        int hidden = pass.Hidden, width = S.Width, panel = PanelVectors * width, depth = first && pass.StartsAtZero ? 0 : hidden;
        nint slot = (nint)pass.Batch * hidden;
        float* from = pass.States + ((step + (pass.Reverse ? 1 : 0)) * slot);
        float* to = pass.States + ((step + (pass.Reverse ? 0 : 1)) * slot);
        int tallest = SimdKernels<S, V>.MaximumRows(2), tiles = (rows + tallest - 1) / tallest;
        for (int unit = 0; unit < hidden; unit += width)
        {
            var tile = new MatrixTile
            {
                ARow = hidden, AStep = 1, B = pass.Weights + ((nint)unit * 2 * hidden), BStep = 2 * width, C = scratch, CRow = 2 * width, Depth = depth,
                LastColumns = width,
            };
            int row = firstRow, count = hidden - unit;
            for (int i = 0; i < tiles; i++)
            {
                int height = (rows + tiles - 1 - i) / tiles;
                tile.A = from + ((nint)row * hidden);
                SimdKernels<S, V>.RunTile(height, 2, tile);
                float* product = scratch;
                for (int end = row + height; row < end; row++, product += 2 * width)
                {
                    float* gates = pass.Gates + ((((nint)step * pass.Batch) + row) * pass.GatesRow) + unit;
                    V r = S.Add(S.Add(S.Load(product), LoadUpTo(gates + hidden, count)), LoadUpTo(pass.Bias + hidden + unit, count));
                    V z = S.Add(S.Add(S.Load(product + width), LoadUpTo(gates + (2 * hidden), count)), LoadUpTo(pass.Bias + (2 * hidden) + unit, count));
                    r = VectorMath<S, V>.Sigmoid(r);
                    StoreUpTo(gates + hidden, r, count);
                    StoreUpTo(gates + (2 * hidden), VectorMath<S, V>.Sigmoid(z), count);
                    StoreUpTo(gates + (3 * hidden), S.Multiply(r, LoadUpTo(from + ((nint)row * hidden) + unit, count)), count);
                }
            }
        }

        float* weights = pass.Weights + (2 * (nint)hidden * Blocks(hidden) * width);
        for (int firstUnit = 0; firstUnit < hidden; firstUnit += panel)
        {
            int units = Math.Min(panel, hidden - firstUnit), vectors = Blocks(units), row = firstRow;
            tallest = SimdKernels<S, V>.MaximumRows(vectors);
            tiles = (rows + tallest - 1) / tallest;
            var tile = new MatrixTile
            {
                ARow = pass.GatesRow, AStep = 1, B = weights + ((nint)firstUnit * hidden), BStep = vectors * width, C = scratch, CRow = vectors * width,
                Depth = depth, LastColumns = width,
            };
            for (int i = 0; i < tiles; i++)
            {
                int height = (rows + tiles - 1 - i) / tiles;
                tile.A = pass.Gates + ((((nint)step * pass.Batch) + row) * pass.GatesRow) + (3 * hidden);
                SimdKernels<S, V>.RunTile(height, vectors, tile);
                float* product = scratch;
                for (int end = row + height; row < end; row++)
                {
                    nint position = ((nint)step * pass.Batch) + row, state = (nint)row * hidden;
                    bool active = IsActive(pass, step, row);
                    for (int u = 0; u < units; u += width, product += width)
                    {
                        int unit = firstUnit + u, count = hidden - unit;
                        float* gates = pass.Gates + (position * pass.GatesRow) + unit;
                        V h = LoadUpTo(from + state + unit, count), y = S.Zero;
                        if (active)
                        {
                            V n = VectorMath<S, V>.Tanh(S.Add(S.Add(S.Load(product), LoadUpTo(gates, count)), LoadUpTo(pass.Bias + unit, count)));
                            h = y = S.MultiplyAdd(LoadUpTo(gates + (2 * hidden), count), S.Subtract(h, n), n);
                            StoreUpTo(gates, n, count);
                        }
                        StoreUpTo(to + state + unit, h, count);
                        StoreUpTo(pass.Y + (position * pass.YRow) + unit, y, count);
                    }
                }
            }
        }
    }

    [MethodImpl(Hot)]
    private static void GruResetBeforeBackward(in RecurrentPass pass, int step, int firstRow, int rows, bool first)
    {
        byte* memory = stackalloc byte[ScratchBytes];
        float* scratch = Align(memory);
        int hidden = pass.Hidden, width = S.Width, panel = PanelVectors * width, next = step + (pass.Reverse ? -1 : 1);
        nint slot = (nint)pass.Batch * hidden;
        float* from = pass.States + ((step + (pass.Reverse ? 1 : 0)) * slot);
        float* weights = pass.Weights + (2 * (nint)hidden * Blocks(hidden) * width);
        V one = S.Create(1f);

        // The state's gradient, and from it those of n and z; r's place keeps r until the second product is known.
        for (int firstUnit = 0; firstUnit < hidden; firstUnit += panel)
        {
            int units = Math.Min(panel, hidden - firstUnit), vectors = Blocks(units), row = firstRow;
            int tallest = SimdKernels<S, V>.MaximumRows(vectors), tiles = (rows + tallest - 1) / tallest;
            var tile = new MatrixTile
            {
                ARow = pass.GatesRow, AStep = 1, B = pass.Weights + ((nint)firstUnit * 2 * hidden), BStep = vectors * width, C = scratch, CRow = vectors * width,
                Depth = first ? 0 : 2 * hidden, LastColumns = width,
            };
            for (int i = 0; i < tiles; i++)
            {
                int height = (rows + tiles - 1 - i) / tiles;
                tile.A = pass.Gates + ((((nint)next * pass.Batch) + row) * pass.GatesRow) + hidden;
                SimdKernels<S, V>.RunTile(height, vectors, tile);
                float* product = scratch;
                for (int end = row + height; row < end; row++)
                {
                    nint position = ((nint)step * pass.Batch) + row, state = (nint)row * hidden;
                    bool active = IsActive(pass, step, row);
                    for (int u = 0; u < units; u += width, product += width)
                    {
                        int unit = firstUnit + u, count = hidden - unit;
                        float* gates = pass.Gates + (position * pass.GatesRow) + unit;
                        V dh = S.Add(S.Load(product), LoadUpTo(pass.CarriedState + state + unit, count));
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

        for (int firstUnit = 0; firstUnit < hidden; firstUnit += panel)
        {
            int units = Math.Min(panel, hidden - firstUnit), vectors = Blocks(units), row = firstRow;
            int tallest = SimdKernels<S, V>.MaximumRows(vectors), tiles = (rows + tallest - 1) / tallest;
            var tile = new MatrixTile
            {
                ARow = pass.GatesRow, AStep = 1, B = weights + ((nint)firstUnit * hidden), BStep = vectors * width, C = scratch, CRow = vectors * width,
                Depth = hidden, LastColumns = width,
            };
            for (int i = 0; i < tiles; i++)
            {
                int height = (rows + tiles - 1 - i) / tiles;
                tile.A = pass.Gates + ((((nint)step * pass.Batch) + row) * pass.GatesRow);
                SimdKernels<S, V>.RunTile(height, vectors, tile);
                float* product = scratch;
                for (int end = row + height; row < end; row++)
                {
                    nint position = ((nint)step * pass.Batch) + row, state = (nint)row * hidden;
                    if (!IsActive(pass, step, row))
                    {
                        product += vectors * width;
                        continue;
                    }
                    for (int u = 0; u < units; u += width, product += width)
                    {
                        int unit = firstUnit + u, count = hidden - unit;
                        float* gates = pass.Gates + (position * pass.GatesRow) + unit;
                        V dq = S.Load(product), r = LoadUpTo(gates + hidden, count), old = LoadUpTo(from + state + unit, count);
                        StoreUpTo(pass.CarriedState + state + unit, S.MultiplyAdd(dq, r, LoadUpTo(pass.CarriedState + state + unit, count)), count);
                        StoreUpTo(gates + hidden, S.Multiply(S.Multiply(dq, old), S.MultiplyAddNegated(r, r, r)), count);
                    }
                }
            }
        }
    }
}
