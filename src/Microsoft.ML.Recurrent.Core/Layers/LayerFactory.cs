namespace Microsoft.ML.Recurrent.Layers;

/// <summary>Creates layers from descriptions.</summary>
internal static class LayerFactory
{
    /// <summary>Creates the described layer, with weights of zero.</summary>
    /// <exception cref="ArgumentException">The layer does not fit its input; the message names it.</exception>
    public static Layer Create(LayerDescription description, LayerShape input) => description switch
    {
        EmbeddingDescription embedding => new EmbeddingLayer(embedding, input),
        RecurrentDescription recurrent => new RecurrentLayer(recurrent, input),
        DropoutDescription dropout => new DropoutLayer(dropout, input),
        DenseDescription dense => new DenseLayer(dense, input),
        ActivationDescription activation => new ActivationLayer(activation, input),
        ConvolutionDescription convolution => new ConvolutionLayer(convolution, input),
        LayerNormDescription norm => new LayerNormLayer(norm, input),
        BatchNormDescription norm => new BatchNormLayer(norm, input),
        AttentionDescription attention => new AttentionLayer(attention, input),
        SelfAttentionDescription attention => new SelfAttentionLayer(attention, input),
        PoolingDescription { Pooling: SequencePooling.Attention } pooling => new AttentionPoolingLayer(pooling, input),
        PoolingDescription pooling => new PoolingLayer(pooling, input),
        _ => throw new ArgumentException($"Layer '{description.Name}': unknown layer type {description.GetType().Name}.", nameof(description)),
    };
}
