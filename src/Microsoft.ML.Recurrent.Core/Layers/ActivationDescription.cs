namespace Microsoft.ML.Recurrent.Layers;

/// <summary>An element-wise activation.</summary>
internal sealed record ActivationDescription(string Name, DenseActivation Activation) : LayerDescription(Name);
