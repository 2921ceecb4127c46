using System.Collections.Immutable;
using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Layers;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Onnx.Format;

namespace Microsoft.ML.Recurrent.Onnx.Import;

/// <summary>A network converted from a foreign graph, with the name of the input and the final activation.</summary>
/// <param name="Network">The network.</param>
/// <param name="Input">The name of the sequence input.</param>
/// <param name="Activation">The final activation.</param>
/// <param name="States">The names of the state inputs of a step model.</param>
internal sealed record ImportedNetwork(Network Network, string Input, OutputActivation Activation, ImmutableArray<string> States);

/// <summary>Builds networks from the result of <see cref="GraphImporter"/>.</summary>
internal static class NetworkImporter
{
    /// <exception cref="NotSupportedException">The graph has a node that no layer here supports; the message names it.</exception>
    public static ImportedNetwork Import(GraphProto graph)
    {
        var (input, output, states) = GraphImporter.Import(graph);
        var (layers, perStep) = Answers(graph, input, output);

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
        return new(Build(description, body, head), input.Name, output.Activation, states);
    }

    /// <summary>Runs recurrent layers on random numbers.</summary>
    /// <returns>The inputs, [time, batch, features], and the states after the last step, [batch, hidden].</returns>
    public static (float[] Inputs, float[] States) Try(ImmutableList<ImportedLayer> layers, int features, int rows, int steps)
    {
        layers = layers.Add(new(new PoolingDescription("pool", SequencePooling.Last), ImmutableDictionary<string, float[]>.Empty));
        using var network = Build(new()
        {
            Features = features,
            Time = steps,
            Standardize = false,
            Layers = [.. layers.Select(layer => layer.Description)],
            Outputs = layers.Select(layer => layer.Description).OfType<RecurrentDescription>().Last().HiddenSize,
        }, layers, null);
        using var batch = new SequenceBatch();
        batch.Resize(rows, steps, features);
        var random = new Random(1);
        var x = batch.Values!.Span[..(rows * steps * features)];
        foreach (ref var value in x) value = 2 * random.NextSingle() - 1;
        using var tape = new Tape { Recording = false };
        return (x.ToArray(), network.Forward(tape, batch).Values.Span.ToArray());
    }

    // A graph without a linear last layer gets the identity.
    private static Network Build(NetworkDescription description, ImmutableList<ImportedLayer> layers, ImportedLayer? head)
    {
        var network = new Network(description, seed: 0);
        foreach (var layer in layers)
            foreach (var (name, values) in layer.Parameters)
                values.CopyTo(network[$"{layer.Description.Name}.{name}"].Value.Span);
        if (head is not null)
        {
            foreach (var (name, values) in head.Parameters) values.CopyTo(network["head." + name].Value.Span);
            return network;
        }
        var weight = network["head.weight"].Value.Span;
        weight.Clear();
        for (var i = 0; i < description.Outputs; i++) weight[i * description.Outputs + i] = 1;
        network["head.bias"].Value.Span.Clear();
        return network;
    }

    // Whether there is one output per row or per step. If the graph takes only one step, its per-step output is that of the last step.
    private static (ImmutableList<ImportedLayer> Layers, bool PerStep) Answers(GraphProto graph, ValueInfoProto input, SequenceValue output)
    {
        if (output.Directions > 1 || output.Direction is not null)
            throw ImportErrors.Graph("The output of the graph does not concatenate the directions of its last layer.");
        var layers = output.Layers;
        if (layers.Any(layer => layer.Description is PoolingDescription)) return (layers, false);
        var last = layers.FindLastIndex(layer => layer.Description is RecurrentDescription);
        var oneStep = input.Type.TensorType.Shape.Dim.Count == 3 && TimeOf(graph, input) == 1;
        if (!output.IsLastState && !oneStep)
        {
            if (!output.Is(AxisRole.Batch, AxisRole.Time, AxisRole.Features) && !(output.Features == 1 && output.Is(AxisRole.Batch, AxisRole.Time)))
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
