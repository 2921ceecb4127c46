using System.Numerics.Tensors;
using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Kernels;
using Microsoft.ML.Recurrent.Networks;
using Tensor = Microsoft.ML.Recurrent.Tensors.Tensor;

namespace Microsoft.ML.Recurrent.Onnx.Import;

/// <summary>The head of a foreign model of unknown task: the network output with the final activation of the graph.</summary>
internal sealed class ImportedHead(int outputs, OutputActivation activation = OutputActivation.Identity, bool perStep = false) : Head, IOnnxHead
{
    public override int Outputs => outputs;

    public override Tensor Loss(Tape tape, in NetworkOutput output, SequenceBatch batch) =>
        throw new InvalidOperationException(
            "A foreign model says nothing of its loss: it is trained further by a trainer, as that trainer's Network.Initialization.Model.");

    public override IReadOnlyList<Tensor> Predict(Tape tape, in NetworkOutput output)
    {
        if (activation is OutputActivation.Identity) return [output.Values];
        var answer = tape.Rent(output.Values.Shape);
        for (var at = 0; at < answer.Length; at += outputs)
        {
            Span<float> x = output.Values.Span.Slice(at, outputs), y = answer.Span.Slice(at, outputs);
            if (activation is OutputActivation.Sigmoid) TensorPrimitives.Sigmoid(x, y);
            else if (activation is OutputActivation.Softmax) RowSoftmax.Apply(x, y);
            else RowSoftmax.ApplyLog(x, y);
        }
        return [answer];
    }

    public IReadOnlyList<string> Export(OnnxGraphBuilder graph, OnnxNetworkOutput output) =>
    [
        activation switch
        {
            OutputActivation.Sigmoid => graph.Sigmoid(output.Values),
            OutputActivation.Softmax => graph.Softmax(output.Values, perStep ? 2 : 1),
            OutputActivation.LogSoftmax => graph.Node("LogSoftmax", [output.Values], ("axis", perStep ? 2L : 1L)),
            _ => output.Values,
        },
    ];
}
