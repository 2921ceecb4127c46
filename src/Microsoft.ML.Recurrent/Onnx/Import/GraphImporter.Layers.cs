using System.Collections.Immutable;
using Microsoft.ML.Recurrent.Layers;
using Microsoft.ML.Recurrent.Onnx.Cells;
using Microsoft.ML.Recurrent.Onnx.Format;

namespace Microsoft.ML.Recurrent.Onnx.Import;

internal sealed partial class GraphImporter
{
    /// <summary>Handles a node on the path of the sequence.</summary>
    private GraphValue?[] Layer(NodeProto node, GraphValue?[] inputs)
    {
        if (node.OpType is "Gather" && inputs is [KnownValue table, SequenceValue { IsTokens: true } or TokenValue])
            return [Embedding(node, table.Data, inputs[1]!)];
        if (node.OpType is "Concat") return [JoinDirections(node, inputs)];
        if (node.OpType is "Add" or "Mul" && inputs is [KnownValue, SequenceValue]) inputs = [inputs[1], inputs[0]];
        if (node.OpType is "Mul" && inputs is [SequenceValue, KnownValue { IsZero: true, Data.FloatValues: not null }]) return [new UnansweredValue()];
        if (node.OpType is "Sub" && inputs is [SequenceValue, SequenceValue] && node.Input[0] == node.Input[1]) return [new UnansweredValue()];
        if (node.OpType is "Add" && inputs is [SequenceValue answer, UnansweredValue]) return [Settle(answer)];
        if (inputs[0] is not SequenceValue x) throw Unknown(node, inputs);
        if (x.Activation is not OutputActivation.Identity && node.OpType is not ("Identity" or "Cast" or "Squeeze" or "Reshape" or "Shape"))
            throw ImportErrors.Node(node, $"it comes after the final {x.Activation}");
        if (OnnxCell.Read(node.OpType) is { } cell) return Recurrent(node, cell, inputs, x);
        return node.OpType switch
        {
            "Shape" => [new SizedValue(sizes => ConstantFolding.ShapeOf(node, ShapeOf(x, sizes)))],
            "Size" => [new SizedValue(sizes => TensorData.Create([], [ShapeOf(x, sizes).Aggregate(1L, (product, size) => product * size)]))],
            "Identity" or "Dropout" or "Cast" => [x],
            "Transpose" => [x with { Axes = [.. (node.Integers("perm") ?? throw Unknown(node, inputs)).Select(axis => x.Axes[(int)axis])] }],
            "Squeeze" => [Squeeze(node, x, AxesOf(node, inputs))],
            "Unsqueeze" => [Unsqueeze(node, x, AxesOf(node, inputs))],
            "Reshape" or "Flatten" => [Reshape(node, inputs, x)],
            "Slice" => [Slice(node, inputs, x)],
            "Split" when UnrolledStep(node, inputs, x) is { } steps => steps,
            "Gather" => [Gather(node, inputs, x)],
            "GatherElements" => [GatherLast(node, inputs, x)],
            "ReduceMean" => [Reduce(node, inputs, x, SequencePooling.Mean)],
            "ReduceMax" => [Reduce(node, inputs, x, SequencePooling.Max)],
            "Gemm" => [Gemm(node, inputs, x)],
            "MatMul" => [MatMul(node, inputs, x)],
            "Add" when inputs[1] is KnownValue { Data.FloatValues: not null } bias && x.AwaitsBias => [WithBias(x, bias.Data.FloatValues)],
            "LayerNormalization" => [LayerNorm(node, inputs, x)],
            "BatchNormalization" => [BatchNorm(node, inputs, x)],
            "Relu" => [Activate(node, x, DenseActivation.Relu)],
            "Tanh" => [Activate(node, x, DenseActivation.Tanh)],
            "Softplus" => [Activate(node, x, DenseActivation.Softplus)],
            "LeakyRelu" when (node.Number("alpha") ?? 0.01f) is 0.01f => [Activate(node, x, DenseActivation.LeakyRelu)],
            "Elu" when (node.Number("alpha") ?? 1) is 1 => [Activate(node, x, DenseActivation.Elu)],
            "Gelu" when (node.Text("approximate") ?? "none") is "none" => [Activate(node, x, DenseActivation.Gelu)],
            "Sigmoid" => [Close(node, x, OutputActivation.Sigmoid)],
            "Softmax" => [Close(node, x, OutputActivation.Softmax)],
            "LogSoftmax" => [Close(node, x, OutputActivation.LogSoftmax)],
            _ => throw Unknown(node, inputs),
        };
    }

