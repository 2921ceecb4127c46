using Microsoft.ML.Recurrent.Layers;
using Microsoft.ML.Recurrent.Networks;

namespace Microsoft.ML.Recurrent.Onnx.Layers;

/// <summary>What the decoder attends to.</summary>
/// <param name="Keys">The keys, float [batch, size, time], or [batch, time, units] for the additive form.</param>
/// <param name="Values">The values, multiplied by their part of the combining layer, float [batch, time, size].</param>
/// <param name="Mask">The valid steps, bool [batch, 1, time]; null if all are valid.</param>
internal sealed record DecoderMemory(string Keys, string Values, string? Mask);

/// <summary>The results of a step.</summary>
/// <param name="Logits">[rows, vocabulary].</param>
/// <param name="Attention">The weights of the attention, [batch, beams, time]; null without attention.</param>
/// <param name="States">The next states, [rows, size].</param>
/// <param name="Shape">The shape of the grid of rows, int64 [batch, beams]; null for one beam.</param>
internal sealed record DecoderStep(string Logits, string? Attention, string[] States, string? Shape);

/// <summary>
/// Writes the parts of a decoder of tokens: its initial states, what it attends to, and a step, also in the body of a loop. The rows of a step are a grid,
/// batch x beams. The product of the contexts with their part of the combining layer is that of the values, computed once: sum(a v) W = sum(a (v W)).
/// </summary>
internal sealed class TokenDecoderExporter
{
    // Far below every score but finite: infinities give NaN if all steps are masked.
    private const float Masked = -1e30f;

    private readonly OnnxGraphBuilder _graph;
    private readonly Network _network;
    private readonly DecoderDescription _decoder;
    private readonly Dictionary<string, Func<OnnxGraphBuilder, string, RecurrentEnd, RecurrentEnd>> _steps = [];
    private string? _stateWeight, _contextWeight;

    /// <param name="graph">The graph; steps may be written to the body of one of its loops.</param>
    /// <param name="network">The network.</param>
    public TokenDecoderExporter(OnnxGraphBuilder graph, Network network)
    {
        (_graph, _network, _decoder, Size) = (graph, network, network.Description.Decoder!, network.Decoder!.Output.Features);
        Weights = new WeightWriter(graph, network);
    }

    /// <summary>Writes the parameters.</summary>
    public WeightWriter Weights { get; }

    /// <summary>Features of the decoder's output before its projection, and of the values.</summary>
    public int Size { get; }

    /// <summary>Whether the decoder attends to the sources.</summary>
    public bool HasAttention => _decoder.Attention is not null;

    /// <summary>The states of a decoder: those of its recurrent layers and, with input feeding, the last attentional vector.</summary>
    public static IReadOnlyList<StepState> States(Network network)
    {
        List<StepState> states = [];
        foreach (var layer in Recurrent(network))
        {
            Add(layer.Name + ".h", layer.StateSize);
            if (layer.Descriptor.HasMemory) Add(layer.Name + ".c", layer.HiddenSize);
        }
        if (network.Description.Decoder!.InputFeeding) Add("decoder_combine.y", network.Decoder!.Output.Features);
        return states;

        void Add(string name, int size) => states.Add(new(name, name + ".next", size));
    }

    /// <summary>The initial states, [batch, size], from the end of the encoder.</summary>
    public string[] Begin(Flow flow)
    {
        List<string> states = [];
        foreach (var (from, to) in _network.Decoder!.Joints)
        {
            var end = BridgeExporter.Begin(_graph, Weights, flow, from, to);
            states.Add(_graph.Squeeze(end.H, 0));
            if (end.C is { } memory) states.Add(_graph.Squeeze(memory, 0));
        }
        if (_decoder.InputFeeding)
            states.Add(_graph.Node("Expand", [_graph.Scalar(0f),
                _graph.Concat(0, _graph.Unsqueeze(_graph.Size(flow.Tensor, 1), 0), _graph.Constant((long)Size))]));
        return [.. states];
    }

    /// <summary>What the decoder attends to; null without attention.</summary>
    /// <param name="flow">The end of the encoder.</param>
    /// <param name="isMasked">Whether steps in the same graph need the mask.</param>
    public DecoderMemory? Memory(Flow flow, bool isMasked)
    {
        if (_decoder.Attention is not { } form) return null;
        var states = _graph.Transpose(flow.Tensor, 1, 0, 2);
        var keys = form switch
        {
            AttentionForm.Additive => _graph.MatMul(states, Weights.Transposed("decoder_attention.weight_key")),
            // k . (W q) = (k W) . q.
            AttentionForm.General => _graph.Transpose(_graph.MatMul(states, Weights.Write("decoder_attention.weight")), 0, 2, 1),
            AttentionForm.Dot => _graph.Transpose(states, 0, 2, 1),
        };
        return new(keys, _graph.MatMul(states, CombineWeights().Context),
            isMasked && flow.HasLengths ? Mask(_graph.Cast(flow.Lengths, OnnxType.Int64), states, 1) : null);
    }

    /// <summary>The valid steps, bool [batch, 1, time].</summary>
    /// <param name="lengths">int64 [batch].</param>
    /// <param name="values">A tensor with an axis of the steps.</param>
    /// <param name="axis">This axis.</param>
    public string Mask(string lengths, string values, int axis) =>
        _graph.Less(_graph.Reshape(_graph.Indices(values, axis), 1, 1, -1), _graph.Reshape(lengths, -1, 1, 1));

