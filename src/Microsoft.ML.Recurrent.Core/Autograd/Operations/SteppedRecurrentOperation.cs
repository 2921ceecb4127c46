using Microsoft.ML.Recurrent.Kernels;
using Microsoft.ML.Recurrent.Kernels.Recurrent;
using Microsoft.ML.Recurrent.Tensors;

namespace Microsoft.ML.Recurrent.Autograd.Operations;

/// <summary>Options of a cell beyond those of the fused kernels, without weights.</summary>
internal readonly record struct SteppedOptions(RecurrentOptions Layer)
{
    public bool Reverse { get; init; }

    /// <summary>Probability that a unit of the state (or memory) keeps its previous value (Krueger et al. 2017). Inference uses the expected value.</summary>
    public float ZoneoutHidden { get; init; }

    public float ZoneoutCell { get; init; }

    /// <summary>Added to variances inside the cell.</summary>
    public float Epsilon { get; init; }
}

/// <summary>
/// The weights of one direction. A projection [state, hidden] makes the state smaller than the cell. The gains [gates x hidden] of both products and the gain
/// and bias [hidden] of the cell are all set or all null.
/// </summary>
internal readonly record struct SteppedWeights(Tensor WeightIh, Tensor WeightHh, Tensor? BiasIh, Tensor? BiasHh)
{
    public Tensor? WeightHr { get; init; }

    public Tensor? GainIh { get; init; }

    public Tensor? GainHh { get; init; }

    public Tensor? GainC { get; init; }

    public Tensor? BiasC { get; init; }

    /// <summary>Peephole weights [peepholes of the cell, hidden]; null for a cell without.</summary>
    public Tensor? Peephole { get; init; }
}

/// <summary>
/// Random masks of a training pass, owned by the operation: dropout of the state read by the gates [rows, state], shared by all steps (Gal and Ghahramani
/// 2016), and the zoneout masks (1 kept, 0 updated) of the state [time, rows, state] and the cell [time, rows, hidden].
/// </summary>
internal readonly record struct SteppedMasks(Tensor? Hidden, Tensor? KeepHidden, Tensor? KeepCell) : IDisposable
{
    public void Dispose()
    {
        Hidden?.Dispose();
        KeepHidden?.Dispose();
        KeepCell?.Dispose();
    }
}

/// <summary>
/// One direction of a recurrent layer with projection, zoneout, recurrent dropout or normalization inside the cell, over a whole padded sequence.
/// </summary>
internal sealed unsafe class SteppedRecurrentOperation : Operation
{
    private readonly Tensor?[] _operands = new Tensor?[13];
    private SteppedOptions _options;
    private SteppedMasks _masks;
    private RecurrentState _final;
    private SteppedMemory _memory;
    private int[]? _lengths;

    public override bool HasUpstream => Output.HasGradient || _final.H.HasGradient || _final.C is { HasGradient: true };

    /// <summary>[time, rows, features] to [time, rows, state], 0 past the length of a row, and the state after the last valid step.</summary>
    public static (Tensor Y, RecurrentState Final) Apply(Tape tape, Tensor x, int[]? lengths, in SteppedOptions options, in SteppedWeights weights,
        in SteppedMasks masks = default, RecurrentState? initial = null)
    {
        var (time, rows, size) = (x.Shape[0], x.Shape[1], weights.WeightHh.Shape[1]);
        Check(options, weights);
        var cell = options.Layer.Cell;
        var y = tape.Rent(new Shape(time, rows, size));
        var final = new RecurrentState(tape.Rent(new Shape(rows, size)), cell.HasMemory ? tape.Rent(new Shape(rows, options.Layer.HiddenSize)) : null);
        Tensors operands = default;
        (operands[0], operands[1], operands[2], operands[3], operands[4], operands[5]) =
            (x, weights.WeightIh, weights.WeightHh, weights.BiasIh, weights.BiasHh, weights.WeightHr);
        (operands[6], operands[7], operands[8], operands[9], operands[10], operands[11]) =
            (weights.GainIh, weights.GainHh, weights.GainC, weights.BiasC, initial?.H, initial?.C);
        operands[12] = weights.Peephole;
        var needed = false;
        foreach (var operand in operands) needed |= tape.WillRecord(operand);
        fixed (int* pointer = lengths)
        {
            var pass = Pass(options, operands, masks, pointer);
            pass.Y = y.Pointer;
            pass.YRow = size;
            pass.Hn = final.H.Pointer;
            pass.Cn = PointerOf(final.C);
            pass.Forward();
            if (!needed)
            {
                pass.Memory.Dispose();
                masks.Dispose();
                return (y, final);
            }

            var record = tape.Record<SteppedRecurrentOperation>(y);
            (record._options, record._masks, record._final, record._memory, record._lengths) = (options, masks, final, pass.Memory, lengths);
            for (var i = 0; i < record._operands.Length; i++) record._operands[i] = operands[i];
        }

        final.H.RequiresGradient = true;
        if (final.C is not null) final.C.RequiresGradient = true;
        return (y, final);
    }

