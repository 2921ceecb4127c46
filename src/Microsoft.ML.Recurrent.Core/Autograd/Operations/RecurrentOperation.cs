using Microsoft.ML.Recurrent.Kernels;
using Microsoft.ML.Recurrent.Kernels.Recurrent;
using Microsoft.ML.Recurrent.Tensors;

namespace Microsoft.ML.Recurrent.Autograd.Operations;

/// <summary>The configuration of a recurrent layer, without its weights.</summary>
internal readonly record struct RecurrentOptions(CellDescriptor Cell, int HiddenSize, Activation Activation = Activation.Tanh, bool ResetBefore = false)
{
    /// <summary>The layer's name, passed to observers.</summary>
    public string? Layer { get; init; }

    /// <summary>
    /// Segment length in steps for long sequences: only the states between segments are kept (<see cref="RecurrentSegments"/>). 0 to keep all states.
    /// </summary>
    public int SegmentSteps { get; init; }

    /// <summary>Steps after which state gradients are cut (<see cref="Truncation"/>); 0 for none.</summary>
    public int TruncationSteps { get; init; }
}

/// <summary>The weights of one direction, in PyTorch's layout; biases may be null.</summary>
internal readonly record struct RecurrentWeights(Tensor WeightIh, Tensor WeightHh, Tensor? BiasIh, Tensor? BiasHh)
{
    /// <summary>Peephole weights [peepholes of the cell, hidden]; null for a cell without.</summary>
    public Tensor? Peephole { get; init; }
}

/// <summary>The state of one direction: h [rows, hidden] and, if the cell has a memory, c.</summary>
internal readonly record struct RecurrentState(Tensor H, Tensor? C);

/// <summary>
/// The output of a recurrent layer: y [time, rows, directions x hidden], 0 past the length of a row, and the state of each direction after its last valid step.
/// </summary>
internal readonly record struct RecurrentResult(Tensor Y, RecurrentState Forward, RecurrentState? Reverse);

/// <summary>A recurrent layer of one or two directions over a whole padded sequence, forward and backward by the fused kernels.</summary>
internal sealed unsafe class RecurrentOperation : Operation
{
    private const int Directions = 2;

    private readonly RecurrentWeights[] _weights = new RecurrentWeights[Directions];
    private readonly RecurrentState?[] _initial = new RecurrentState?[Directions];
    private readonly RecurrentState[] _final = new RecurrentState[Directions];
    private readonly RecurrentSegments?[] _segments = new RecurrentSegments?[Directions];
    private readonly RecurrentWorkspace?[] _workspaces = new RecurrentWorkspace?[Directions];
    private Tensor? _x;
    private int[]? _lengths;
    private int _directions;
    private RecurrentOptions _options;
    private bool _segmented;

    public override bool HasUpstream
    {
        get
        {
            for (var d = 0; d < _directions; d++)
            {
                if (_final[d].H.HasGradient || _final[d].C is { HasGradient: true }) return true;
            }

            return Output.HasGradient;
        }
    }

    /// <summary>Runs a layer; a second set of weights belongs to the reverse direction.</summary>
    /// <param name="tape">Records the operation.</param>
    /// <param name="x">[time, rows, features].</param>
    /// <param name="lengths">Valid steps of each row; null if all are valid.</param>
    /// <param name="options">The cell.</param>
    /// <param name="weights">Of one or two directions.</param>
    /// <param name="initial">Initial state of the forward direction; zeros if null.</param>
    /// <param name="initialReverse">Initial state of the reverse direction; zeros if null.</param>
    public static RecurrentResult Apply(Tape tape, Tensor x, int[]? lengths, in RecurrentOptions options, ReadOnlySpan<RecurrentWeights> weights,
        RecurrentState? initial = null, RecurrentState? initialReverse = null)
    {
        var (time, rows, hidden) = (x.Shape[0], x.Shape[1], options.HiddenSize);
        var y = tape.Rent(new Shape(time, rows, weights.Length * hidden));
        var record = Record(tape, y, x, weights, initial, initialReverse);
        var steps = options.TruncationSteps > 0 ? options.TruncationSteps : options.SegmentSteps > 0 ? options.SegmentSteps : time;
        if (record is not null) record._segmented = steps < time;
        Span<RecurrentState> final = [default, default];
        for (var d = 0; d < weights.Length; d++)
        {
            var state = final[d] = new RecurrentState(tape.Rent(new Shape(rows, hidden)), options.Cell.HasMemory ? tape.Rent(new Shape(rows, hidden)) : null);
            var start = d == 0 ? initial : initialReverse;
            fixed (int* pointer = lengths)
            {
                var arguments = Arguments(options, d, x, pointer, weights[d], start, state, y);
                if (record is null)
                {
                    RecurrentKernel.Forward(arguments, null);
                    continue;
                }

                var workspace = record._workspaces[d] ??= new RecurrentWorkspace();
                if (record._segmented) (record._segments[d] ??= new RecurrentSegments()).Forward(arguments, steps);
                else RecurrentKernel.Forward(arguments, workspace);
            }

            (state.H.RequiresGradient, record._weights[d], record._initial[d], record._final[d]) = (true, weights[d], start, state);
            if (state.C is not null) state.C.RequiresGradient = true;
        }

        if (record is not null) (record._x, record._lengths, record._directions, record._options) = (x, lengths, weights.Length, options);
        return new RecurrentResult(y, final[0], weights.Length > 1 ? final[1] : null);
    }

