using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Autograd.Operations;

namespace Microsoft.ML.Recurrent.Layers;

/// <summary>The initial and final states of recurrent layers.</summary>
internal interface IRecurrentStates
{
    /// <summary>Whether layers must be able to continue from a state. Layers that read backward or are dilated cannot.</summary>
    bool GoesOn { get; }

    /// <summary>The initial state of a layer; null for zeros.</summary>
    RecurrentState? Before(Layer layer, int rows);

    /// <summary>The random stream of a mask that is shared by all steps of a sequence, even if the steps are run one by one.</summary>
    /// <param name="tape">Draws a new stream if needed.</param>
    /// <param name="layer">The layer.</param>
    /// <param name="mask">Index of the mask within the layer.</param>
    ulong MaskStream(Tape tape, Layer layer, int mask);

    /// <summary>Called with the final state of a layer.</summary>
    void After(Layer layer, in RecurrentResult result);
}
