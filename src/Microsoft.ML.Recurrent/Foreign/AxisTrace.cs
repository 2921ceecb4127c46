using Microsoft.ML.Recurrent.Onnx.Format;
using Microsoft.ML.Recurrent.Onnx.Import;

namespace Microsoft.ML.Recurrent.Foreign;

/// <summary>
/// Follows the axes of an input through a graph, up to the nodes that tell which of them is the batch and which the time: recurrent nodes and loops over the
/// steps; where there is none, convolutions.
/// </summary>
internal sealed class AxisTrace
{
    private readonly Dictionary<string, TracedAxis[]> _axes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, HashSet<int>> _stepsTaken = new(StringComparer.Ordinal);
    private readonly AxisFlow _flow;
    private readonly long _opset;
    private int? _time, _batch, _likelyTime, _likelyBatch;

    private AxisTrace(KnownTensors known, long opset) => (_flow, _opset) = (new(known), opset);

    /// <summary>The axis of the steps; null where the graph does not tell it.</summary>
    public int? Time => _time ?? (_likelyTime == Batch ? null : _likelyTime);

    /// <summary>The axis of the rows; null where the graph does not tell it.</summary>
    public int? Batch => _batch ?? (_likelyBatch == _time ? null : _likelyBatch);

    /// <summary>Whether a recurrent node or a loop takes other axes than a reading.</summary>
    public bool Contradicts(AxisReading reading) => _batch is { } batch && reading.Batch != batch || _time is { } time && reading.Time != time;

    /// <summary>Axes that a layer contracts: neither the batch nor the time.</summary>
    public HashSet<int> Features { get; } = [];

    /// <summary>Whether the input is the sequence lengths of a recurrent node.</summary>
    public bool IsLengths { get; private set; }

    /// <summary>Whether the input chooses rows of a table, as tokens and ids do: it holds no lengths.</summary>
    public bool IsIndex { get; private set; }

    /// <param name="graph">The graph.</param>
    /// <param name="known">Its constants.</param>
    /// <param name="opset">The version of ONNX's own operators.</param>
    /// <param name="input">The input to follow.</param>
    public static AxisTrace Follow(GraphProto graph, KnownTensors known, long opset, ValueInfoProto input)
    {
        var trace = new AxisTrace(known, opset);
        if (input.Type?.TensorType?.Shape is not { } shape) return trace;
        trace._axes[input.Name] = [.. shape.Dim.Select((dimension, axis) => new TracedAxis(axis, Math.Max(0, dimension.DimValue)))];
        trace.Walk(graph, inLoop: false);
        return trace;
    }

    private void Walk(GraphProto graph, bool inLoop)
    {
        foreach (var node in graph.Node)
        {
            switch (node.OpType)
            {
                case "LSTM" or "GRU" or "RNN" or "DynamicQuantizeLSTM":
                    Recurrent(node);
                    break;
                case "Scan":
                    Scan(node);
                    break;
                case "Loop":
                    Loop(node);
                    break;
                case "If":
                    Branch(node, inLoop);
                    break;
                default:
                    Pass(node, inLoop);
                    break;
            }
        }
    }

    private void Recurrent(NodeProto node)
    {
        const int X = 0, Lengths = 4, FirstState = 5, LastState = 6;
        var batchFirst = node.Integer("layout") == 1;
        if (Axes(node, X) is [var first, var second, var features])
        {
            Set(ref _time, batchFirst ? second : first);
            Set(ref _batch, batchFirst ? first : second);
            if (features.Source >= 0) Features.Add(features.Source);
        }
        if (Axes(node, Lengths) is [var rows])
        {
            IsLengths = true;
            Set(ref _batch, rows);
        }
        for (var state = FirstState; state <= LastState; state++)
            if (Axes(node, state) is [var directions, var row, _]) Set(ref _batch, batchFirst ? directions : row);
    }

