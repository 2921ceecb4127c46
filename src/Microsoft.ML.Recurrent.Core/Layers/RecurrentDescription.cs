using System.Text.Json.Serialization;
using Microsoft.ML.Recurrent.Kernels.Recurrent;

namespace Microsoft.ML.Recurrent.Layers;

/// <summary>
/// A recurrent layer, [time, batch, features] to [time, batch, directions x state] (or state if the directions are merged). Parameters in PyTorch's layout and
/// gate order (LSTM i, f, g, o, or i, g, o with coupled gates; GRU r, z, n; minimal gated unit f, n): <c>{Name}.weight_ih</c> [gates x hidden, features],
/// <c>{Name}.weight_hh</c> [gates x hidden, state], <c>{Name}.bias_ih</c>, <c>{Name}.bias_hh</c> [gates x hidden]; with a projection <c>{Name}.weight_hr</c>
/// [state, hidden]; with normalization <c>{Name}.gain_ih</c>, <c>{Name}.gain_hh</c> [gates x hidden], <c>{Name}.gain_c</c>, <c>{Name}.bias_c</c> [hidden]; with
/// peepholes <c>{Name}.weight_peephole</c> [3 x hidden] (i, o, f), or [2 x hidden] (i, o) with coupled gates. The second direction has the suffix
/// <c>_reverse</c>.
/// </summary>
internal sealed record RecurrentDescription(string Name, RecurrentCell Cell, int HiddenSize) : LayerDescription(Name)
{
    /// <summary>The descriptor of the cell.</summary>
    [JsonIgnore]
    public CellDescriptor Descriptor => CellDescriptor.For(Cell);

    /// <summary>Whether the reset gate is applied before the recurrent product.</summary>
    [JsonIgnore]
    public bool ResetsBefore => Descriptor.ResetsBefore(!ResetAfter);

    public bool Bidirectional { get; init; }

    /// <summary>How two directions are merged.</summary>
    public BidirectionalMerge Merge { get; init; }

    /// <summary>The activation of a simple RNN.</summary>
    public RecurrentActivation Activation { get; init; }

    /// <summary>GRU: whether the reset gate is applied after the recurrent product.</summary>
    public bool ResetAfter { get; init; } = true;

    /// <summary>Whether the input is added to the output; both must have the same size.</summary>
    public bool Residual { get; init; }

    /// <summary>Steps between a state and its predecessor (Chang et al. 2017); 1 for an ordinary layer.</summary>
    public int Dilation { get; init; } = 1;

    /// <summary>LSTM: size of the projected state (Sak et al. 2014); 0 for no projection.</summary>
    public int Projection { get; init; }

    /// <summary>Dropout of the inputs in training, with one mask for all steps of a sequence (Gal and Ghahramani 2016).</summary>
    public float InputDropout { get; init; }

    /// <summary>Dropout of the state read by the gates in training, with one mask for all steps of a sequence (Gal and Ghahramani 2016).</summary>
    public float RecurrentDropout { get; init; }

    /// <summary>Zoneout: probability that a unit of the state keeps its previous value (Krueger et al. 2017). Inference uses the expected value.</summary>
    public float ZoneoutHidden { get; init; }

    /// <summary>Zoneout of the memory of an LSTM.</summary>
    public float ZoneoutCell { get; init; }

    /// <summary>LSTM: layer normalization inside the cell, of both products and of the memory (Ba et al. 2016).</summary>
    public bool LayerNormalization { get; init; }

    /// <summary>State size of one direction.</summary>
    [JsonIgnore]
    public int StateSize => Projection > 0 ? Projection : HiddenSize;

    /// <summary>Output features per step.</summary>
    [JsonIgnore]
    public int OutputSize => Bidirectional && Merge == BidirectionalMerge.Concat ? 2 * StateSize : StateSize;

    /// <summary>Whether inference needs more than the fused kernels.</summary>
    [JsonIgnore]
    public bool IsStepped => Projection > 0 || LayerNormalization || ZoneoutHidden > 0 || ZoneoutCell > 0;
}
