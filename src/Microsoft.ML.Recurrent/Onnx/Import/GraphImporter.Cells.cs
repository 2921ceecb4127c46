using System.Collections.Immutable;
using Microsoft.ML.Recurrent.Layers;
using Microsoft.ML.Recurrent.Onnx.Cells;
using Microsoft.ML.Recurrent.Onnx.Format;
using Microsoft.ML.Recurrent.Onnx.Import.Equations;

namespace Microsoft.ML.Recurrent.Onnx.Import;

/// <summary>Layers from cells that were recognised by their equations, each held against the numbers of the graph.</summary>
internal sealed partial class GraphImporter
{
    // Far above the rounding of a few steps, far below another equation.
    private const float Tolerance = 1e-3f;

    // The steps of a recognised cell as a layer, [time, batch, features].
    private SequenceValue Written(NodeProto node, WrittenCell cell, SequenceValue input)
    {
        long gates = cell.Gates.Length, hidden = cell.Hidden;
        var named = new NodeProto { OpType = cell.Operation, Name = node.Name, Output = { node.Output } };
        void Attribute(OnnxAttribute attribute) => named.Attribute.Add(OnnxModelBuilder.Attribute(attribute));
        if (cell.ResetBias is not null) Attribute(("linear_before_reset", 1L));
        if (cell.IsCoupled) Attribute(("input_forget", 1L));
        if (cell.Operation is "RNN")
        {
            // A name, and its parameter: LeakyRelu alpha 0.1.
            var parts = cell.Activations[0].Split(' ');
            Attribute(("activations", new[] { parts[0] }));
            if (parts.Length > 2 && parts[1] == "alpha")
                Attribute(("activation_alpha", new[] { float.Parse(parts[2], System.Globalization.CultureInfo.InvariantCulture) }));
        }
        KnownValue Known(float[] values, params long[] shape) => new(TensorData.Create(shape, values));
        GraphValue?[] weights = [input, Known(cell.InputWeights, 1, gates * hidden, input.Features), Known(cell.StateWeights, 1, gates * hidden, hidden),
            Known(cell.Biases, 1, 2 * gates * hidden), null, null, null, cell.Peepholes is { } peepholes ? Known(peepholes, 1, peepholes.Length) : null];
        var layer = RecurrentNodeReader.Read(named, OnnxCell.Read(cell.Operation)!.Value, weights, NewName(cell.Operation.ToLowerInvariant()), input.Features);
        return input with
        {
            Axes = [AxisRole.Time, AxisRole.Batch, AxisRole.Features],
            Features = cell.Hidden,
            Directions = 1,
            Layers = input.Layers.Add(layer),
        };
    }

    private static string Name(WrittenCell cell) => cell.Operation switch { "RNN" => "a simple RNN", "GRU" => "a GRU", _ => "an LSTM" };

    /// <summary>
    /// Runs the graph and the recognised layers on random inputs: the largest difference of the states after the last step, or null where they agree.
    /// </summary>
    /// <param name="source">The sequence that the layers read.</param>
    /// <param name="layers">The layers.</param>
    /// <param name="run">Computes the tensors of the graph from those given.</param>
    /// <param name="tensor">The tensor with the states after the last step.</param>
    private float? Difference(StepSource source, ImmutableList<ImportedLayer> layers, Action<Dictionary<string, TensorData>> run, string tensor)
    {
        var sizes = _sizes[0];
        var (x, states) = NetworkImporter.Try(layers, source.Sequence.Features, sizes.Rows, sizes.Steps);
        var values = Tensors(sizes);
        foreach (var (name, (value, dense)) in source.Tensors) values[name] = Arranged(value, dense, x, sizes);
        run(values);
        if (values.GetValueOrDefault(tensor)?.FloatValues is not { } expected || expected.Length != states.Length) return float.NaN;
        var difference = expected.Zip(states, (a, b) => Math.Abs(a - b)).Max();
        return difference <= Tolerance ? null : difference;
    }

    // What is known of the graph for given sizes.
    private Dictionary<string, TensorData> Tensors(InputSizes sizes)
    {
        Dictionary<string, TensorData> values = new(StringComparer.Ordinal);
        foreach (var (name, value) in _values)
            if (At(value, sizes) is { } known) values.Add(name, known);
            else if (value is StateValue && _graph.Input.First(input => input.Name == name) is { } input)
            {
                long[] shape = [.. input.Type.TensorType.Shape.Dim.Select(dimension => dimension.DimValue > 0 ? dimension.DimValue : sizes.Rows)];
                values.Add(name, TensorData.Create(shape, new float[shape.Aggregate(1L, (product, size) => product * size)]));
            }
        return values;
    }

    // The numbers of a sequence [time, batch, features] as a tensor of the graph has them.
    private static TensorData Arranged(SequenceValue value, ImportedLayer? dense, float[] x, InputSizes sizes)
    {
        var features = x.Length / (sizes.Rows * sizes.Steps);
        var data = TensorData.Create([sizes.Steps, sizes.Rows, features], x);
        if (dense is not null)
        {
            var product = Evaluate("MatMul", data, ConstantFolding.Fold(new() { OpType = "Transpose" },
                [TensorData.Create([value.Features, features], dense.Parameters["weight"])])!);
            data = Evaluate("Add", product, TensorData.Create([value.Features], dense.Parameters["bias"]));
        }
        AxisRole[] own = [AxisRole.Time, AxisRole.Batch, AxisRole.Features];
        long[] order = [.. value.Axes.Where(axis => axis is not AxisRole.One).Select(axis => (long)Array.IndexOf(own, axis))];
        var turned = new NodeProto { OpType = "Transpose" };
        turned.Attribute.Add(OnnxModelBuilder.Attribute(("perm", order)));
        return Evaluate("Reshape", ConstantFolding.Fold(turned, [data])!, TensorData.Create([value.Axes.Length], ShapeOf(value, sizes)));

        static TensorData Evaluate(string operation, TensorData a, TensorData b) => ConstantFolding.Fold(new() { OpType = operation }, [a, b])!;
    }
}