    private SequenceValue Embedding(NodeProto node, TensorData table, GraphValue value)
    {
        if (table.Rank != 2 || table.FloatValues is null) throw ImportErrors.Node(node, "its token embedding is not a constant matrix of numbers");
        var tokens = value as SequenceValue ?? ((TokenValue)value).Tokens;
        int rows = checked((int)table.Shape[0]), size = checked((int)table.Shape[1]);
        var weight = table.FloatValues;
        if (value is TokenValue { Compute: var compute })
        {
            // The row that each token takes.
            var ids = _wholeTokens
                ? TensorData.Create([rows], [.. Enumerable.Range(0, rows).Select(id => (long)id)])
                : TensorData.Create([rows], [.. Enumerable.Range(0, rows).Select(id => (float)id)]);
            if (compute(ids)?.IntegerValues is not { } taken || taken.Any(row => row < -rows || row >= rows))
                throw ImportErrors.Node(node, "its tokens are computed in a way that leads outside its matrix");
            weight = [.. taken.SelectMany(row => table.FloatValues.AsSpan((int)(row < 0 ? row + rows : row) * size, size).ToArray())];
        }
        var layer = new ImportedLayer(new EmbeddingDescription(NewName("embedding"), size), Parameters(("weight", weight)));
        return tokens with { IsTokens = false, Axes = tokens.Axes.Add(AxisRole.Features), Features = size, Layers = tokens.Layers.Add(layer) };
    }

    private GraphValue?[] Recurrent(NodeProto node, RecurrentCell cell, GraphValue?[] inputs, SequenceValue x)
    {
        var batchFirst = node.Integer("layout") == 1;
        if (batchFirst ? !x.Is(AxisRole.Batch, AxisRole.Time, AxisRole.Features) : !x.Is(AxisRole.Time, AxisRole.Batch, AxisRole.Features))
            throw Unknown(node, inputs);
        var layer = RecurrentNodeReader.Read(node, cell, inputs, NewName(node.OpType.ToLowerInvariant()), x.Features);
        var description = (RecurrentDescription)layer.Description;
        // Initial h, and the c of a cell with a memory.
        if (inputs.Skip(5).Take(description.Descriptor.HasMemory ? 2 : 1).Count(value => value is StateValue) is > 0 and var given)
        {
            if (description.Descriptor.HasMemory && given < 2) throw ImportErrors.Node(node, "only one of its two initial states is an input of the graph");
            _withStates.Add(layer.Description.Name);
        }
        var y = x with { Features = description.HiddenSize, Directions = description.Bidirectional ? 2 : 1, Layers = x.Layers.Add(layer) };
        var steps = y with
        {
            Axes = batchFirst
            ? [AxisRole.Batch, AxisRole.Time, AxisRole.Direction, AxisRole.Features]
            : [AxisRole.Time, AxisRole.Direction, AxisRole.Batch, AxisRole.Features]
        };
        var last = y with
        {
            Axes = batchFirst
            ? [AxisRole.Batch, AxisRole.Direction, AxisRole.Features]
            : [AxisRole.Direction, AxisRole.Batch, AxisRole.Features],
            IsLastState = true
        };
        return [steps, last];
    }

