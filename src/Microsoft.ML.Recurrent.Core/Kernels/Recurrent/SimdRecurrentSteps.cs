using System.Runtime.CompilerServices;
using Microsoft.ML.Recurrent.Kernels.Simd;

namespace Microsoft.ML.Recurrent.Kernels.Recurrent;

/// <summary>
/// The recurrent steps over <see cref="ISimd{TVector}"/>. For each tile of rows, the recurrent product of a block of hidden units goes to a scratch tile in the
/// L1 cache, with all gates of a unit adjacent, and the gate function consumes it at once. This part holds the code shared by the cells.
/// </summary>
internal abstract unsafe partial class SimdRecurrentSteps<S, V> : RecurrentSteps
    where S : struct, ISimd<V>
    where V : struct
{
    private const MethodImplOptions Hot = MethodImplOptions.AggressiveOptimization;

    // Vectors per column panel without interleaving: products of the backward pass and of simple RNNs.
    private static int PanelVectors => S.Accumulators >= 24 ? 4 : 2;

    private static int Blocks(int hidden) => (hidden + S.Width - 1) / S.Width;

    public override long PackedLength(in RecurrentPass pass) => (long)pass.Cell.Gates * pass.Hidden * Blocks(pass.Hidden) * S.Width;

    public override void PackForward(in RecurrentPass pass, float* weightHh, int part, int parts)
    {
        int hidden = pass.Hidden, gates = StateGates(pass);
        if (gates == 1)
            PackPanels(weightHh, hidden, 1, hidden, hidden, pass.Weights, part, parts);
        else
            PackInterleaved(weightHh, hidden, gates, pass.Weights, part, parts);
        if (gates < pass.Cell.Gates)
            PackPanels(weightHh + (gates * (nint)hidden * hidden), hidden, 1, hidden, hidden, Candidate(pass), part, parts);
    }

    public override void PackBackward(in RecurrentPass pass, float* weightHh, int part, int parts)
    {
        int hidden = pass.Hidden, gates = StateGates(pass);
        PackPanels(weightHh, 1, hidden, gates * hidden, hidden, pass.Weights, part, parts);
        if (gates < pass.Cell.Gates)
            PackPanels(weightHh + (gates * (nint)hidden * hidden), 1, hidden, hidden, hidden, Candidate(pass), part, parts);
    }

    public override void Forward(in RecurrentPass pass, int firstRow, int rows)
    {
        var steps = pass.EndStep - pass.FirstStep;
        for (var s = 0; s < steps; s++)
            ForwardStep(pass, pass.Reverse ? steps - 1 - s : s, firstRow, rows, s == 0);
    }

    public override void Backward(in RecurrentPass pass, int firstRow, int rows)
    {
        var steps = pass.EndStep - pass.FirstStep;
        for (var s = 0; s < steps; s++)
            BackwardStep(pass, pass.Reverse ? s : steps - 1 - s, firstRow, rows, s == 0);
        if (pass.Dh0 != null)
            StateGradient(pass, pass.Reverse ? steps - 1 : 0, firstRow, rows);
    }

    /// <summary>The number of gates whose recurrent product reads the state itself.</summary>
    protected abstract int StateGates(in RecurrentPass pass);

    protected abstract void ForwardStep(in RecurrentPass pass, int step, int firstRow, int rows, bool first);

    protected abstract void BackwardStep(in RecurrentPass pass, int step, int firstRow, int rows, bool first);

    // The packed weights of the candidate, if it has a separate product.
    private float* Candidate(in RecurrentPass pass) => pass.Weights + (StateGates(pass) * (nint)pass.Hidden * Blocks(pass.Hidden) * S.Width);

    // The gate gradients of a step, from the first gate that depends on the state.
    private static float* StateColumns(in RecurrentPass pass, int step) => Kept(pass, step, pass.Cell.HasCandidate ? 1 : 0);

    // The gradient of the initial state: the contribution of the gates of the first step plus the part that bypasses them.
    [MethodImpl(Hot)]
    private void StateGradient(in RecurrentPass pass, int step, int firstRow, int rows)
    {
        int hidden = pass.Hidden, depth = StateGates(pass) * hidden;
        for (var column = 0; column < hidden; column += PanelVectors * S.Width)
        {
            int columns = Math.Min(PanelVectors * S.Width, hidden - column), vectors = Blocks(columns);
            var tile = new MatrixTile
            {
                A = StateColumns(pass, step) + (firstRow * pass.GatesRow), ARow = pass.GatesRow, AStep = 1,
                B = pass.Weights + (column * (nint)depth), BStep = vectors * S.Width, Depth = depth,
                C = pass.Dh0 + ((nint)firstRow * hidden) + column, CRow = hidden, Accumulate = true,
            };
            SimdKernels<S, V>.RunPanel(tile, rows, columns);
        }
        for (var i = (nint)firstRow * hidden; i < (nint)(firstRow + rows) * hidden; i++)
            pass.Dh0[i] += pass.CarriedState[i];
    }

    // A panel interleaves several gates of one vector of units, or holds several vectors of one gate.
    private static int UnitVectors(int gates) => gates == 1 ? PanelVectors : 1;

    /// <summary>
    /// Packs gates of weights [gates*H, H] so that a panel holds all gates of one block of units: row k is W[g*H + u, k] for every gate g and the units u of
    /// the block.
    /// </summary>
    private static void PackInterleaved(float* weights, int hidden, int gates, float* packed, int part, int parts)
    {
        for (var block = part; block < Blocks(hidden); block += parts)
            for (var gate = 0; gate < gates; gate++)
            {
                int unit = block * S.Width, units = Math.Min(S.Width, hidden - unit);
                var to = packed + ((nint)block * hidden * gates * S.Width) + (gate * S.Width);
                Packing.PackBlock(weights + (((nint)gate * hidden) + unit) * hidden, 1, hidden, hidden, units, to, S.Width, gates * S.Width);
            }
    }

    /// <summary>Packs a matrix [depth, columns] into panels of <see cref="PanelVectors"/> vectors.</summary>
    private static void PackPanels(float* weights, nint columnStride, nint rowStride, int depth, int columns, float* packed, int part, int parts)
    {
        var panel = PanelVectors * S.Width;
        for (var column = part * panel; column < columns; column += parts * panel)
        {
            int count = Math.Min(panel, columns - column), padded = Blocks(count) * S.Width;
            Packing.PackBlock(weights + (column * columnStride), rowStride, columnStride, depth, count, packed + (column * (nint)depth), padded, padded);
        }
    }

    // A cache-aligned position on the stack with room for a whole tile.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float* Align(byte* memory) => (float*)((nint)(memory + 63) & ~63);

    // Room for the largest tile plus a cache line.
    private static int ScratchBytes => (24 * S.Width * sizeof(float)) + 64;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V LoadUpTo(float* source, int count) => count >= S.Width ? S.Load(source) : S.LoadPartial(source, count);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreUpTo(float* destination, V value, int count)
    {
        if (count >= S.Width)
            S.Store(destination, value);
        else
            S.StorePartial(destination, value, count);
    }

    // Whether a row is active at a step.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsActive(in RecurrentPass pass, int step, int row) => pass.Lengths == null || pass.FirstStep + step < pass.Lengths[row];
}
