using System.Numerics.Tensors;
using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Onnx;
using Tensor = Microsoft.ML.Recurrent.Tensors.Tensor;

namespace Microsoft.ML.Recurrent.States;

/// <summary>The weights of attention pooling: a soft-max of the steps' scores over the valid steps of a row; 0 past its end.</summary>
internal sealed class AttentionWeightsHead : Head, IOnnxHead
{
    private const float Masked = -1e30f;

    public override int Outputs => 1;

    public override Tensor Loss(Tape tape, in NetworkOutput output, SequenceBatch batch) =>
        throw new InvalidOperationException("Weights of attention are learned by the model that has the attention.");

    public override IReadOnlyList<Tensor> Predict(Tape tape, in NetworkOutput output)
    {
        var (time, rows) = (output.Values.Shape[0], output.Values.Shape[1]);
        var weights = tape.Rent(output.Values.Shape);
        weights.Span.Clear();
        for (var row = 0; row < rows; row++)
        {
            var scores = new float[output.Lengths?[row] ?? time];
            for (var t = 0; t < scores.Length; t++) scores[t] = output.Values[t * rows + row];
            TensorPrimitives.SoftMax(scores, scores);
            for (var t = 0; t < scores.Length; t++) weights.Span[t * rows + row] = scores[t];
        }
        return [weights];
    }

    public IReadOnlyList<string> Export(OnnxGraphBuilder graph, OnnxNetworkOutput output)
    {
        var scores = graph.Reshape(output.Values, 0, -1);
        if (output.Lengths is { } lengths)
        {
            var mask = graph.Less(graph.Reshape(graph.Indices(scores, 1), 1, -1), graph.Reshape(graph.Cast(lengths, OnnxType.Int64), -1, 1));
            scores = graph.Where(mask, scores, Masked);
        }
        return [graph.Unsqueeze(graph.Softmax(scores, -1), 2)];
    }
}