    private SequenceValue Gemm(NodeProto node, GraphValue?[] inputs, SequenceValue x)
    {
        if (x.Axes.Contains(AxisRole.Time) || x.Axes[^1] is not AxisRole.Features) throw Unknown(node, inputs);
        if ((node.Number("alpha") ?? 1) != 1 || (node.Number("beta") ?? 1) != 1 || node.Integer("transA") == 1)
            throw ImportErrors.Node(node, "it scales or transposes its operands");
        if (inputs[1] is not KnownValue { Data: { Rank: 2, FloatValues: not null } weight }) throw Unknown(node, inputs);
        var bias = inputs.ElementAtOrDefault(2) is null ? null : inputs[2] is KnownValue { Data.FloatValues: { } values }
            ? values
            : throw Unknown(node, inputs);
        return WithBias(Dense(node, x, weight, node.Integer("transB") == 1), bias);
    }

    private SequenceValue MatMul(NodeProto node, GraphValue?[] inputs, SequenceValue x)
    {
        if (inputs[1] is SequenceValue)
            throw ImportErrors.Node(node, "it multiplies the steps of sequences with each other, as attention does, which is no layer here");
        if (x.Axes[^1] is not AxisRole.Features || inputs[1] is not KnownValue { Data: { Rank: 2, FloatValues: not null } weight }) throw Unknown(node, inputs);
        return Dense(node, x, weight, transposed: false);
    }

    // A network stores weights as [units, features]; "transposed" means that the graph does too.
    private SequenceValue Dense(NodeProto node, SequenceValue x, TensorData weight, bool transposed)
    {
        x = Pooled(node, x);
        int features = (int)weight.Shape[transposed ? 1 : 0], units = (int)weight.Shape[transposed ? 0 : 1];
        if (features != x.Features) throw ImportErrors.Node(node, $"it expects {features} features, but gets {x.Features}");
        var values = weight.FloatValues!;
        if (!transposed)
        {
            var turned = new float[values.Length];
            for (var unit = 0; unit < units; unit++)
                for (var feature = 0; feature < features; feature++)
                    turned[unit * features + feature] = values[feature * units + unit];
            values = turned;
        }
        var layer = new ImportedLayer(new DenseDescription(NewName("dense"), units, DenseActivation.Identity), Parameters(("weight", values)));
        return x with { Features = units, Layers = x.Layers.Add(layer), AwaitsBias = true };
    }

    private SequenceValue WithBias(SequenceValue x, float[]? bias)
    {
        var layer = x.Layers[^1];
        var units = ((DenseDescription)layer.Description).Units;
        if (bias is not null && bias.Length != units) throw ImportErrors.Graph($"A bias of {bias.Length} numbers is added to {units} units.");
        return x with
        {
            AwaitsBias = false,
            Layers = x.Layers.SetItem(x.Layers.Count - 1, layer with { Parameters = layer.Parameters.SetItem("bias", bias ?? new float[units]) })
        };
    }

    // The activation of the previous dense layer, or a separate layer.
    private SequenceValue Activate(NodeProto node, SequenceValue x, DenseActivation activation)
    {
        if (x.Layers is [.., { Description: DenseDescription { Activation: DenseActivation.Identity } dense } layer])
            return x with { Layers = x.Layers.SetItem(x.Layers.Count - 1, layer with { Description = dense with { Activation = activation } }) };
        x = Settled(Pooled(node, x));
        if (x.IsTokens || x.Axes.Contains(AxisRole.Direction)) throw ImportErrors.Node(node, $"it takes {x} before the directions are concatenated");
        return x with { Layers = x.Layers.Add(new(new ActivationDescription(NewName("activation"), activation), Parameters())) };
    }

    private SequenceValue LayerNorm(NodeProto node, GraphValue?[] inputs, SequenceValue x)
    {
        x = Pooled(node, x);
        var axis = (int)(node.Integer("axis") ?? -1);
        if ((axis < 0 ? axis + x.Axes.Length : axis) != x.Axes.Length - 1 || x.Axes[^1] is not AxisRole.Features || x.Axes.Contains(AxisRole.Direction))
            throw ImportErrors.Node(node, $"it normalizes {x} over more than the features of a step");
        float[] gain = Numbers(node, inputs, 1, x.Features)!, bias = Numbers(node, inputs, 2, x.Features) ?? new float[x.Features];
        var layer = new LayerNormDescription(NewName("layer_norm")) { Epsilon = node.Number("epsilon") ?? 1e-5f };
        return x with { Layers = x.Layers.Add(new(layer, Parameters(("weight", gain), ("bias", bias)))) };
    }