    /// <summary>Writes a step.</summary>
    /// <param name="body">The graph itself or the body of a loop.</param>
    /// <param name="tokens">The tokens fed to the step, int64 [rows].</param>
    /// <param name="states">The states before the step, [rows, size].</param>
    /// <param name="memory">What the decoder attends to.</param>
    /// <param name="shape">The shape of the grid of rows, int64 [batch, beams]; null for one beam.</param>
    public DecoderStep Step(OnnxGraphBuilder body, string tokens, string[] states, DecoderMemory? memory, string? shape)
    {
        var (next, at) = (new List<string>(states.Length), 0);
        var flow = new Flow(body, body.Gather(Weights.Write(_decoder.Layers[0].Name + ".weight"), tokens, 0), 0, "");
        flow.Vector(_decoder.InputFeeding ? body.Concat(1, flow.Tensor, states[^1]) : flow.Tensor, 0);
        foreach (var layer in _decoder.Layers.Skip(1))
        {
            if (layer is not RecurrentDescription recurrent)
            {
                LayerExporter.Export(flow, layer, Weights);
                continue;
            }

            var (h, c) = (body.Unsqueeze(states[at++], 0), recurrent.Descriptor.HasMemory ? body.Unsqueeze(states[at++], 0) : null);
            var end = StepOf(recurrent)(body, body.Unsqueeze(flow.Tensor, 0), new("", h, c));
            var y = body.Squeeze(end.H, 0);
            next.Add(y);
            if (end.C is { } memoryAfter) next.Add(body.Squeeze(memoryAfter, 0));
            flow.Vector(recurrent.Residual ? body.Add(y, flow.Tensor) : y, recurrent.StateSize);
        }

        var output = flow.Tensor;
        string? weights = null;
        if (memory is not null)
        {
            (output, weights) = Attend(body, output, memory, shape);
            if (_decoder.InputFeeding) next.Add(output);
        }
        if (_decoder.Projection > 0) output = body.Gemm(output, Weights.Write("decoder_projection.weight"), Weights.Write("decoder_projection.bias"));
        var head = _network.Description.TieHead ? _decoder.Layers[0].Name : "head";
        return new(body.Gemm(output, Weights.Write(head + ".weight"), Weights.Write("head.bias")), weights, [.. next], shape);
    }

    /// <summary>Rows [rows, size] as a grid, [batch, beams, size].</summary>
    public string Grid(OnnxGraphBuilder body, string rows, int size, string? shape) =>
        shape is null ? body.Unsqueeze(rows, 1) : body.Node("Reshape", [rows, body.Concat(0, shape, body.Constant((long)size))]);

    // The combination of the states with their contexts, [rows, size], and the weights, [batch, beams, time].
    private (string Output, string Weights) Attend(OnnxGraphBuilder body, string query, DecoderMemory memory, string? shape)
    {
        var scores = _decoder.Attention is AttentionForm.Additive
            ? AdditiveScores(body, query, memory.Keys, shape)
            : body.MatMul(Grid(body, query, Size, shape), memory.Keys);
        if (memory.Mask is not null) scores = body.Where(memory.Mask, scores, Masked);
        var weights = body.Softmax(scores, -1);
        var context = body.Reshape(body.MatMul(weights, memory.Values), -1, Size);
        var state = body.Gemm(query, CombineWeights().State, Weights.Write("decoder_combine.bias"));
        return (body.Tanh(body.Add(state, context)), weights);
    }

    // v . tanh(q + k): [batch, beams, 1, units] and [batch, 1, time, units] to [batch, beams, time].
    private string AdditiveScores(OnnxGraphBuilder body, string query, string keys, string? shape)
    {
        var units = Weights.Units("decoder_attention.weight_query");
        var projected = Grid(body, body.MatMul(query, Weights.Transposed("decoder_attention.weight_query")), units, shape);
        var hidden = body.Tanh(body.Add(body.Unsqueeze(projected, 2), body.Unsqueeze(keys, 1)));
        return body.Squeeze(body.MatMul(hidden, Weights.Transposed("decoder_attention.score")), 3);
    }

    // The parts of decoder_combine.weight [size, size + features]: of the state as it is, of the context transposed.
    private (string State, string Context) CombineWeights()
    {
        var weight = Weights.Write("decoder_combine.weight");
        return (_stateWeight ??= _graph.Slice(weight, 0, Size, 1),
            _contextWeight ??= _graph.Transpose(_graph.Slice(weight, Size, long.MaxValue, 1), 1, 0));
    }

    private Func<OnnxGraphBuilder, string, RecurrentEnd, RecurrentEnd> StepOf(RecurrentDescription layer)
    {
        if (_steps.TryGetValue(layer.Name, out var step)) return step;
        if (layer.Projection > 0 || LoopExporter.IsNeeded(layer)) _steps.Add(layer.Name, step = new CellExporter(_graph, layer, Weights).Step);
        else
        {
            var node = RecurrentNode.Write(_graph, layer, Weights);
            _steps.Add(layer.Name, step = (body, x, state) => node.Run(body, x, "", state, keepsMemory: true));
        }
        return step;
    }

    private static IEnumerable<RecurrentDescription> Recurrent(Network network) =>
        network.Decoder!.Layers.Select(layer => layer.Description).OfType<RecurrentDescription>();
}