    public override void Backward(Tape tape)
    {
        Tensors operands = default;
        for (var i = 0; i < _operands.Length; i++) operands[i] = _operands[i];
        fixed (int* pointer = _lengths)
        {
            var pass = Pass(_options, operands, _masks, pointer);
            pass.Memory = _memory;
            pass.Backward(new SteppedGradients
            {
                Dy = Upstream(Output), Dhn = Upstream(_final.H), Dcn = Upstream(_final.C), Dx = Added(0), DWeightIh = Added(1), DWeightHh = Added(2),
                DBiasIh = Added(3), DBiasHh = Added(4),
                DWeightHr = Added(5), DGainIh = Added(6), DGainHh = Added(7), DGainC = Added(8), DBiasC = Added(9), Dh0 = Added(10), Dc0 = Added(11),
                DPeephole = Added(12),
            });
            if (tape.Observer is not { } observer) return;
            var flow = new GradientFlow(_options.Layer, pass.Time, pass.Batch, _lengths);
            flow.Add(_memory.Gates, 0, pass.Time);
            flow.Tell(observer, _options.Layer.Layer, _options.Reverse);
        }
    }

    public override void Release()
    {
        _memory.Dispose();
        _masks.Dispose();
        Array.Clear(_operands);
        (_masks, _final, _lengths) = (default, default, null);
        base.Release();
    }

    public override void ReleaseUpstream()
    {
        ReleaseGradient(_final.H);
        ReleaseGradient(_final.C);
        base.ReleaseUpstream();
    }

    private static SteppedPass Pass(in SteppedOptions options, in Tensors operands, in SteppedMasks masks, int* lengths)
    {
        var (x, layer) = (operands[0]!, options.Layer);
        return new SteppedPass
        {
            Cell = layer.Cell, Activation = layer.Activation, ActivationAlpha = layer.Activation == Activation.LeakyRelu ? 0.01f : 1,
            ResetBefore = layer.ResetBefore, Reverse = options.Reverse, Time = x.Shape[0], Batch = x.Shape[1], InputSize = x.Shape[2],
            HiddenSize = layer.HiddenSize, StateSize = operands[2]!.Shape[1], Lengths = lengths,
            X = x.Pointer, WeightIh = PointerOf(operands[1]), WeightHh = PointerOf(operands[2]), BiasIh = PointerOf(operands[3]),
            BiasHh = PointerOf(operands[4]), WeightHr = PointerOf(operands[5]),
            GainIh = PointerOf(operands[6]), GainHh = PointerOf(operands[7]), GainC = PointerOf(operands[8]), BiasC = PointerOf(operands[9]),
            Epsilon = options.Epsilon,
            HiddenMask = PointerOf(masks.Hidden), KeepHidden = PointerOf(masks.KeepHidden), KeepCell = PointerOf(masks.KeepCell),
            ZoneoutHidden = options.ZoneoutHidden, ZoneoutCell = options.ZoneoutCell,
            H0 = PointerOf(operands[10]), C0 = PointerOf(operands[11]), Peephole = PointerOf(operands[12]), TruncationSteps = layer.TruncationSteps,
        };
    }

    private static void Check(in SteppedOptions options, in SteppedWeights weights)
    {
        var used = (weights.WeightHr is null ? 0 : CellOptions.Projection) | (weights.GainIh is null ? 0 : CellOptions.LayerNormalization)
            | (options.ZoneoutCell == 0 ? 0 : CellOptions.MemoryZoneout);
        if (!options.Layer.Cell.Has(used))
            throw new ArgumentException($"The cell '{options.Layer.Cell.Name}' does not support all of: {used}.", nameof(weights));
        PeepholeWeights.Check(options.Layer.Cell, weights.Peephole is not null);
        if (weights is { Peephole: not null, GainIh: not null })
            throw new ArgumentException("A cell with peepholes has no normalization inside.", nameof(weights));
        if (weights.GainIh is null != weights.GainHh is null || weights.GainIh is null != weights.GainC is null
            || weights.GainIh is null != weights.BiasC is null)
            throw new ArgumentException("Layer normalization needs all gains and biases of the cell, or none.", nameof(weights));
        if (weights.WeightHr is null && weights.WeightHh.Shape[1] != options.Layer.HiddenSize)
            throw new ArgumentException("Without a projection the state must have the hidden size.", nameof(weights));
    }

    private float* Added(int operand) => Added(_operands[operand]);

    [System.Runtime.CompilerServices.InlineArray(13)]
    private struct Tensors
    {
        private Tensor? _first;
    }
}
