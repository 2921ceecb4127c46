using System.Runtime.CompilerServices;
using Microsoft.ML.Recurrent.Kernels.Simd;

namespace Microsoft.ML.Recurrent.Kernels.Recurrent;

/// <content>How the products of a step run: panel by panel of the units, tile by tile of the rows, the cell's function on each tile at once.</content>
internal abstract unsafe partial class SimdRecurrentSteps<S, V>
{
    /// <summary>
    /// What is made of a tile of a product while it lies in the first-level cache; given to the loop as a type so that each becomes its own code.
    /// </summary>
    internal interface ITile
    {
        /// <summary>Reads the products of some rows and units: for each row those of one gate after those of the other.</summary>
        static abstract void Run(in RecurrentPass pass, float* scratch, int step, int row, int rows, int unit, int units, bool first);
    }

    /// <summary>A product of all rows: left side A, its rows ARow floats apart, of Depth columns, with packed weights of some gates.</summary>
    private readonly struct Product(float* a, nint aRow, float* weights, int depth, int gates)
    {
        public readonly float* A = a, Weights = weights;
        public readonly nint ARow = aRow;
        public readonly int Depth = depth, Gates = gates;
    }

    /// <summary>Cells with one recurrent product a step.</summary>
    /// <typeparam name="TForward">From the products of the gates to gates and state.</typeparam>
    /// <typeparam name="TBackward">From the gradient of the state to those of the gates.</typeparam>
    internal sealed class OneProduct<TForward, TBackward> : SimdRecurrentSteps<S, V>
        where TForward : struct, ITile
        where TBackward : struct, ITile
    {
        public static readonly OneProduct<TForward, TBackward> Instance = new();

        protected override int StateGates(in RecurrentPass pass) => pass.Cell.Gates;

        protected override void ForwardStep(in RecurrentPass pass, int step, int firstRow, int rows, bool first) =>
            Run<TForward>(pass, OfState(pass, step), step, firstRow, rows, first, first && pass.StartsAtZero);

        protected override void BackwardStep(in RecurrentPass pass, int step, int firstRow, int rows, bool first) =>
            Run<TBackward>(pass, OfNextGates(pass, step), step, firstRow, rows, first, first);
    }

    /// <summary>Cells whose candidate has a product of its own, since it reads the gates of all units: the reset gate comes before the product.</summary>
    /// <typeparam name="TGates">From the products of the other gates to these, and to what the candidate's product is taken of.</typeparam>
    /// <typeparam name="TState">From the candidate's product to the state.</typeparam>
    /// <typeparam name="TStateBackward">From the gradient of the state to that of the candidate.</typeparam>
    /// <typeparam name="TGatesBackward">From the gradient of what the candidate's product is taken of to those of the other gates.</typeparam>
    internal sealed class TwoProducts<TGates, TState, TStateBackward, TGatesBackward> : SimdRecurrentSteps<S, V>
        where TGates : struct, ITile
        where TState : struct, ITile
        where TStateBackward : struct, ITile
        where TGatesBackward : struct, ITile
    {
        public static readonly TwoProducts<TGates, TState, TStateBackward, TGatesBackward> Instance = new();

        protected override int StateGates(in RecurrentPass pass) => pass.Cell.Gates - 1;

        protected override void ForwardStep(in RecurrentPass pass, int step, int firstRow, int rows, bool first)
        {
            bool isZero = first && pass.StartsAtZero;
            Run<TGates>(pass, OfState(pass, step), step, firstRow, rows, first, isZero);
            Run<TState>(pass, new(Kept(pass, step, pass.Cell.Gates), pass.GatesRow, Candidate(pass), pass.Hidden, 1), step, firstRow, rows, first, isZero);
        }

        protected override void BackwardStep(in RecurrentPass pass, int step, int firstRow, int rows, bool first)
        {
            Run<TStateBackward>(pass, OfNextGates(pass, step), step, firstRow, rows, first, first);
            Run<TGatesBackward>(pass, new(Kept(pass, step, 0), pass.GatesRow, Candidate(pass), pass.Hidden, 1), step, firstRow, rows, first, false);
        }
    }

    // Of the state before a step with the weights of its gates.
    private Product OfState(in RecurrentPass pass, int step) => new(Before(pass, step), pass.Hidden, pass.Weights, pass.Hidden, StateGates(pass));

    // Of the gates' gradients of the step that gradients come from with those weights.
    private Product OfNextGates(in RecurrentPass pass, int step) =>
        new(StateColumns(pass, step + (pass.Reverse ? -1 : 1)), pass.GatesRow, pass.Weights, StateGates(pass) * pass.Hidden, 1);

    // One block of hidden units of what is kept of a step.
    private static float* Kept(in RecurrentPass pass, int step, int block) => pass.Gates + ((nint)step * pass.Batch * pass.GatesRow) + (block * pass.Hidden);

    // States and memories before and after a step, [B, H].
    private static float* Before(in RecurrentPass pass, int step) => pass.States + ((step + (pass.Reverse ? 1 : 0)) * (nint)pass.Batch * pass.Hidden);

    private static float* After(in RecurrentPass pass, int step) => pass.States + ((step + (pass.Reverse ? 0 : 1)) * (nint)pass.Batch * pass.Hidden);

    [MethodImpl(Hot)]
    private static void Run<TTile>(in RecurrentPass pass, in Product product, int step, int firstRow, int rows, bool first, bool isZero)
        where TTile : struct, ITile
    {
        byte* memory = stackalloc byte[ScratchBytes];
        float* scratch = Align(memory);
        int hidden = pass.Hidden, panel = UnitVectors(product.Gates) * S.Width;
        for (int unit = 0; unit < hidden; unit += panel)
        {
            int units = Math.Min(panel, hidden - unit), vectors = product.Gates * Blocks(units), tallest = SimdKernels<S, V>.MaximumRows(vectors);
            int tiles = (rows + tallest - 1) / tallest, row = firstRow;
            var tile = new MatrixTile
            {
                ARow = product.ARow, AStep = 1, B = product.Weights + ((nint)unit * product.Gates * product.Depth), BStep = vectors * S.Width,
                C = scratch, CRow = vectors * S.Width, Depth = isZero ? 0 : product.Depth, LastColumns = S.Width,
            };
            for (int i = 0; i < tiles; i++)
            {
                int height = (rows + tiles - 1 - i) / tiles;
                tile.A = product.A + (row * product.ARow);
                SimdKernels<S, V>.RunTile(height, vectors, tile);
                long begin = KernelProfile.Begin();
                TTile.Run(pass, scratch, step, row, height, unit, units, first);
                KernelProfile.End(KernelPart.Gates, begin);
                row += height;
            }
        }
    }
}
