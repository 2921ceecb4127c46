using System.Collections.Immutable;
using System.Globalization;
using Microsoft.ML.Recurrent.Kernels.Recurrent;
using Microsoft.ML.Recurrent.Layers;
using Microsoft.ML.Recurrent.Onnx.Cells;
using Microsoft.ML.Recurrent.Onnx.Format;

namespace Microsoft.ML.Recurrent.Onnx.Import;

/// <summary>Converts an LSTM, GRU or RNN node to a recurrent layer.</summary>
internal static class RecurrentNodeReader
{
    // The peephole weights of an LSTM node: their index among the inputs, and their blocks i, o, f.
    private const int PeepholeInput = 7, PeepholeBlocks = 3;

    // The block of an LSTM node's forget gate, behind i and o.
    private const int ForgetBlock = 2;

    /// <param name="node">The node.</param>
    /// <param name="kind">The cell of the layer.</param>
    /// <param name="input">Its input tensors; null if omitted.</param>
    /// <param name="name">The layer's name.</param>
    /// <param name="features">Number of input features.</param>
    /// <exception cref="NotSupportedException">The node has a feature that the layers here do not support.</exception>
    public static ImportedLayer Read(NodeProto node, RecurrentCell kind, IReadOnlyList<GraphValue?> input, string name, int features)
    {
        var cell = OnnxCell.For(kind);
        var (blocks, isCoupled) = (CellDescriptor.For(kind).Gates, node.Integer("input_forget") == 1);
        // Only an LSTM node has this input.
        var p = input.ElementAtOrDefault(PeepholeInput) is null or KnownValue { IsZero: true } ? null : Weights(node, input, PeepholeInput, "P").FloatValues!;
        kind = cell.Variant(kind, isCoupled, p is not null);
        var descriptor = CellDescriptor.For(kind);
        var direction = node.Text("direction") ?? "forward";
        if (direction is "reverse") throw ImportErrors.Node(node, "it runs backward only; layers here are forward or bidirectional");
        if (direction is not ("forward" or "bidirectional")) throw ImportErrors.Node(node, $"its direction '{direction}' is unknown");
        var directions = direction is "forward" ? 1 : 2;
        if (node.Find("clip") is { } clip)
            throw ImportErrors.Node(node, $"it clips the inputs of its gates (clip = {clip.F.ToString(CultureInfo.InvariantCulture)}), which is not supported");
        CheckStates(node, input);

        TensorData w = Weights(node, input, 1, "W"), r = Weights(node, input, 2, "R");
        var hidden = checked((int)r.Shape[^1]);
        var order = descriptor.FileOrder;
        if (w.Rank != 3 || w.Shape[0] != directions || w.Shape[1] != blocks * hidden || w.Shape[2] != features || r.Rank != 3 || r.Shape[0] != directions
            || r.Shape[1] != blocks * hidden)
            throw ImportErrors.Node(node,
                $"its weights W [{string.Join(", ", w.Shape)}] and R [{string.Join(", ", r.Shape)}] do not fit {features} features, {directions} directions "
                    + $"and {blocks} gates");
        if (p is not null && p.Length != directions * PeepholeBlocks * hidden)
            throw ImportErrors.Node(node, $"its peephole weights P hold {p.Length} numbers, not {directions} x {PeepholeBlocks} x {hidden}");
        var description = new RecurrentDescription(name, kind, hidden)
        {
            Bidirectional = directions == 2,
            ResetAfter = !descriptor.Has(CellOptions.ResetAfter) || node.Integer("linear_before_reset") == 1,
            Activation = Activation(node, descriptor.Has(CellOptions.Activation) ? null : cell.Activations, directions),
        };

        var b = input.ElementAtOrDefault(3) is null ? null : Weights(node, input, 3, "B").FloatValues!;
        var parameters = ImmutableDictionary.CreateBuilder<string, float[]>();
        for (var i = 0; i < directions; i++)
        {
            var suffix = i == 0 ? "" : "_reverse";
            var rows = blocks * hidden;
            parameters["weight_ih" + suffix] = Gates(w.FloatValues.AsSpan(i * rows * features, rows * features));
            parameters["weight_hh" + suffix] = Gates(r.FloatValues.AsSpan(i * rows * hidden, rows * hidden));
            parameters["bias_ih" + suffix] = b is null ? new float[order.Length * hidden] : Gates(b.AsSpan(2 * i * rows, rows));
            parameters["bias_hh" + suffix] = b is null ? new float[order.Length * hidden] : Gates(b.AsSpan((2 * i + 1) * rows, rows));
            if (p is not null)
                parameters["weight_peephole" + suffix] = p.AsSpan(i * PeepholeBlocks * hidden, descriptor.Peepholes.Length * hidden).ToArray();
        }
        return new(description, parameters.ToImmutable());

        // The node has a forget gate even where it does not use it.
        float[] Gates(ReadOnlySpan<float> values)
        {
            var block = values.Length / blocks;
            return ToNetwork(order.Length < blocks ? [.. values[..(ForgetBlock * block)], .. values[((ForgetBlock + 1) * block)..]] : values, order);
        }
    }

    private static void CheckStates(NodeProto node, IReadOnlyList<GraphValue?> input)
    {
        if (input.ElementAtOrDefault(4) is not (null or LengthsValue)) throw ImportErrors.Node(node, "its lengths are not an input of the graph");
        for (var i = 5; i <= 6 && i < input.Count; i++)
            if (input[i] is not (null or ZeroValue or StateValue or KnownValue { IsZero: true }))
                throw ImportErrors.Node(node, "its initial state is not zero, but training starts from zero");
    }

    private static TensorData Weights(NodeProto node, IReadOnlyList<GraphValue?> input, int index, string name) =>
        input.ElementAtOrDefault(index) is KnownValue { Data.FloatValues: not null } known
        ? known.Data
        : throw ImportErrors.Node(node, $"its weights {name} are not constant numbers");

    private static RecurrentActivation Activation(NodeProto node, string[]? only, int directions)
    {
        string[] given = [.. node.Find("activations")?.Strings.Select(text => text.ToStringUtf8().ToLowerInvariant()) ?? []];
        if (given.Length == 0) return RecurrentActivation.Tanh;
        if (only is not null)
            return given.SequenceEqual(Enumerable.Repeat(only, directions).SelectMany(names => names)) ? RecurrentActivation.Tanh
                : throw ImportErrors.Node(node,
                    $"its activations {string.Join(", ", given)} are not the default ones, the only ones supported for {node.OpType}");
        if (given.Length != directions || given.Distinct().Count() != 1) throw ImportErrors.Node(node, "its directions have different activations");
        float? alpha = node.Find("activation_alpha") is { Floats: { Count: > 0 } alphas } ? alphas.Distinct().Count() == 1 ? alphas[0] : float.NaN : null;
        return (given[0], alpha) switch
        {
            ("tanh", _) => RecurrentActivation.Tanh,
            ("relu", _) => RecurrentActivation.Relu,
            ("sigmoid", _) => RecurrentActivation.Sigmoid,
            ("leakyrelu", null or 0.01f) => RecurrentActivation.LeakyRelu,
            ("elu", null or 1f) => RecurrentActivation.Elu,
            _ => throw ImportErrors.Node(node,
                $"the simple recurrent layer does not support the activation {given[0]}{(alpha is float value ? $" with alpha {value}" : "")}"),
        };
    }

    private static float[] ToNetwork(ReadOnlySpan<float> onnx, int[] order)
    {
        var network = new float[onnx.Length];
        GateOrder.ToNetwork(onnx, network, order);
        return network;
    }
}
