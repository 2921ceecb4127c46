using Microsoft.ML.Recurrent.Layers;

namespace Microsoft.ML.Recurrent.Onnx.Layers;

/// <summary>Finds the exporter of a layer.</summary>
internal static class LayerExporter
{
    public static void Export(Flow flow, LayerDescription layer, WeightWriter weights)
    {
        switch (layer)
        {
            case EmbeddingDescription embedding:
                flow.Sequence(flow.Graph.Gather(weights.Write(embedding.Name + ".weight"), flow.Tensor, 0), embedding.Size);
                break;
            case RecurrentDescription recurrent:
                RecurrentExporter.Export(flow, recurrent, weights);
                break;
            case DropoutDescription:
                break; // No effect at inference.
            case DenseDescription dense:
                DenseExporter.Export(flow, dense, weights);
                break;
            case ActivationDescription activation:
                flow.Continue(ActivationExporter.Apply(flow.Graph, flow.Tensor, activation.Activation, activation.Name), flow.Features);
                break;
            case ConvolutionDescription convolution:
                ConvolutionExporter.Export(flow, convolution, weights);
                break;
            case LayerNormDescription norm:
                NormalizationExporter.Export(flow, norm, weights);
                break;
            case BatchNormDescription norm:
                NormalizationExporter.Export(flow, norm, weights);
                break;
            case AttentionDescription attention:
                AttentionExporter.Export(flow, attention, weights);
                break;
            case SelfAttentionDescription attention:
                AttentionExporter.Export(flow, attention, weights);
                break;
            case PoolingDescription { Pooling: SequencePooling.Attention } pooling:
                AttentionExporter.Pool(flow, pooling, weights);
                break;
            case PoolingDescription pooling:
                PoolingExporter.Export(flow, pooling);
                break;
            default:
                throw new NotSupportedException($"The layer '{layer.Name}' ({layer.GetType().Name}) cannot be exported to ONNX.");
        }
    }
}