    private SequenceValue BatchNorm(NodeProto node, GraphValue?[] inputs, SequenceValue x)
    {
        x = Pooled(node, x);
        // The second axis holds the channels in ONNX.
        if (node.Integer("training_mode") == 1 || x.Axes.Length < 2 || x.Axes[1] is not AxisRole.Features)
            throw ImportErrors.Node(node, $"it does not normalize the features of {x} by running statistics");
        var layer = new BatchNormDescription(NewName("batch_norm")) { Epsilon = node.Number("epsilon") ?? 1e-5f, FixedStatistics = true };
        string[] names = ["weight", "bias", "running_mean", "running_var"];
        return x with { Layers = x.Layers.Add(new(layer, Parameters([.. names.Select((name, i) => (name, Numbers(node, inputs, i + 1, x.Features)!))]))) };
    }

    // A constant vector of the size of the features; null if an optional one is omitted.
    private static float[]? Numbers(NodeProto node, GraphValue?[] inputs, int index, int size) => inputs.ElementAtOrDefault(index) switch
    {
        KnownValue { Data: { Rank: 1, FloatValues: { } values } } when values.Length == size => values,
        null when index > 1 => null,
        _ => throw ImportErrors.Node(node, $"its input {index} is not a constant vector of {size} numbers"),
    };

    private SequenceValue Close(NodeProto node, SequenceValue x, OutputActivation activation)
    {
        // A sigmoid may be an activation between two dense layers: it is if another layer follows.
        var axis = (int)(node.Integer("axis") ?? -1);
        if (activation is not OutputActivation.Sigmoid && (axis < 0 ? axis + x.Axes.Length : axis) != x.Axes.Length - 1)
            throw ImportErrors.Node(node, "its softmax is not over the classes");
        var inner = activation is OutputActivation.Sigmoid
            && _graph.Node.Any(other => other.Input.Contains(node.Output[0]) && other.OpType is "Gemm" or "MatMul");
        return inner ? Activate(node, x, DenseActivation.Sigmoid) : Pooled(node, x) with { Activation = activation };
    }

    // The final states of the last recurrent layer correspond to pooling Last.
    private SequenceValue Pooled(NodeProto node, SequenceValue x)
    {
        if (!x.IsLastState) return x;
        if (x.Axes.Contains(AxisRole.Direction) || x.Direction is not null)
            throw ImportErrors.Node(node, $"it takes {x} before the directions are concatenated");
        return Pool(x, SequencePooling.Last, states: true) with { IsLastState = false };
    }

    private SequenceValue Pool(SequenceValue x, SequencePooling pooling, bool states = false) =>
        x with { Layers = x.Layers.Add(new(new PoolingDescription(NewName("pool"), pooling) { ReverseAtLastStep = !states }, Parameters())) };

    private SequenceValue JoinDirections(NodeProto node, GraphValue?[] inputs)
    {
        if (inputs is [SequenceValue { Direction: 0 } forward, SequenceValue { Direction: 1 } reverse] && !forward.Axes.Contains(AxisRole.Direction)
            && forward.Axes.SequenceEqual(reverse.Axes)
            && forward.Layers.SequenceEqual(reverse.Layers) && (node.Integer("axis") ?? 0) is var axis
            && (axis < 0 ? axis + forward.Axes.Length : axis) == forward.Axis(AxisRole.Features))
            return forward with { Direction = null, Directions = 1, Features = 2 * forward.Features };
        throw ImportErrors.Node(node, "it concatenates something other than the two directions of one layer");
    }

    private string NewName(string kind) => $"{kind}_{_layerNumbers[kind] = _layerNumbers.GetValueOrDefault(kind) + 1}";

    private static ImmutableDictionary<string, float[]> Parameters(params ReadOnlySpan<(string Name, float[] Values)> parameters)
    {
        var result = ImmutableDictionary.CreateBuilder<string, float[]>();
        foreach (var (name, values) in parameters) result[name] = values;
        return result.ToImmutable();
    }
}
