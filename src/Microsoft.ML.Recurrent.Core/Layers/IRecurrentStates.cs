using Microsoft.ML.Recurrent.Autograd.Operations;

namespace Microsoft.ML.Recurrent.Layers;

/// <summary>The states that recurrent layers begin with and leave behind.</summary>
internal interface IRecurrentStates
{
    /// <summary>Whether a layer has to be able to go on from a state: one that reads backward, or skips steps, cannot.</summary>
    bool GoesOn { get; }

    /// <summary>The state with which a layer begins; null for zeros.</summary>
    RecurrentState? Before(Layer layer, int rows);

    /// <summary>Told the state with which a layer ended.</summary>
    void After(Layer layer, in RecurrentResult result);
}
