using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Autograd.Operations;
using Microsoft.ML.Recurrent.Layers;

namespace Microsoft.ML.Recurrent.Networks;

/// <summary>
/// States on the tape, through which gradients flow: the final states of an encoder and the current states of a decoder. Valid until the tape is reset.
/// </summary>
internal sealed class TapeStates : IRecurrentStates
{
    private readonly Dictionary<Layer, RecurrentResult> _results = [];
    private readonly Dictionary<Layer, RecurrentState> _next = [];
    private Dictionary<(Layer, int), ulong>? _streams;

    public bool GoesOn => false;

    /// <summary>The final result of a layer.</summary>
    public RecurrentResult this[Layer layer] => _results[layer];

    /// <summary>A copy of the states, for another continuation.</summary>
    public TapeStates Copy()
    {
        var copy = new TapeStates();
        foreach (var (layer, result) in _results) copy._results.Add(layer, result);
        foreach (var (layer, state) in _next) copy._next.Add(layer, state);
        return copy;
    }

    /// <summary>Sets the initial state of a layer.</summary>
    public void Begin(Layer layer, in RecurrentState state) => _next[layer] = state;

    public RecurrentState? Before(Layer layer, int rows) => _next.TryGetValue(layer, out var state) ? state : null;

    public ulong MaskStream(Tape tape, Layer layer, int mask)
    {
        _streams ??= [];
        if (!_streams.TryGetValue((layer, mask), out var stream)) _streams.Add((layer, mask), stream = tape.NextStream());
        return stream;
    }

    public void After(Layer layer, in RecurrentResult result) => (_results[layer], _next[layer]) = (result, result.Forward);
}