    private void Scan(NodeProto node)
    {
        if (node.Attribute.FirstOrDefault(attribute => attribute.Name == "body")?.G is not { } body) return;
        // Before opset 9 the node has the lengths in front and a batch axis.
        var batched = _opset < 9;
        var front = batched ? 1 : 0;
        var scanned = (int)(node.Integer("num_scan_inputs") ?? 0);
        var scanAxes = node.Integers("scan_input_axes") ?? [];
        for (var i = front; i < node.Input.Count; i++)
        {
            if (Axes(node, i) is not { Length: > 0 } axes || i - front >= body.Input.Count) continue;
            var isState = i < node.Input.Count - scanned;
            if (batched)
            {
                Set(ref _batch, axes[0]);
                axes = axes[1..];
            }
            if (!isState && axes.Length > 0)
            {
                var at = i - (node.Input.Count - scanned) is var scan && scan < scanAxes.Length && !batched ? scanAxes[scan] : 0;
                var axis = (int)(at < 0 ? at + axes.Length : at);
                if (axis >= axes.Length) continue;
                Set(ref _time, axes[axis]);
                axes = [.. axes[..axis], .. axes[(axis + 1)..]];
            }
            _axes[body.Input[i - front].Name] = axes;
        }
        Walk(body, inLoop: true);
    }

    private void Loop(NodeProto node)
    {
        if (node.Attribute.FirstOrDefault(attribute => attribute.Name == "body")?.G is not { } body) return;
        for (var i = 2; i < node.Input.Count && i < body.Input.Count; i++)
            if (Axes(node, i) is { } axes) _axes[body.Input[i].Name] = axes;
        Walk(body, inLoop: true);
    }

    private void Branch(NodeProto node, bool inLoop)
    {
        foreach (var branch in KnownTensors.Graphs(node))
        {
            Walk(branch, inLoop);
            for (var i = 0; i < node.Output.Count && i < branch.Output.Count; i++)
                if (_axes.TryGetValue(branch.Output[i].Name, out var axes)) _axes.TryAdd(node.Output[i], axes);
        }
    }

    private void Pass(NodeProto node, bool inLoop)
    {
        var inputs = new TracedAxis[]?[node.Input.Count];
        for (var i = 0; i < inputs.Length; i++) inputs[i] = Axes(node, i);
        if (Array.TrueForAll(inputs, axes => axes is null)) return;
        if (inputs[0] is { } x) Hint(node, x, inLoop);
        else if (node.OpType is "Gather" && _flow.IsKnown(node, 0)) IsIndex = true;
        if (_flow.Through(node, inputs, inLoop) is not { } result) return;
        // The other outputs of a node have the same axes (Split), or none that are followed.
        foreach (var output in node.OpType is "Split" ? node.Output : node.Output.Take(1)) _axes[output] = result;
    }

    // What an operator says of the axes of its first input.
    private void Hint(NodeProto node, TracedAxis[] x, bool inLoop)
    {
        switch (node.OpType)
        {
            case "MatMul" or "MatMulInteger" or "Gemm" when x.Length > 0:
                if (x[^1].Source >= 0) Features.Add(x[^1].Source);
                // The equations of a cell take the rows of a step.
                if (inLoop && x.Length == 2) Set(ref _batch, x[0]);
                break;
            case "Conv" or "ConvTranspose" or "ConvInteger" or "MaxPool" or "AveragePool" or "GlobalAveragePool" or "GlobalMaxPool" or "BatchNormalization"
                or "InstanceNormalization" when x.Length >= 3:
                Set(ref _likelyBatch, x[0]);
                if (x.Length == 3) Set(ref _likelyTime, x[2]);
                break;
            case "Gather" when inLoop && !_flow.IsKnown(node, 1) && Axis(node, x.Length) is var axis:
                // The step of an iteration.
                Set(ref _time, x[axis]);
                break;
            case "Gather" or "Slice" when _flow.OneStep(node, x.Length) is (var along, var at) && along < x.Length - 1:
                // A loop that was unrolled takes one step after the other.
                var key = $"{node.Input[0]} {along}";
                if (!_stepsTaken.TryGetValue(key, out var taken)) _stepsTaken.Add(key, taken = []);
                if (taken.Add(at) && taken.Count > 1) Set(ref _likelyTime, x[along]);
                break;
        }
    }

    private static int Axis(NodeProto node, int rank) => (int)(node.Integer("axis") ?? 0) is var axis && axis < 0 ? axis + rank : axis;

    private TracedAxis[]? Axes(NodeProto node, int input) =>
        input < node.Input.Count && node.Input[input].Length > 0 ? _axes.GetValueOrDefault(node.Input[input]) : null;

    // The first node that tells an axis decides.
    private static void Set(ref int? axis, TracedAxis found)
    {
        if (found.Source >= 0) axis ??= found.Source;
    }
}
