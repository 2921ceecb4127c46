using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Tensors;

namespace Microsoft.ML.Recurrent.Onnx.Import;

/// <summary>The network's numbers as they are: the head of a foreign model that ends in a linear map, whatever it stands for.</summary>
internal sealed class ImportedHead(int outputs) : Head, IOnnxHead
{
    public override int Outputs => outputs;

    public override Tensor Loss(Tape tape, in NetworkOutput output, SequenceBatch batch) =>
        throw new InvalidOperationException("A foreign model says nothing of its loss: it is trained further by a trainer, as that trainer's InitialModel.");

    public override IReadOnlyList<Tensor> Predict(Tape tape, in NetworkOutput output) => [output.Values];

    public IReadOnlyList<string> Export(OnnxGraphBuilder graph, OnnxNetworkOutput output) => [output.Values];
}
