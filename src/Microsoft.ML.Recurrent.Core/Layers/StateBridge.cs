using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Autograd.Operations;
using Microsoft.ML.Recurrent.Tensors;

namespace Microsoft.ML.Recurrent.Layers;

/// <summary>
/// From the state in which one recurrent layer ends to that with which another begins: handed over where both are alike, else by dense layers
/// (<c>{layer}_bridge_h</c> with tanh, and <c>{layer}_bridge_c</c> of a
/// cell with a memory) from the states of both directions side by side.
/// </summary>
internal sealed class StateBridge
{
    private readonly DenseLayer? _hidden, _memory;

    public StateBridge(RecurrentDescription from, RecurrentDescription to)
    {
        if (from.Dilation > 1)
            throw new ArgumentException(
                $"Layer '{from.Name}': its state skips steps, so that layer '{to.Name}' of the decoder cannot begin with it. Let the encoder end in a layer "
                    + $"without dilation.");
        var (fromMemory, toMemory) = (from.Descriptor.HasMemory, to.Descriptor.HasMemory);
        if (!from.Bidirectional && from.StateSize == to.StateSize && (!toMemory || fromMemory && from.HiddenSize == to.HiddenSize)) return;
        var directions = from.Bidirectional ? 2 : 1;
        _hidden = new DenseLayer(new DenseDescription($"{to.Name}_bridge_h", to.StateSize, DenseActivation.Tanh),
            new LayerShape(false, directions * from.StateSize));
        if (toMemory)
            _memory = new DenseLayer(new DenseDescription($"{to.Name}_bridge_c", to.HiddenSize, DenseActivation.Identity),
                new LayerShape(false, directions * (fromMemory ? from.HiddenSize : from.StateSize)));
    }

    /// <summary>The dense layers; none where states are handed over.</summary>
    public IEnumerable<DenseLayer> Layers => new[] { _hidden, _memory }.OfType<DenseLayer>();

    public RecurrentState Apply(Tape tape, in RecurrentResult from)
    {
        if (_hidden is null) return from.Forward;
        var h = from.Reverse is { } other ? ConcatOperation.Apply(tape, from.Forward.H, other.H) : from.Forward.H;
        var c = from.Forward.C is not { } memory ? h : from.Reverse is { } reverse ? ConcatOperation.Apply(tape, memory, reverse.C!) : memory;
        return new RecurrentState(Pass(_hidden, h), _memory is null ? null : Pass(_memory, c));

        Tensor Pass(DenseLayer layer, Tensor x) => layer.Forward(tape, new Signal(x, null) { Rows = x.Shape[0] }).Numbers;
    }
}