    public override void Backward(Tape tape)
    {
        var x = _x!;
        for (var d = 0; d < _directions; d++)
        {
            var (weights, initial, final) = (_weights[d], _initial[d], _final[d]);
            var hidden = _options.HiddenSize;
            var dx = Tape.GradientOf(x, out var accumulate);
            fixed (int* pointer = _lengths)
            {
                var arguments = Arguments(_options, d, x, pointer, weights, initial, final, Output);
                var gradients = new RecurrentGradients
                {
                    Dy = Output.HasGradient ? Output.Gradient!.Pointer + d * hidden : null, DyRow = Output.Shape.Columns,
                    Dhn = Upstream(final.H), Dcn = Upstream(final.C),
                    Dx = PointerOf(dx), OverwriteDx = !accumulate,
                    DWeightIh = Added(weights.WeightIh), DWeightHh = Added(weights.WeightHh), DBiasIh = Added(weights.BiasIh), DBiasHh = Added(weights.BiasHh),
                    DPeephole = Added(weights.Peephole),
                    Dh0 = Added(initial?.H), Dc0 = Added(initial?.C),
                };
                var flow = tape.Observer is null ? null : new GradientFlow(_options, x.Shape[0], x.Shape[1], _lengths);
                if (_segmented) _segments[d]!.Backward(arguments, gradients, _workspaces[d]!, flow, _options.TruncationSteps > 0);
                else
                {
                    RecurrentKernel.Backward(arguments, gradients, _workspaces[d]!);
                    flow?.Add(_workspaces[d]!.Gates, 0, x.Shape[0]);
                }

                flow?.Tell(tape.Observer!, _options.Layer, reverse: d == 1);
            }
        }
    }

    public override void Release()
    {
        for (var d = 0; d < Directions; d++)
        {
            _workspaces[d]?.Dispose();
            _segments[d]?.Dispose();
            (_weights[d], _initial[d], _final[d]) = (default, null, default);
        }

        (_x, _lengths, _directions) = (null, null, 0);
        base.Release();
    }

    public override void ReleaseUpstream()
    {
        for (var d = 0; d < _directions; d++)
        {
            ReleaseGradient(_final[d].H);
            ReleaseGradient(_final[d].C);
        }

        base.ReleaseUpstream();
    }

    private static RecurrentOperation? Record(Tape tape, Tensor y, Tensor x, ReadOnlySpan<RecurrentWeights> weights, RecurrentState? initial,
        RecurrentState? initialReverse)
    {
        var needed = tape.WillRecord(x, initial?.H, initial?.C) || tape.WillRecord(initialReverse?.H, initialReverse?.C);
        foreach (var own in weights) needed |= tape.WillRecord(own.WeightIh, own.WeightHh, own.BiasIh, own.BiasHh) || tape.WillRecord(own.Peephole);
        return needed ? tape.Record<RecurrentOperation>(y) : null;
    }

    private static RecurrentArguments Arguments(in RecurrentOptions options, int direction, Tensor x, int* lengths, in RecurrentWeights weights,
        in RecurrentState? initial, in RecurrentState final, Tensor y) => new()
        {
            Cell = options.Cell, Activation = options.Activation,
            ActivationAlpha = options.Activation == Activation.LeakyRelu ? 0.01f : 1, ResetBefore = options.ResetBefore,
            Reverse = direction == 1, Time = x.Shape[0], Batch = x.Shape[1], InputSize = x.Shape[2], HiddenSize = options.HiddenSize, Lengths = lengths,
            X = x.Pointer,
            WeightIh = weights.WeightIh.Pointer, WeightHh = weights.WeightHh.Pointer, BiasIh = PointerOf(weights.BiasIh), BiasHh = PointerOf(weights.BiasHh),
            Peephole = PointerOf(weights.Peephole),
            H0 = PointerOf(initial?.H), C0 = PointerOf(initial?.C), Y = y.Pointer + direction * options.HiddenSize, YRow = y.Shape.Columns,
            Hn = final.H.Pointer,
            Cn = PointerOf(final.C),
        };
}
