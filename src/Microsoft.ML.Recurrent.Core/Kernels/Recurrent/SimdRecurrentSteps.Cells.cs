using System.Runtime.CompilerServices;
using Microsoft.ML.Recurrent.Kernels.Simd;

namespace Microsoft.ML.Recurrent.Kernels.Recurrent;

/// <content>How the steps of a cell with one recurrent product run: panel by panel of its units, tile by tile of the rows, the cell's function on each tile at once.</content>
internal sealed unsafe partial class SimdRecurrentSteps<S, V>
{
    /// <summary>A cell, given to the loops as a type so that each becomes its own code.</summary>
    private interface ICell
    {
        /// <summary>Gates of the recurrent product, which lie side by side in a panel of the forward pass.</summary>
        static abstract int Gates { get; }

        /// <summary>Vectors of hidden units in such a panel.</summary>
        static abstract int UnitVectors { get; }

        /// <summary>Gates at the start of the gates' row that the state has no part in.</summary>
        static abstract int InputGates { get; }

        /// <summary>Makes gates and state of a tile from its products: rows of the units of one gate after those of the other.</summary>
        static abstract void Activate(in RecurrentPass pass, float* scratch, int step, int from, int to, int row, int rows, int unit, int units);

        /// <summary>Makes the gates' gradients of a tile from its products, the gradients of the state.</summary>
        static abstract void Derive(in RecurrentPass pass, float* scratch, int step, int row, int rows, int unit, int units, bool first);
    }

    private static void Forward<TCell>(in RecurrentPass pass, int firstRow, int rows)
        where TCell : struct, ICell
    {
        int steps = pass.EndStep - pass.FirstStep;
        for (int s = 0; s < steps; s++)
            ForwardStep<TCell>(pass, pass.Reverse ? steps - 1 - s : s, firstRow, rows, s == 0);
    }

    private static void Backward<TCell>(in RecurrentPass pass, int firstRow, int rows)
        where TCell : struct, ICell
    {
        int steps = pass.EndStep - pass.FirstStep;
        for (int s = 0; s < steps; s++)
            BackwardStep<TCell>(pass, pass.Reverse ? s : steps - 1 - s, firstRow, rows, s == 0);
    }

    [MethodImpl(Hot)]
    private static void ForwardStep<TCell>(in RecurrentPass pass, int step, int firstRow, int rows, bool first)
        where TCell : struct, ICell
    {
        byte* memory = stackalloc byte[ScratchBytes];
        float* scratch = Align(memory);
        int hidden = pass.Hidden, panel = TCell.UnitVectors * S.Width;
        nint slot = (nint)pass.Batch * hidden;
        int from = step + (pass.Reverse ? 1 : 0), to = step + (pass.Reverse ? 0 : 1);
        for (int unit = 0; unit < hidden; unit += panel)
        {
            int units = Math.Min(panel, hidden - unit), vectors = TCell.Gates * Blocks(units), tallest = SimdKernels<S, V>.MaximumRows(vectors);
            int tiles = (rows + tallest - 1) / tallest, row = firstRow;
            var tile = new MatrixTile
            {
                ARow = hidden, AStep = 1, B = pass.Weights + ((nint)unit * TCell.Gates * hidden), BStep = vectors * S.Width,
                C = scratch, CRow = vectors * S.Width, Depth = first && pass.StartsAtZero ? 0 : hidden, LastColumns = S.Width,
            };
            for (int i = 0; i < tiles; i++)
            {
                int height = (rows + tiles - 1 - i) / tiles;
                tile.A = pass.States + (from * slot) + ((nint)row * hidden);
                SimdKernels<S, V>.RunTile(height, vectors, tile);
                long begin = KernelProfile.Begin();
                TCell.Activate(pass, scratch, step, from, to, row, height, unit, units);
                KernelProfile.End(KernelPart.Gates, begin);
                row += height;
            }
        }
    }

    [MethodImpl(Hot)]
    private static void BackwardStep<TCell>(in RecurrentPass pass, int step, int firstRow, int rows, bool first)
        where TCell : struct, ICell
    {
        byte* memory = stackalloc byte[ScratchBytes];
        float* scratch = Align(memory);
        int hidden = pass.Hidden, panel = PanelVectors * S.Width, depth = TCell.Gates * hidden;
        int next = step + (pass.Reverse ? -1 : 1);
        for (int unit = 0; unit < hidden; unit += panel)
        {
            int units = Math.Min(panel, hidden - unit), vectors = Blocks(units), tallest = SimdKernels<S, V>.MaximumRows(vectors);
            int tiles = (rows + tallest - 1) / tallest, row = firstRow;
            var tile = new MatrixTile
            {
                ARow = pass.GatesRow, AStep = 1, B = pass.Weights + ((nint)unit * depth), BStep = vectors * S.Width,
                C = scratch, CRow = vectors * S.Width, Depth = first ? 0 : depth, LastColumns = S.Width,
            };
            for (int i = 0; i < tiles; i++)
            {
                int height = (rows + tiles - 1 - i) / tiles;
                tile.A = pass.Gates + ((((nint)next * pass.Batch) + row) * pass.GatesRow) + (TCell.InputGates * hidden);
                SimdKernels<S, V>.RunTile(height, vectors, tile);
                long begin = KernelProfile.Begin();
                TCell.Derive(pass, scratch, step, row, height, unit, units, first);
                KernelProfile.End(KernelPart.Gates, begin);
                row += height;
            }
        }
    }
}
