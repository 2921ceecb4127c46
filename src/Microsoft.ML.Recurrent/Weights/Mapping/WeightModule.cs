using Microsoft.ML.Recurrent.Weights.Files;

namespace Microsoft.ML.Recurrent.Weights.Mapping;

/// <summary>The tensors of one layer in a file.</summary>
/// <param name="Path">The name of the layer in the file.</param>
/// <param name="Tensors">The tensors by their roles: <c>weight_ih</c>, <c>bias</c>, <c>kernel</c> and so on.</param>
internal sealed record WeightModule(string Path, IReadOnlyDictionary<string, StoredTensor> Tensors)
{
    /// <summary>The layer of the configuration of a Keras model; null where there is none.</summary>
    public KerasLayer? Configuration { get; init; }

    /// <summary>The tensor with a role; null if there is none.</summary>
    public StoredTensor? Find(string role) => Tensors.GetValueOrDefault(role);

    public bool Equals(WeightModule? other) => ReferenceEquals(this, other);

    public override int GetHashCode() => System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(this);
}
