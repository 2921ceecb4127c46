using Microsoft.ML.Recurrent.Layers;
using Microsoft.ML.Recurrent.Onnx.Layers;

namespace Microsoft.ML.Recurrent.Onnx.Cells;

/// <summary>A simple recurrent layer as an RNN node.</summary>
internal sealed class OnnxSimpleRnn() : OnnxCell("RNN", ["tanh"])
{
    public override IEnumerable<OnnxAttribute> Attributes(RecurrentDescription layer)
    {
        // The default is not written: with this attribute, a node may not run on the GPU.
        if (layer.Activation is RecurrentActivation.Tanh) yield break;
        var directions = layer.Bidirectional ? 2 : 1;
        yield return ("activations", Enumerable.Repeat(layer.Activation.ToString(), directions).ToArray());
        float? alpha = layer.Activation switch { RecurrentActivation.LeakyRelu => 0.01f, RecurrentActivation.Elu => 1f, _ => null };
        if (alpha is float value) yield return ("activation_alpha", Enumerable.Repeat(value, directions).ToArray());
    }

    public override string[] Step(CellExporter cell, OnnxGraphBuilder body, string product, string[] before) =>
        [Activate(cell.Layer, body, body.Add(product, body.MatMul(before[0], cell.Transposed("weight_hh"))))];

    private static string Activate(RecurrentDescription layer, OnnxGraphBuilder body, string x) => layer.Activation switch
    {
        RecurrentActivation.Tanh => body.Tanh(x),
        RecurrentActivation.Relu => body.Relu(x),
        RecurrentActivation.Sigmoid => body.Sigmoid(x),
        RecurrentActivation.LeakyRelu => body.Node("LeakyRelu", [x], ("alpha", 0.01f)),
        RecurrentActivation.Elu => body.Node("Elu", [x], ("alpha", 1f)),
        _ => throw new NotSupportedException($"The activation {layer.Activation} of the layer '{layer.Name}' has no ONNX form."),
    };
}
