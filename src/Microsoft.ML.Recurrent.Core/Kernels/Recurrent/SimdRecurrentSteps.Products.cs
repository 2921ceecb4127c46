using System.Runtime.CompilerServices;
using Microsoft.ML.Recurrent.Kernels.Simd;

namespace Microsoft.ML.Recurrent.Kernels.Recurrent;

/// <content>The products of a step: for each panel of units and tile of rows, the cell's function runs directly on the product.</content>
internal abstract unsafe partial class SimdRecurrentSteps<S, V>
{
    /// <summary>
    /// Consumes a tile of a product while it is in the L1 cache; a type parameter of the loop, so that each implementation is compiled separately.
    /// </summary>
    internal interface ITile
    {
        /// <summary>Reads the products of some rows and units; for each row, gate by gate.</summary>
        static abstract void Run(in RecurrentPass pass, float* scratch, int step, int row, int rows, int unit, int units, bool first);
    }

    /// <summary>A product for all rows: left operand A, its rows ARow floats apart, of Depth columns, with packed weights of some gates.</summary>
    private readonly struct Product(float* a, nint aRow, float* weights, int depth, int gates)
    {
        public readonly float* A = a, Weights = weights;
        public readonly nint ARow = aRow;
        public readonly int Depth = depth, Gates = gates;
    }

    /// <summary>Cells with one recurrent product per step.</summary>
    /// <typeparam name="TForward">Computes gates and state from the products of the gates.</typeparam>
    /// <typeparam name="TBackward">Computes the gradients of the gates from that of the state.</typeparam>
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

    /// <summary>Cells whose candidate has a separate product, because the reset gate comes before it: the product reads the gates of all units.</summary>
    /// <typeparam name="TGates">Computes the other gates and the operand of the candidate's product from the products of the other gates.</typeparam>
    /// <typeparam name="TState">Computes the state from the candidate's product.</typeparam>
    /// <typeparam name="TStateBackward">Computes the gradient of the candidate from that of the state.</typeparam>
    /// <typeparam name="TGatesBackward">Computes the gradients of the other gates from that of the operand of the candidate's product.</typeparam>
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
            var isZero = first && pass.StartsAtZero;
            Run<TGates>(pass, OfState(pass, step), step, firstRow, rows, first, isZero);
            Run<TState>(pass, new(Kept(pass, step, pass.Cell.Gates), pass.GatesRow, Candidate(pass), pass.Hidden, 1), step, firstRow, rows, first, isZero);
        }

        protected override void BackwardStep(in RecurrentPass pass, int step, int firstRow, int rows, bool first)
        {
            Run<TStateBackward>(pass, OfNextGates(pass, step), step, firstRow, rows, first, first);
            Run<TGatesBackward>(pass, new(Kept(pass, step, 0), pass.GatesRow, Candidate(pass), pass.Hidden, 1), step, firstRow, rows, first, false);
        }
    }

    // The product of the state before a step with the weights of its gates.
    private Product OfState(in RecurrentPass pass, int step) => new(Before(pass, step), pass.Hidden, pass.Weights, pass.Hidden, StateGates(pass));

    // The product of the gate gradients of the following step of the recurrence with those weights.
    private Product OfNextGates(in RecurrentPass pass, int step) =>
        new(StateColumns(pass, step + (pass.Reverse ? -1 : 1)), pass.GatesRow, pass.Weights, StateGates(pass) * pass.Hidden, 1);

    // One block of hidden units kept for a step.
    private static float* Kept(in RecurrentPass pass, int step, int block) => pass.Gates + ((nint)step * pass.Batch * pass.GatesRow) + (block * pass.Hidden);

    // States and memories before and after a step, [B, H].
    private static float* Before(in RecurrentPass pass, int step) => pass.States + ((step + (pass.Reverse ? 1 : 0)) * (nint)pass.Batch * pass.Hidden);

    private static float* After(in RecurrentPass pass, int step) => pass.States + ((step + (pass.Reverse ? 0 : 1)) * (nint)pass.Batch * pass.Hidden);

    [MethodImpl(Hot)]
    private static void Run<TTile>(in RecurrentPass pass, in Product product, int step, int firstRow, int rows, bool first, bool isZero)
        where TTile : struct, ITile
    {
        var memory = stackalloc byte[ScratchBytes];
        var scratch = Align(memory);
        int hidden = pass.Hidden, panel = UnitVectors(product.Gates) * S.Width;
        for (var unit = 0; unit < hidden; unit += panel)
        {
            int units = Math.Min(panel, hidden - unit), vectors = product.Gates * Blocks(units), tallest = SimdKernels<S, V>.MaximumRows(vectors);
            int tiles = (rows + tallest - 1) / tallest, row = firstRow;
            var tile = new MatrixTile
            {
                ARow = product.ARow, AStep = 1, B = product.Weights + ((nint)unit * product.Gates * product.Depth), BStep = vectors * S.Width,
                C = scratch, CRow = vectors * S.Width, Depth = isZero ? 0 : product.Depth, LastColumns = S.Width,
            };
            for (var i = 0; i < tiles; i++)
            {
                var height = (rows + tiles - 1 - i) / tiles;
                tile.A = product.A + (row * product.ARow);
                SimdKernels<S, V>.RunTile(height, vectors, tile);
                var begin = KernelProfile.Begin();
                TTile.Run(pass, scratch, step, row, height, unit, units, first);
                KernelProfile.End(KernelPart.Gates, begin);
                row += height;
            }
        }
    }
}
