namespace Microsoft.ML.Recurrent.Layers;

/// <summary>Descriptions to layers.</summary>
internal static class LayerFactory
{
    /// <summary>Makes the layer that a description asks for, its weights still zero.</summary>
    /// <exception cref="ArgumentException">The layer does not fit what goes into it; the message names it.</exception>
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
        _ => throw new ArgumentException($"Layer '{description.Name}': there is no layer for {description.GetType().Name}.", nameof(description)),
    };
}
