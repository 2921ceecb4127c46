namespace Microsoft.ML.Recurrent.Onnx.Import.Equations;

/// <summary>A cell recognised in the equation of its next state, with its weights in the order of the ONNX node that computes the same.</summary>
/// <param name="Operation">LSTM, GRU or RNN.</param>
/// <param name="Activations">The activations of the node, as its attribute names them.</param>
internal sealed record WrittenCell(string Operation, string[] Activations)
{
    /// <summary>The input of the step.</summary>
    public required Atom Input { get; init; }

    /// <summary>The state before the step.</summary>
    public required Atom State { get; init; }

    /// <summary>The gates, in the order of the node.</summary>
    public required Gate[] Gates { get; init; }

    /// <summary>For a GRU that resets after the matrix: the bias within the reset; else null.</summary>
    public float[]? ResetBias { get; init; }

    /// <summary>For an LSTM: the memory before the step; else null.</summary>
    public Atom? Memory { get; init; }

    /// <summary>For an LSTM: the memory after the step; else null.</summary>
    public LinearForm? NextMemory { get; init; }

    /// <summary>For an LSTM: whether its forget gate is one minus its input gate.</summary>
    public bool IsCoupled { get; init; }

    public int Hidden => Gates[0].Bias.Length;

    public int Features => Input.Width;

    /// <summary>The weights of the input, gate after gate.</summary>
    public float[] InputWeights => [.. Gates.SelectMany(gate => gate.OfInput is { Length: > 0 } given ? given : new float[Hidden * Features])];

    /// <summary>The weights of the state, gate after gate.</summary>
    public float[] StateWeights => [.. Gates.SelectMany(gate => gate.OfState)];

    /// <summary>The biases of the input, then those of the state.</summary>
    public float[] Biases =>
    [
        .. Gates.SelectMany(gate => gate.Bias), .. new float[(Gates.Length - (ResetBias is null ? 0 : 1)) * Hidden], .. ResetBias ?? [],
    ];

    /// <summary>The weights of the memory, in the node's order i, o, f; null if there are none.</summary>
    public float[]? Peepholes => Gates.Any(gate => gate.OfMemory is not null)
        ? [.. Gates.Take(3).SelectMany(gate => gate.OfMemory ?? new float[Hidden])]
        : null;

    /// <summary>Whether another step has the same weights.</summary>
    public bool HasWeightsOf(WrittenCell other) => Operation == other.Operation && Activations.SequenceEqual(other.Activations)
        && IsCoupled == other.IsCoupled && Gates.Length == other.Gates.Length && Gates.Zip(other.Gates).All(pair => pair.First.Equals(pair.Second))
        && Same(ResetBias, other.ResetBias);

    private static bool Same(float[]? a, float[]? b) => a.AsSpan().SequenceEqual(b);
}

/// <summary>The linear part of a gate, [hidden, inputs], [hidden, hidden] and [hidden].</summary>
internal sealed record Gate(float[] OfInput, float[] OfState, float[] Bias, float[]? OfMemory = null)
{
    public bool Equals(Gate? other) => other is not null && OfInput.AsSpan().SequenceEqual(other.OfInput) && OfState.AsSpan().SequenceEqual(other.OfState)
        && Bias.AsSpan().SequenceEqual(other.Bias) && OfMemory.AsSpan().SequenceEqual(other.OfMemory);

    public override int GetHashCode() => Bias.Length;

    /// <summary>The gate of the negated sum: one minus its sigmoid.</summary>
    public Gate Negated() => new(Minus(OfInput), Minus(OfState), Minus(Bias), OfMemory is null ? null : Minus(OfMemory));

    private static float[] Minus(float[] values) => Array.ConvertAll(values, value => -value);
}
