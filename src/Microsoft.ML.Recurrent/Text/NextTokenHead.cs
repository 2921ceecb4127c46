using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Kernels;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Onnx;
using Microsoft.ML.Recurrent.Onnx.Format;
using Tensor = Microsoft.ML.Recurrent.Tensors.Tensor;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace Microsoft.ML.Recurrent.Text;

/// <summary>
/// The head of a language model that runs step by step: after each token, the log-probabilities of all next tokens, [batch, time, vocabulary]. No marker is
/// prepended.
/// </summary>
internal sealed class NextTokenHead(int vocabulary) : Head, IOnnxHead
{
    /// <summary>The name of the graph's output.</summary>
    public const string OutputName = "NextToken";

    public override int Outputs => vocabulary;

    /// <summary>A language model in this form, with its inputs and outputs.</summary>
    public static (ModelProto Graph, ModelManifest Manifest) Create(RecurrentModel model)
    {
        using var network = model.ToNetwork();
        var outputs = network.Description.Outputs;
        var manifest = model.Manifest with
        {
            Inputs = [.. model.Manifest.Inputs.Select(input => input with { StartToken = null })],
            Outputs = [new(OutputName, OutputKind.Single, outputs) { PerStep = true }],
        };
        return (NetworkExporter.Export(network, new NextTokenHead(outputs), manifest), manifest);
    }

    public override Tensor Loss(Tape tape, in NetworkOutput output, SequenceBatch batch) => throw new NotSupportedException("This head only predicts.");

    public override IReadOnlyList<Tensor> Predict(Tape tape, in NetworkOutput output)
    {
        var answer = tape.Rent(output.Values.Shape);
        output.Values.Span.CopyTo(answer.Span);
        for (var row = 0; row < answer.Shape.Rows; row++)
        {
            var logits = answer.Span.Slice(row * vocabulary, vocabulary);
            RowSoftmax.ApplyLog(logits, logits);
        }

        return [answer];
    }

    public IReadOnlyList<string> Export(OnnxGraphBuilder graph, OnnxNetworkOutput output) => [graph.Node("LogSoftmax", [output.Values], ("axis", 2L))];
}
