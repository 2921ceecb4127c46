using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Kernels;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Onnx;
using Microsoft.ML.Recurrent.Onnx.Format;
using Tensor = Microsoft.ML.Recurrent.Tensors.Tensor;

namespace Microsoft.ML.Recurrent.Text;

/// <summary>
/// The form of a language model that is fed step by step: after each token the log-probabilities of all that may follow, [batch, time, vocabulary], and no
/// marker put before the row.
/// </summary>
internal sealed class NextTokenHead(int vocabulary) : Head, IOnnxHead
{
    /// <summary>The name of the graph's answer.</summary>
    public const string OutputName = "NextToken";

    public override int Outputs => vocabulary;

    /// <summary>A language model's weights in this form, and what goes in and comes out of it.</summary>
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
