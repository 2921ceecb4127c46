using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Autograd.Operations;

namespace Microsoft.ML.Recurrent.Layers;

/// <summary>The states that recurrent layers begin with and leave behind.</summary>
internal interface IRecurrentStates
{
    /// <summary>Whether a layer has to be able to go on from a state: one that reads backward, or skips steps, cannot.</summary>
    bool GoesOn { get; }

    /// <summary>The state with which a layer begins; null for zeros.</summary>
    RecurrentState? Before(Layer layer, int rows);

    /// <summary>The random stream of a layer's mask that is the same at every step of a sequence, though the steps may come one by one.</summary>
    /// <param name="tape">Draws a new stream.</param>
    /// <param name="layer">The layer.</param>
    /// <param name="mask">Which of the layer's masks.</param>
    ulong MaskStream(Tape tape, Layer layer, int mask);

    /// <summary>Told the state with which a layer ended.</summary>
    void After(Layer layer, in RecurrentResult result);
}
