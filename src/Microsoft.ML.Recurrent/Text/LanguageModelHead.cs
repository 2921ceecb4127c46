using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Kernels;
using Microsoft.ML.Recurrent.Layers;
using Microsoft.ML.Recurrent.Losses;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Onnx;
using Tensor = Microsoft.ML.Recurrent.Tensors.Tensor;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace Microsoft.ML.Recurrent.Text;

/// <summary>
/// Language model head: the network outputs the logits of the next token at every step. Outputs per row: the log-probability of each token given the previous
/// ones and, on request, the perplexity of the row and the probabilities of the token after its last one.
/// </summary>
/// <param name="vocabulary">Vocabulary size: ids are 0 to vocabulary - 1.</param>
/// <param name="manifest">The description of the model.</param>
internal sealed class LanguageModelHead(int vocabulary, LanguageManifest manifest) : Head, IOnnxHead
{
    public override int Outputs => vocabulary;

    /// <summary>For sampled softmax: the output layer whose rows are sampled; null for the full softmax.</summary>
    public SampledOutput? Sampled { get; init; }

    /// <summary>For adaptive softmax: the rare outputs of the network; null for none.</summary>
    public AdaptiveSoftmax? Adaptive { get; init; }

    public override bool LearnsFromStates => Sampled is not null || Adaptive is not null;

    public override bool EvaluatesFromStates => Adaptive is not null;

    public override Tensor Loss(Tape tape, in NetworkOutput output, SequenceBatch batch)
    {
        var labels = batch.StepLabels.AsSpan(0, batch.Time * batch.Rows);
        if (Adaptive is not null) return Adaptive.Loss(tape, output.Values, labels);
        return tape.Training && Sampled is { } sampled
            ? SampledSoftmaxLoss.Apply(tape, output.Values, sampled.Layer.Weight.Value, sampled.Layer.Bias.Value, labels, sampled.Samples, order: sampled.Order)
            : SoftmaxCrossEntropyLoss.Apply(tape, output.Values, labels, inPlace: tape.Training);
    }

    /// <summary>Expects rows that begin with the end-of-sentence marker if the model has one; the graph prepends it.</summary>
    public override IReadOnlyList<Tensor> Predict(Tape tape, in NetworkOutput output)
    {
        var (values, rows, marker) = (output.Values, output.Values.Shape[1], manifest.EndOfSentence);
        var (steps, given) = (values.Shape[0], marker is null ? 0 : 1);
        var (all, perplexity, next) = (tape.Rent(new(steps - given, rows, 1)), tape.Rent(new(rows, 1)), tape.Rent(new(rows, vocabulary - 1)));
        all.Span.Fill(float.NaN);
        for (var row = 0; row < rows; row++)
        {
            var length = output.Lengths?[row] ?? steps;
            double sum = 0;
            // Step t predicts the token at t + 1; the last step predicts the marker.
            var predicted = length - 1;
            for (var t = 0; t < predicted; t++)
                sum += all.Span[(t + 1 - given) * rows + row] = LogProbability(Logits(values, t, row), output.Tokens![(t + 1) * rows + row]);
            if (marker is { } end && (length == 1 || output.Tokens![(length - 1) * rows + row] != end))
            {
                sum += LogProbability(Logits(values, length - 1, row), end);
                predicted++;
            }

            perplexity.Span[row] = (float)Math.Exp(-sum / predicted);
            var probabilities = Logits(values, length - 1, row).ToArray();
            RowSoftmax.Apply(probabilities, probabilities);
            probabilities.AsSpan(1).CopyTo(next.Span[(row * (vocabulary - 1))..]);
        }

        return [all, .. manifest.HasPerplexity ? new[] { perplexity } : [], .. manifest.HasNextToken ? new[] { next } : []];
    }

    public IReadOnlyList<string> Export(OnnxGraphBuilder graph, OnnxNetworkOutput output)
    {
        var tokens = output.Tokens ?? throw new InvalidOperationException("A language model reads tokens.");
        var lengths = graph.Reshape(graph.Cast(output.Lengths!, OnnxType.Int64), -1, 1);
        var logits = output.Values;
        var position = graph.Reshape(graph.Node("Range", [graph.Scalar(0L), graph.Size(logits, 1), graph.Scalar(1L)]), 1, -1);
        var before = graph.Subtract(lengths, graph.Constant(1L));
        string targets, counted;
        if (manifest.EndOfSentence is { } marker)
        {
            // The marker precedes the row: step t predicts token t, and the step after the last one predicts the marker.
            targets = graph.Where(graph.Less(position, before), graph.Node("Pad", [tokens, graph.Constant(0L, 0L, 0L, 1L), graph.Scalar((long)marker)]),
                graph.Scalar((long)marker));
            var last = graph.Node("GatherElements", [targets, graph.Subtract(before, graph.Constant(1L))], ("axis", 1L));
            counted = graph.Where(graph.Node("Equal", [last, graph.Constant((long)marker)]), before, lengths);
        }
        else
        {
            targets = graph.Node("Pad", [graph.Slice(tokens, 1, long.MaxValue, 1), graph.Constant(0L, 0L, 0L, 1L), graph.Scalar(0L)]);
            counted = before;
        }

        var predicted = graph.Node("GatherElements", [graph.Node("LogSoftmax", [logits], ("axis", 2L)), graph.Unsqueeze(targets, 2)], ("axis", 2L));
        var own = graph.Slice(predicted, 0, -1, 1);
        // Without a marker, the first token of a row has no previous token.
        var answers = new List<string> { manifest.EndOfSentence is null
            ? graph.Concat(1, graph.Multiply(graph.Slice(predicted, 0, 1, 1), graph.Scalar(float.NaN)), own)
            : own };
        if (manifest.HasPerplexity)
        {
            var sum = graph.ReduceSum(graph.Where(graph.Less(position, counted), graph.Squeeze(predicted, 2), graph.Scalar(0f)), 1, keep: true);
            answers.Add(graph.Node("Exp", [graph.Node("Neg", [graph.Divide(sum, graph.Cast(counted, OnnxType.Single))])]));
        }

        if (manifest.HasNextToken)
        {
            var rows = graph.Reshape(graph.Node("Range", [graph.Scalar(0L), graph.Size(logits, 0), graph.Scalar(1L)]), -1, 1);
            answers.Add(graph.Slice(graph.Softmax(graph.Node("GatherND", [logits, graph.Concat(1, rows, before)]), 1), 1, long.MaxValue, 1));
        }

        return answers;
    }

    private ReadOnlySpan<float> Logits(Tensor values, int step, int row) => values.Span.Slice((step * values.Shape[1] + row) * vocabulary, vocabulary);

    private static float LogProbability(ReadOnlySpan<float> logits, int token)
    {
        var max = TensorPrimitives.Max(logits);
        double sum = 0;
        foreach (var logit in logits) sum += Math.Exp(logit - max);
        return (float)(logits[token] - max - Math.Log(sum));
    }
}

/// <summary>Inputs of sampled softmax: the output layer, the number of words to draw per batch, and the words in order of decreasing frequency.</summary>
internal sealed record SampledOutput(DenseLayer Layer, int Samples, FrequencyOrder Order);
