using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Autograd.Operations;
using Microsoft.ML.Recurrent.Tensors;

namespace Microsoft.ML.Recurrent.Layers;

/// <summary>
/// Maps the final state of one recurrent layer to the initial state of another: unchanged if both have the same form, otherwise by dense layers
/// (<c>{layer}_bridge_h</c> with tanh, and <c>{layer}_bridge_c</c> for a cell with a memory) over the concatenated states of both directions.
/// </summary>
internal sealed class StateBridge
{
    private readonly DenseLayer? _hidden, _memory;

    public StateBridge(RecurrentDescription from, RecurrentDescription to)
    {
        if (from.Dilation > 1)
            throw new ArgumentException(
                $"Layer '{from.Name}': it is dilated, so layer '{to.Name}' of the decoder cannot start from its state. End the encoder with a layer "
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

    /// <summary>The dense layers; none if states are passed on unchanged.</summary>
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
