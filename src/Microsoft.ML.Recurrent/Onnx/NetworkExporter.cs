using System.Collections.Immutable;
using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Onnx.Format;
using Microsoft.ML.Recurrent.Onnx.Layers;

namespace Microsoft.ML.Recurrent.Onnx;

/// <summary>Writes a network and its head as an ONNX model: raw columns in, answers out.</summary>
internal static class NetworkExporter
{
    /// <summary>The names of the graph's dynamic axes.</summary>
    public const string BatchAxis = "batch", TimeAxis = "time";

    public static ModelProto Export(Network network, Head head, ModelManifest manifest)
    {
        if (head is not IOnnxHead onnxHead) throw new ArgumentException($"The head {head.GetType().Name} cannot be written as ONNX nodes.", nameof(head));
        manifest.Validate();
        Check(network.Description, manifest);
        var graph = new OnnxModelBuilder(OnnxExportOptions.DefaultOpset, OnnxExportOptions.DefaultGraphName, [ModelManifest.LengthInput, .. manifest.Inputs.Select(input => input.Name),
            .. manifest.Outputs.Select(output => output.Name), .. network.Parameters.Select(parameter => parameter.Name), .. head.Parameters.Select(parameter => parameter.Name)]);
        foreach (var input in manifest.Inputs) Declare(graph, input);
        if (manifest.HasLengths) graph.Input(ModelManifest.LengthInput, OnnxType.Int64, BatchAxis);

        var answers = onnxHead.Export(graph, Body(graph, network, manifest));
        if (answers.Count != manifest.Outputs.Length)
            throw new InvalidOperationException($"The head {head.GetType().Name} wrote {answers.Count} outputs; the manifest names {manifest.Outputs.Length}.");
        for (int i = 0; i < answers.Count; i++)
        {
            var output = manifest.Outputs[i];
            object[] shape = output.PerStep ? [BatchAxis, manifest.Inputs[0].Time is int steps ? steps : TimeAxis, output.Size] : [BatchAxis, output.Size];
            graph.Output(output.Name, answers[i], output.Kind switch { OutputKind.Single => OnnxType.Single, OutputKind.Boolean => OnnxType.Boolean, _ => OnnxType.Int64 }, shape);
        }
        return graph.Model;
    }

    private static OnnxNetworkOutput Body(OnnxGraphBuilder graph, Network network, ModelManifest manifest)
    {
        var description = network.Description;
        var weights = new WeightWriter(graph, network);
        bool standardize = description.Standardize && description.Features > 0;
        var (mean, scale) = standardize ? (weights.Fixed("input.mean"), weights.Fixed("input.scale")) : (null, null);

        string lengths = manifest.HasLengths ? graph.Cast(ModelManifest.LengthInput, OnnxType.Int32) : "";
        var sequences = manifest.Inputs.Where(input => input.IsSequence).Select(input => input.Name).ToArray();
        // Batch first outside, time first inside.
        string x = description.Vocabulary > 0 ? graph.Transpose(sequences[0], 1, 0) : graph.Transpose(graph.Concat(2, sequences), 1, 0, 2);
        if (mean is not null) x = graph.Divide(graph.Subtract(x, mean), scale!);
        var flow = new Flow(graph, x, description.Features, lengths);
        var (level, spread) = description.Features > 0 ? WindowExporter.Normalize(flow, description.WindowNormalization, description.UnscaledFeatures) : (null, null);
        string? window = description.Features > 0 ? flow.Tensor : null;
        foreach (var layer in description.Layers) LayerExporter.Export(flow, layer, weights);

        string values = flow.Tensor;
        if (description.Statics > 0)
        {
            string statics = graph.Concat(1, manifest.Inputs.Where(input => input.Kind is InputKind.Static).Select(input => input.Name).ToArray());
            if (description.Standardize) statics = graph.Divide(graph.Subtract(statics, weights.Fixed("static.mean")), weights.Fixed("static.scale"));
            values = graph.Concat(1, values, statics);
        }
        if (description.FutureFeatures > 0)
        {
            string future = graph.Concat(2, manifest.Inputs.Where(input => input.Kind is InputKind.Future).Select(input => input.Name).ToArray());
            if (description.Standardize) future = graph.Divide(graph.Subtract(future, weights.Fixed("future.mean")), weights.Fixed("future.scale"));
            values = graph.Concat(1, values, graph.Reshape(future, -1, description.Horizon * description.FutureFeatures));
        }
        string weight = description.TieHead ? weights.Fixed(description.Layers[0].Name + ".weight") : weights.Write("head.weight"), bias = weights.Write("head.bias");
        // At every step: the states become batch first before the head makes many numbers of each.
        string answers = description.PerStep ? graph.Add(graph.MatMul(graph.Transpose(values, 1, 0, 2), graph.Transpose(weight, 1, 0)), bias) : graph.Gemm(values, weight, bias);
        return new(answers, level, spread, mean, scale) { Window = window, Lengths = flow.HasLengths ? flow.Lengths : null };
    }

    private static void Declare(OnnxModelBuilder graph, InputColumn input)
    {
        object time = input.Time is int steps ? steps : TimeAxis;
        if (input.Kind is InputKind.Sequence or InputKind.Future) graph.Input(input.Name, OnnxType.Single, BatchAxis, time, input.Features);
        else if (input.Kind is InputKind.Tokens) graph.Input(input.Name, OnnxType.Int64, BatchAxis, time);
        else graph.Input(input.Name, OnnxType.Single, BatchAxis, input.Features);
    }

    private static void Check(NetworkDescription network, ModelManifest manifest)
    {
        int Sum(InputKind kind) => manifest.Inputs.Where(input => input.Kind == kind).Sum(input => input.Features);
        ImmutableArray<InputColumn> tokens = [.. manifest.Inputs.Where(input => input.Kind is InputKind.Tokens)];
        if (network.Vocabulary > 0 ? tokens.Length != 1 || tokens[0].Vocabulary != network.Vocabulary || Sum(InputKind.Sequence) > 0 : tokens.Length > 0 || Sum(InputKind.Sequence) != network.Features)
            throw new ArgumentException("The manifest's sequence columns do not have the features (or the vocabulary) of the network.", nameof(manifest));
        if (Sum(InputKind.Static) != network.Statics) throw new ArgumentException("The manifest's static columns do not have the width that the network takes.", nameof(manifest));
        if (Sum(InputKind.Future) != network.FutureFeatures || manifest.Inputs.Any(input => input.Kind is InputKind.Future && input.Time != network.Horizon))
            throw new ArgumentException("The manifest's columns that are known ahead do not have the width, or the steps, that the network takes.", nameof(manifest));
        if (network.PerStep && network.Layers.FirstOrDefault(layer => layer is ConvolutionDescription { Stride: > 1 } or ConvolutionDescription { Padding: ConvolutionPadding.Valid }) is { } shortening)
            throw new NotSupportedException($"A model that answers at every step keeps all steps, but the layer '{shortening.Name}' leaves fewer: give it a stride of 1 and padding that is Same or Causal.");
        if (network.Time is null != manifest.HasLengths) throw new ArgumentException("The manifest and the network differ in whether sequences vary in length.", nameof(manifest));
    }
}
