using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Autograd.Operations;
using Microsoft.ML.Recurrent.Layers;
using Microsoft.ML.Recurrent.Tensors;

namespace Microsoft.ML.Recurrent.Networks.Decoding;

/// <summary>
/// The encoder of a stretch, from which a decoder starts at each position. A layer with a memory (LSTM) runs from position to position, each time from the
/// state at the end of the part before, so that its state at a position is the final one of a part; gradients flow through all parts.
/// </summary>
internal static class StretchEncoder
{
    /// <summary>Runs the layers over a stretch.</summary>
    /// <param name="tape">Records the operations.</param>
    /// <param name="layers">The layers of the encoder, which read forward.</param>
    /// <param name="signal">What they read of a stretch, [time, rows, n].</param>
    /// <param name="positions">The positions.</param>
    /// <param name="isAttended">Whether the decoder attends to the steps before its position.</param>
    /// <returns>
    /// The last output at each position and, for attention, those of the steps of the warm-up up to it, with positions x rows as rows; the states at the
    /// positions.
    /// </returns>
    public static (Signal Encoded, TapeStates States) Run(Tape tape, IReadOnlyList<Layer> layers, Signal signal, in StretchPositions positions, bool isAttended)
    {
        var (running, states) = (new TapeStates(), new TapeStates());
        signal = signal with { State = running };
        foreach (var layer in layers)
        {
            signal = layer is RecurrentLayer recurrent ? Run(tape, recurrent, signal, positions, running, states)
                : layer.ForwardObserved(tape, signal);
        }
        var (steps, rows) = (signal.Numbers, signal.Rows * positions.Count);
        return (signal with
        {
            Values = isAttended ? PositionsOperation.WithWarmUp(tape, steps, positions) : null,
            LastStates = PositionsOperation.Apply(tape, steps, positions),
            Rows = rows,
            Time = positions.WarmUp,
        }, states);
    }

    private static Signal Run(Tape tape, RecurrentLayer layer, Signal signal, in StretchPositions positions, TapeStates running, TapeStates states)
    {
        if (layer.Description is RecurrentDescription { Descriptor.HasMemory: true })
            return FromPositionToPosition(tape, layer, signal, positions, running, states);
        // All of the state is output at each step.
        signal = layer.ForwardObserved(tape, signal);
        var all = running[layer].Y;
        states.After(layer, new(all, new(PositionsOperation.Apply(tape, all, positions), null), null));
        return signal with { LastStates = null };
    }

    private static Signal FromPositionToPosition(Tape tape, RecurrentLayer layer, Signal signal, in StretchPositions positions, TapeStates running,
        TapeStates states)
    {
        var (all, count) = (signal.Numbers, positions.Count);
        var (outputs, hidden, memory) = (new Tensor[count], new Tensor[count], new Tensor[count]);
        for (var k = 0; k < count; k++)
        {
            var (first, steps) = k == 0 ? (0, positions.WarmUp) : (positions.WarmUp + (k - 1) * positions.Stride, positions.Stride);
            outputs[k] = layer.ForwardObserved(tape, signal with { Values = SliceOperation.Apply(tape, all, first, steps), Time = steps }).Numbers;
            (hidden[k], memory[k]) = (running[layer].Forward.H, running[layer].Forward.C!);
        }
        var whole = ConcatOperation.Apply(tape, 0, outputs);
        states.After(layer, new(whole, new(ConcatOperation.Apply(tape, 0, hidden), ConcatOperation.Apply(tape, 0, memory)), null));
        return signal with { Values = whole, LastStates = null };
    }
}
