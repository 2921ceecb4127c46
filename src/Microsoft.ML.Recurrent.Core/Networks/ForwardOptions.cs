using Microsoft.ML.Recurrent.Layers;

namespace Microsoft.ML.Recurrent.Networks;

/// <summary>What a pass through a network is given beside its batch.</summary>
/// <param name="State">What recurrent layers go on from and leave behind, for batches whose rows continue those before
/// (<see cref="SequenceBatch.ContinuesState"/>); null for none.</param>
/// <param name="StatesOnly">Whether the head's linear map is left out, so that its input is the output (<see cref="Head.LearnsFromStates"/>).</param>
internal readonly record struct ForwardOptions(NetworkState? State = null, bool StatesOnly = false)
{
    /// <summary>While training, the probability with which a decoder is fed with the truth instead of its own last answer; null for 1.</summary>
    public float? TeacherForcing { get; init; }

    /// <summary>How gradients go back through the steps.</summary>
    public BpttOptions Bptt { get; init; }
}
