using System.Runtime.InteropServices;
using Microsoft.ML.Recurrent.Layers;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Onnx.Format;

namespace Microsoft.ML.Recurrent.Model;

/// <summary>Loads the weights of a network from the initializers of its graph.</summary>
internal static class NetworkReader
{
    public static Network Read(NetworkDescription description, GraphProto graph)
    {
        var network = new Network(description, seed: 0);
        var initializers = graph.Initializer.ToDictionary(tensor => tensor.Name);
        var recurrent = network.AllLayers.Select(layer => layer.Description).OfType<RecurrentDescription>().ToDictionary(layer => layer.Name);
        foreach (var parameter in network.Parameters)
        {
            if (!initializers.TryGetValue(parameter.Name, out var tensor)) throw Missing(parameter.Name);
            var values = Values(tensor);
            if (values.Length != parameter.Value.Length)
                throw new InvalidDataException(
                    $"The model's parameter '{parameter.Name}' holds {values.Length} numbers; the network description requires {parameter.Value.Shape}.");
            var dot = parameter.Name.LastIndexOf('.');
            if (dot > 0 && recurrent.TryGetValue(parameter.Name[..dot], out var layer) && HasGates(parameter.Name[(dot + 1)..]))
                GateOrder.ToNetwork(values, parameter.Value.Span, layer.Descriptor.FileOrder);
            else values.CopyTo(parameter.Value.Span);
        }
        return network;
    }

    // A projection, and the normalization of an LSTM's memory, have no gate blocks; peepholes have the same order in the file.
    private static bool HasGates(string parameter) =>
        !parameter.StartsWith("weight_peephole", StringComparison.Ordinal) && !parameter.StartsWith("weight_hr", StringComparison.Ordinal)
            && !parameter.StartsWith("gain_c", StringComparison.Ordinal) &&
        !parameter.StartsWith("bias_c", StringComparison.Ordinal);

    /// <summary>The values of an initializer.</summary>
    public static float[] Values(GraphProto graph, string name) =>
        Values(graph.Initializer.FirstOrDefault(tensor => tensor.Name == name) ?? throw Missing(name));

    private static float[] Values(TensorProto tensor)
    {
        if (tensor.DataType != (int)TensorProto.Types.DataType.Float)
            throw new InvalidDataException(
                $"The model's parameter '{tensor.Name}' is not stored as 32-bit floats: it was quantized. Such a file can be scored, but only the full model "
                    + $"can be trained further.");
        return tensor.RawData.Length > 0 ? MemoryMarshal.Cast<byte, float>(tensor.RawData.Span).ToArray() : [.. tensor.FloatData];
    }

    private static InvalidDataException Missing(string name) => new($"The model has no parameter '{name}', which its network needs.");
}
