using System.Runtime.CompilerServices;
using Microsoft.ML.Recurrent.Kernels.Simd;

namespace Microsoft.ML.Recurrent.Kernels.Recurrent;

/// <summary>
/// The recurrent steps over <see cref="ISimd{TVector}"/>. One step of one tile of rows: the recurrent product of a block of hidden units lands in a scratch tile in the
/// first-level cache, all gates of a unit next to each other, and the gate function consumes it at once. This part holds what the cells share.
/// </summary>
internal sealed unsafe partial class SimdRecurrentSteps<S, V> : RecurrentSteps
    where S : struct, ISimd<V>
    where V : struct
{
    private const MethodImplOptions Hot = MethodImplOptions.AggressiveOptimization;

    // Vectors of a column panel where nothing is interleaved: the products of the backward pass and of simple networks.
    private static int PanelVectors => S.Accumulators >= 24 ? 4 : 2;

    private static int Blocks(int hidden) => (hidden + S.Width - 1) / S.Width;

    public override long PackedLength(in RecurrentPass pass)
    {
        int gates = pass.Kind switch { RecurrentKind.Lstm => 4, RecurrentKind.Gru => 3, _ => 1 };
        return (long)gates * pass.Hidden * Blocks(pass.Hidden) * S.Width;
    }

    public override void PackForward(in RecurrentPass pass, float* weightHh, int part, int parts)
    {
        int hidden = pass.Hidden;
        switch (pass.Kind)
        {
            case RecurrentKind.Lstm: PackInterleaved(weightHh, hidden, 4, pass.Weights, part, parts); break;
            case RecurrentKind.Gru when pass.ResetBefore:
                PackInterleaved(weightHh, hidden, 2, pass.Weights, part, parts);
                PackPanels(weightHh + (2 * (nint)hidden * hidden), hidden, 1, hidden, hidden, pass.Weights + (2 * (nint)hidden * Blocks(hidden) * S.Width), part, parts);
                break;
            case RecurrentKind.Gru: PackInterleaved(weightHh, hidden, 3, pass.Weights, part, parts); break;
            default: PackPanels(weightHh, hidden, 1, hidden, hidden, pass.Weights, part, parts); break;
        }
    }

    public override void PackBackward(in RecurrentPass pass, float* weightHh, int part, int parts)
    {
        int hidden = pass.Hidden;
        switch (pass.Kind)
        {
            case RecurrentKind.Lstm: PackPanels(weightHh, 1, hidden, 4 * hidden, hidden, pass.Weights, part, parts); break;
            case RecurrentKind.Gru when pass.ResetBefore:
                PackPanels(weightHh, 1, hidden, 2 * hidden, hidden, pass.Weights, part, parts);
                PackPanels(weightHh + (2 * (nint)hidden * hidden), 1, hidden, hidden, hidden, pass.Weights + (2 * (nint)hidden * Blocks(hidden) * S.Width), part, parts);
                break;
            case RecurrentKind.Gru: PackPanels(weightHh, 1, hidden, 3 * hidden, hidden, pass.Weights, part, parts); break;
            default: PackPanels(weightHh, 1, hidden, hidden, hidden, pass.Weights, part, parts); break;
        }
    }

    public override void Forward(in RecurrentPass pass, int firstRow, int rows)
    {
        switch (pass.Kind)
        {
            case RecurrentKind.Lstm: Forward<LstmCell>(pass, firstRow, rows); break;
            case RecurrentKind.Gru when pass.ResetBefore: GruResetBeforeForward(pass, firstRow, rows); break;
            case RecurrentKind.Gru: Forward<GruCell>(pass, firstRow, rows); break;
            default:
                switch (pass.Activation)
                {
                    case Activation.Tanh: Forward<SimpleCell<TanhActivation>>(pass, firstRow, rows); break;
                    case Activation.Relu: Forward<SimpleCell<ReluActivation>>(pass, firstRow, rows); break;
                    case Activation.LeakyRelu: Forward<SimpleCell<LeakyReluActivation>>(pass, firstRow, rows); break;
                    case Activation.Elu: Forward<SimpleCell<EluActivation>>(pass, firstRow, rows); break;
                    default: Forward<SimpleCell<SigmoidActivation>>(pass, firstRow, rows); break;
                }
                break;
        }
    }

    public override void Backward(in RecurrentPass pass, int firstRow, int rows)
    {
        switch (pass.Kind)
        {
            case RecurrentKind.Lstm: Backward<LstmCell>(pass, firstRow, rows); break;
            case RecurrentKind.Gru when pass.ResetBefore: GruResetBeforeBackward(pass, firstRow, rows); break;
            case RecurrentKind.Gru: Backward<GruCell>(pass, firstRow, rows); break;
            default:
                switch (pass.Activation)
                {
                    case Activation.Tanh: Backward<SimpleCell<TanhActivation>>(pass, firstRow, rows); break;
                    case Activation.Relu: Backward<SimpleCell<ReluActivation>>(pass, firstRow, rows); break;
                    case Activation.LeakyRelu: Backward<SimpleCell<LeakyReluActivation>>(pass, firstRow, rows); break;
                    case Activation.Elu: Backward<SimpleCell<EluActivation>>(pass, firstRow, rows); break;
                    default: Backward<SimpleCell<SigmoidActivation>>(pass, firstRow, rows); break;
                }
                break;
        }
        int steps = pass.EndStep - pass.FirstStep;
        if (pass.Dh0 != null)
            StateGradient(pass, pass.Reverse ? steps - 1 : 0, firstRow, rows);
    }

    // The gradient of the initial state: what the first step's gates give, and what was carried past them.
    [MethodImpl(Hot)]
    private static void StateGradient(in RecurrentPass pass, int step, int firstRow, int rows)
    {
        int hidden = pass.Hidden, skipped = pass.Kind == RecurrentKind.Gru ? hidden : 0;
        int depth = pass.Kind switch { RecurrentKind.Lstm => 4 * hidden, RecurrentKind.Gru => (pass.ResetBefore ? 2 : 3) * hidden, _ => hidden };
        for (int column = 0; column < hidden; column += PanelVectors * S.Width)
        {
            int columns = Math.Min(PanelVectors * S.Width, hidden - column), vectors = Blocks(columns);
            var tile = new MatrixTile
            {
                A = pass.Gates + ((((nint)step * pass.Batch) + firstRow) * pass.GatesRow) + skipped, ARow = pass.GatesRow, AStep = 1,
                B = pass.Weights + (column * (nint)depth), BStep = vectors * S.Width, Depth = depth,
                C = pass.Dh0 + ((nint)firstRow * hidden) + column, CRow = hidden, Accumulate = true,
            };
            SimdKernels<S, V>.RunPanel(tile, rows, columns);
        }
        for (nint i = (nint)firstRow * hidden; i < (nint)(firstRow + rows) * hidden; i++)
            pass.Dh0[i] += pass.CarriedState[i];
    }

    /// <summary>
    /// Packs gates of weights [gates*H, H] so that a panel holds all gates of one block of units: row k is W[g*H + u, k] for every gate g and the units u of the block.
    /// </summary>
    private static void PackInterleaved(float* weights, int hidden, int gates, float* packed, int part, int parts)
    {
        for (int block = part; block < Blocks(hidden); block += parts)
            for (int gate = 0; gate < gates; gate++)
            {
                int unit = block * S.Width, units = Math.Min(S.Width, hidden - unit);
                float* to = packed + ((nint)block * hidden * gates * S.Width) + (gate * S.Width);
                Packing.PackBlock(weights + (((nint)gate * hidden) + unit) * hidden, 1, hidden, hidden, units, to, S.Width, gates * S.Width);
            }
    }

    /// <summary>Packs a matrix [depth, columns] into panels of <see cref="PanelVectors"/> vectors.</summary>
    private static void PackPanels(float* weights, nint columnStride, nint rowStride, int depth, int columns, float* packed, int part, int parts)
    {
        int panel = PanelVectors * S.Width;
        for (int column = part * panel; column < columns; column += parts * panel)
        {
            int count = Math.Min(panel, columns - column), padded = Blocks(count) * S.Width;
            Packing.PackBlock(weights + (column * columnStride), rowStride, columnStride, depth, count, packed + (column * (nint)depth), padded, padded);
        }
    }

    // A place of the stack that a whole tile fits into, on a cache line.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float* Align(byte* memory) => (float*)((nint)(memory + 63) & ~63);

    // Room for the largest tile and a cache line.
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

    // Whether a row takes part in a step.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsActive(in RecurrentPass pass, int step, int row) => pass.Lengths == null || pass.FirstStep + step < pass.Lengths[row];
}
