namespace Microsoft.ML.Recurrent.Layers;

/// <summary>
/// A convolution over time, [time, batch, features] to [time after, batch, filters]: <c>{Name}.weight</c> [filters, features, kernel] and <c>{Name}.bias</c>
/// [filters], as in PyTorch.
/// </summary>
internal sealed record ConvolutionDescription(string Name, int Filters, int KernelSize) : LayerDescription(Name)
{
    /// <summary>The stride, in steps.</summary>
    public int Stride { get; init; } = 1;

    public ConvolutionPadding Padding { get; init; } = ConvolutionPadding.Same;

    public DenseActivation Activation { get; init; }
}
