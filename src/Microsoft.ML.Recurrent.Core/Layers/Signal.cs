using Microsoft.ML.Recurrent.Tensors;

namespace Microsoft.ML.Recurrent.Layers;

/// <summary>The data passed between layers.</summary>
/// <param name="Values">[time, rows, features], or [rows, features] after pooling; null for tokens.</param>
/// <param name="Lengths">Valid steps of each row; null if all are valid.</param>
internal readonly record struct Signal(Tensor? Values, int[]? Lengths)
{
    /// <summary>Token ids, time first.</summary>
    public int[]? Tokens { get; init; }

    public int Time { get; init; }

    public int Rows { get; init; }

    /// <summary>The last state of each row [rows, directions x hidden], if the previous layer has computed it.</summary>
    public Tensor? LastStates { get; init; }

    /// <summary>The states carried between batches; null if sequences begin and end within the batch.</summary>
    public IRecurrentStates? State { get; init; }

    /// <summary>Options of backpropagation through time.</summary>
    public BpttOptions Bptt { get; init; }

    /// <summary>The values; an error if the signal holds tokens.</summary>
    public Tensor Numbers => Values ?? throw new InvalidOperationException("The signal still holds tokens: put an Embedding layer first.");
}
