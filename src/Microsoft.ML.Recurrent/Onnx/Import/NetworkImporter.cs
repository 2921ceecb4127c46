using System.Collections.Immutable;
using Microsoft.ML.Recurrent.Layers;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Onnx.Format;

namespace Microsoft.ML.Recurrent.Onnx.Import;

/// <summary>A network converted from a foreign graph, with the name of the input and the final activation.</summary>
internal sealed record ImportedNetwork(Network Network, string Input, OutputActivation Activation);

/// <summary>Builds networks from the result of <see cref="GraphImporter"/>.</summary>
internal static class NetworkImporter
{
    /// <exception cref="NotSupportedException">The graph has a node that no layer here supports; the message names it.</exception>
    public static ImportedNetwork Import(GraphProto graph)
    {
        var (input, output) = GraphImporter.Import(graph);
        var (layers, perStep) = Answers(input, output);

        // The last linear layer is the head; a graph without one gets the identity.
        var (head, body) = layers[^1] is { Description: DenseDescription { Activation: DenseActivation.Identity } } last
            ? (last, layers.RemoveAt(layers.Count - 1))
            : (null, layers);
        var outputs = head is null ? output.Features : ((DenseDescription)head.Description).Units;
        var dimensions = input.Type.TensorType.Shape.Dim;
        var embedding = body[0].Description as EmbeddingDescription;
        var description = new NetworkDescription
        {
            Features = embedding is null ? checked((int)dimensions[^1].DimValue) : 0,
            Vocabulary = embedding is null ? 0 : body[0].Parameters["weight"].Length / embedding.Size,
            Time = TimeOf(graph, input),
            Standardize = false,
            Layers = [.. body.Select(layer => layer.Description)],
            Outputs = outputs,
            PerStep = perStep,
        };
        var network = new Network(description, seed: 0);
        foreach (var layer in body)
            foreach (var (name, values) in layer.Parameters)
                values.CopyTo(network[$"{layer.Description.Name}.{name}"].Value.Span);
        if (head is not null)
            foreach (var (name, values) in head.Parameters)
                values.CopyTo(network["head." + name].Value.Span);
        else
        {
            var weight = network["head.weight"].Value.Span;
            weight.Clear();
            for (var i = 0; i < outputs; i++) weight[i * outputs + i] = 1;
            network["head.bias"].Value.Span.Clear();
        }
        return new(network, input.Name, output.Activation);
    }

    // Whether there is one output per row or per step. If the graph takes only one step, its per-step output is that of the last step.
    private static (ImmutableList<ImportedLayer> Layers, bool PerStep) Answers(ValueInfoProto input, SequenceValue output)
    {
        if (output.Directions > 1 || output.Direction is not null)
            throw ImportErrors.Graph("The output of the graph does not concatenate the directions of its last layer.");
        var layers = output.Layers;
        if (layers.Any(layer => layer.Description is PoolingDescription)) return (layers, false);
        var last = layers.FindLastIndex(layer => layer.Description is RecurrentDescription);
        var oneStep = input.Type.TensorType.Shape.Dim.Count == 3 && input.Type.TensorType.Shape.Dim[1].DimValue == 1;
        if (!output.IsLastState && !oneStep)
        {
            if (!output.Is(AxisRole.Batch, AxisRole.Time, AxisRole.Features))
                throw ImportErrors.Graph($"The graph has the per-step output {output}; only numbers [batch, time, features] are supported.");
            return (layers, true);
        }
        return (layers.Insert(last + 1, new(new PoolingDescription("pool_1", SequencePooling.Last) { ReverseAtLastStep = !output.IsLastState },
            ImmutableDictionary<string, float[]>.Empty)), false);
    }

    private static int? TimeOf(GraphProto graph, ValueInfoProto input)
    {
        var axis = GraphImporter.TimeFirst(graph, input) ? 0 : 1;
        return input.Type.TensorType.Shape.Dim[axis] is { DimValue: > 0 } time ? checked((int)time.DimValue) : null;
    }
}
