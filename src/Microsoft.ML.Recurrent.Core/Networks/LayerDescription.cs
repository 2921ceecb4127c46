using System.Text.Json.Serialization;

namespace Microsoft.ML.Recurrent.Networks;

/// <summary>
/// What a layer is, apart from its weights: plain data, kept as JSON inside a model file. <see cref="Name"/> is unique within a network and begins
/// the names of the layer's parameters (<c>lstm_1.weight_ih</c>), which are also the names of the initializers in the ONNX graph.
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "layer")]
[JsonDerivedType(typeof(EmbeddingDescription), "embedding")]
[JsonDerivedType(typeof(RecurrentDescription), "recurrent")]
[JsonDerivedType(typeof(DropoutDescription), "dropout")]
[JsonDerivedType(typeof(DenseDescription), "dense")]
[JsonDerivedType(typeof(PoolingDescription), "pooling")]
[JsonDerivedType(typeof(ActivationDescription), "activation")]
[JsonDerivedType(typeof(ConvolutionDescription), "convolution")]
[JsonDerivedType(typeof(LayerNormDescription), "layerNorm")]
[JsonDerivedType(typeof(BatchNormDescription), "batchNorm")]
[JsonDerivedType(typeof(AttentionDescription), "attention")]
[JsonDerivedType(typeof(SelfAttentionDescription), "selfAttention")]
internal abstract record LayerDescription(string Name);

/// <summary>Tokens to vectors: a table of [vocabulary, size], parameter <c>{Name}.weight</c>. First layer only.</summary>
internal sealed record EmbeddingDescription(string Name, int Size) : LayerDescription(Name);

/// <summary>Dropout, inverted: scaled while training, nothing at inference (Srivastava et al. 2014).</summary>
internal sealed record DropoutDescription(string Name, float Rate) : LayerDescription(Name)
{
    /// <summary>Whether all steps of a sequence lose the same features (variational dropout, Gal and Ghahramani 2016).</summary>
    public bool SharedOverTime { get; init; }
}

/// <summary>A dense layer over the last axis, at every time step alike where it is given a sequence: <c>{Name}.weight</c> [units, features], <c>{Name}.bias</c> [units].</summary>
internal sealed record DenseDescription(string Name, int Units, DenseActivation Activation) : LayerDescription(Name);

/// <summary>
/// All steps to one vector: [time, batch, features] to [batch, features]. Pooling by attention has <c>{Name}.weight</c> [features, features], <c>{Name}.bias</c> [features] and
/// <c>{Name}.score</c> [1, features].
/// </summary>
internal sealed record PoolingDescription(string Name, SequencePooling Pooling) : LayerDescription(Name)
{
    /// <summary>Of <see cref="SequencePooling.Last"/> over a bidirectional layer: whether the reverse direction, too, is read at the last true step, as models of other frameworks do.</summary>
    public bool ReverseAtLastStep { get; init; }
}
