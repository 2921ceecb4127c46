namespace Microsoft.ML.Recurrent.Layers;

/// <summary>
/// A dense layer over the last axis, applied to every step of a sequence: <c>{Name}.weight</c> [units, features], <c>{Name}.bias</c> [units].
/// </summary>
internal sealed record DenseDescription(string Name, int Units, DenseActivation Activation) : LayerDescription(Name);
