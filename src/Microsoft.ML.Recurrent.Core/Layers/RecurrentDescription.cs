using System.Text.Json.Serialization;
using Microsoft.ML.Recurrent.Kernels.Recurrent;

namespace Microsoft.ML.Recurrent.Layers;

/// <summary>
/// One recurrent layer, [time, batch, features] to [time, batch, directions x state] (or state where the directions are merged). Parameters in PyTorch's layout
/// and gate order (LSTM i, f, g, o; GRU r, z, n; minimal gated unit f, n): <c>{Name}.weight_ih</c> [gates x hidden, features], <c>{Name}.weight_hh</c> [gates x
/// hidden, state], <c>{Name}.bias_ih</c>, <c>{Name}.bias_hh</c> [gates x hidden], with a projection <c>{Name}.weight_hr</c> [state, hidden], with normalization
/// <c>{Name}.gain_ih</c>, <c>{Name}.gain_hh</c> [gates x hidden], <c>{Name}.gain_c</c>, <c>{Name}.bias_c</c> [hidden]; and the same with <c>_reverse</c> for
/// the second direction.
/// </summary>
internal sealed record RecurrentDescription(string Name, RecurrentCell Cell, int HiddenSize) : LayerDescription(Name)
{
    /// <summary>What the cell is.</summary>
    [JsonIgnore]
    public CellDescriptor Descriptor => CellDescriptor.For(Cell);

    /// <summary>Whether a reset gate comes before the recurrent product.</summary>
    [JsonIgnore]
    public bool ResetsBefore => Descriptor.ResetsBefore(!ResetAfter);

    public bool Bidirectional { get; init; }

    /// <summary>How two directions become one.</summary>
    public BidirectionalMerge Merge { get; init; }

    /// <summary>Of a simple recurrent network.</summary>
    public RecurrentActivation Activation { get; init; }

    /// <summary>Of a GRU: whether the reset gate is applied after the recurrent product.</summary>
    public bool ResetAfter { get; init; } = true;

    /// <summary>Whether what comes in is added to what comes out, which then has to have the same size.</summary>
    public bool Residual { get; init; }

    /// <summary>Steps between a state and the one it is made from (Chang et al. 2017); 1 is the ordinary layer.</summary>
    public int Dilation { get; init; } = 1;

    /// <summary>Of an LSTM: size of the state that is projected out of the hidden units (Sak et al. 2014); 0 for none.</summary>
    public int Projection { get; init; }

    /// <summary>Dropout of the inputs while training, the same at every step of a sequence (Gal and Ghahramani 2016).</summary>
    public float InputDropout { get; init; }

    /// <summary>Dropout of the state that the gates read while training, the same at every step of a sequence (Gal and Ghahramani 2016).</summary>
    public float RecurrentDropout { get; init; }

    /// <summary>Probability that a number of the state stays as it was at the step before (Krueger et al. 2017); at inference the mean of both.</summary>
    public float ZoneoutHidden { get; init; }

    /// <summary>The same of an LSTM's memory.</summary>
    public float ZoneoutCell { get; init; }

    /// <summary>Of an LSTM: layer normalization inside the cell, of both products and of the memory (Ba et al. 2016).</summary>
    public bool LayerNormalization { get; init; }

    /// <summary>Numbers of one direction's state.</summary>
    [JsonIgnore]
    public int StateSize => Projection > 0 ? Projection : HiddenSize;

    /// <summary>Numbers of a step that comes out.</summary>
    [JsonIgnore]
    public int OutputSize => Bidirectional && Merge == BidirectionalMerge.Concat ? 2 * StateSize : StateSize;

    /// <summary>Whether inference, too, needs more than the fused cells know.</summary>
    [JsonIgnore]
    public bool IsStepped => Projection > 0 || LayerNormalization || ZoneoutHidden > 0 || ZoneoutCell > 0;
}
