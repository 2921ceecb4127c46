using System.Text.Json.Serialization;

namespace Microsoft.ML.Recurrent.Layers;

/// <summary>
/// The configuration of a layer, without its weights: plain data, kept as JSON in a model file. <see cref="Name"/> is unique within a network and prefixes
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
