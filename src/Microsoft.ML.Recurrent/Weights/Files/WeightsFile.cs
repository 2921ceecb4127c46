namespace Microsoft.ML.Recurrent.Weights.Files;

/// <summary>The tensors of a weights file.</summary>
/// <param name="Path">The file.</param>
/// <param name="Format">What the file is, in words.</param>
/// <param name="Tensors">The tensors, in the order of the file.</param>
/// <param name="Stream">What they are read from; closed with this object.</param>
internal sealed record WeightsFile(string Path, string Format, IReadOnlyList<StoredTensor> Tensors, IDisposable? Stream = null) : IDisposable
{
    /// <summary>Whether the tensors have the order in which the framework lists the layers. Otherwise their order says nothing.</summary>
    public bool IsOrdered { get; init; } = true;

    /// <summary>Whether the tensors are those of Keras: kernels transposed, gates in its own order.</summary>
    public bool IsKeras { get; init; }

    /// <summary>The configuration of a Keras archive; null for other files.</summary>
    public KerasConfiguration? Configuration { get; init; }

    public void Dispose() => Stream?.Dispose();
}
