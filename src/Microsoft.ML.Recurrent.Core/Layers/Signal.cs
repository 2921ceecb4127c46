using Microsoft.ML.Recurrent.Tensors;

namespace Microsoft.ML.Recurrent.Layers;

/// <summary>What goes from layer to layer.</summary>
/// <param name="Values">[time, rows, features], or [rows, features] after a pooling layer; null for tokens.</param>
/// <param name="Lengths">True steps of each row; null where all rows have all steps.</param>
internal readonly record struct Signal(Tensor? Values, int[]? Lengths)
{
    /// <summary>Token ids, time first.</summary>
    public int[]? Tokens { get; init; }

    public int Time { get; init; }

    public int Rows { get; init; }

    /// <summary>The last state of each row [rows, directions x hidden], where the layer before computed it anyway.</summary>
    public Tensor? LastStates { get; init; }

    /// <summary>The states that layers go on from and leave behind; null where sequences begin and end with the batch.</summary>
    public IRecurrentStates? State { get; init; }

    /// <summary>How gradients go back through the steps of recurrent layers.</summary>
    public BpttOptions Bptt { get; init; }

    /// <summary>The values, of a signal that is no longer one of tokens.</summary>
    public Tensor Numbers => Values ?? throw new InvalidOperationException("The signal still holds tokens: an embedding layer has to come first.");
}
