using Microsoft.ML.Recurrent.Layers;
using Microsoft.ML.Recurrent.Likelihoods;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Networks.Inputs;

namespace Microsoft.ML.Recurrent.Onnx.Layers;

/// <summary>
/// Unrolls the steps of a decoder. Each step is one node per layer (several if no node represents the cell), all with the same weights, and reads the previous
/// output or a sample from it. Rows are [batch, n] between nodes; with several paths, each row of the batch is repeated.
/// </summary>
internal sealed class DecoderExporter
{
    private readonly OnnxGraphBuilder _graph;
    private readonly NetworkDescription _network;
    private readonly DecoderDescription _decoder;
    private readonly WeightWriter _weights;
    private readonly Flow _flow;
    private readonly Dictionary<string, Func<string, RecurrentEnd, RecurrentEnd>> _steps = [];
    private readonly Dictionary<string, RecurrentEnd> _states = [];
    private readonly Func<string, string>? _attention;
    private readonly string? _future, _statics, _unit, _path, _rows;
    private readonly OnnxNetworkOutput _space;
    private readonly int _size;

    private DecoderExporter(Flow flow, Network network, WeightWriter weights, OnnxNetworkOutput space, string? future, string? statics, int paths = 1)
    {
        (_graph, _flow, _network, _decoder, _weights, _size) =
            (flow.Graph, flow, network.Description, network.Description.Decoder!, weights, network.Decoder!.Output.Features);
        if (paths > 1) _rows = RowsExporter.Repeated(_graph, _graph.Size(flow.Tensor, 1), paths);
        (_future, _statics) = (future is null ? null : Own(future), statics is null ? null : Own(statics));
        _space = space with
        {
            WindowLevel = space.WindowLevel is { } level ? Own(level) : null,
            WindowScale = space.WindowScale is { } scale ? Own(scale) : null
        };
        if (_decoder.Distribution is { IsInDataUnit: true }) _unit = Own(CountScaleExporter.Unit(_graph, space, _decoder.Targets));
        if (_network.LinearSkip is not null) _path = Own(Path());
        foreach (var layer in network.Decoder!.Layers.Select(layer => layer.Description).OfType<RecurrentDescription>()) _steps.Add(layer.Name, Steps(layer));
        if (_decoder.IsRecursive) foreach (var (name, (_, end)) in flow.Ends!) _states.Add(name, Own(end));
        else foreach (var (from, to) in network.Decoder.Joints) _states.Add(to.Name, Own(BridgeExporter.Begin(_graph, weights, flow, from, to)));
        if (_decoder.Attention is { } form) _attention = AttentionExporter.Contexts(flow, "decoder_attention", form, weights, paths);
    }

    /// <summary>Why the decoder of a network cannot be exported to ONNX; null if it can.</summary>
    public static string? Obstacle(NetworkDescription network)
    {
        var decoder = network.Decoder!;
        if (decoder.Vocabulary > 0) return null;
        if (network.Time is null && (decoder.SeasonLength > 0 || decoder.FeedsDifferences || decoder.Distribution is { IsInDataUnit: true }
            || decoder.IsRecursive && network.FutureWidth > 0))
            return "windows of varying length do not allow a season, differences, counts or future covariates";
        return null;
    }

    /// <summary>
    /// The input of a network without a separate decoder: the window [time, batch, features] with future covariates shifted one step earlier.
    /// </summary>
    /// <param name="graph">The target graph.</param>
    /// <param name="network">The network.</param>
    /// <param name="window">[time, batch, features]: the targets, then the future covariates.</param>
    /// <param name="future">[batch, steps, k].</param>
    public static string ShiftFutureFeatures(OnnxGraphBuilder graph, NetworkDescription network, string window, string future)
    {
        var known = network.Decoder!.Targets;
        string later = graph.Slice(graph.Slice(window, known, long.MaxValue, 2), 1, long.MaxValue, 0),
            first = graph.Transpose(graph.Slice(future, 0, 1, 1), 1, 0, 2);
        return graph.Concat(2, graph.Slice(window, 0, known, 2), graph.Concat(0, later, first));
    }

    /// <summary>
    /// The outputs of all steps, [batch, outputs], and the function that draws paths from them if they are distributions
    /// (<see cref="OnnxNetworkOutput.Draw"/>).
    /// </summary>
    /// <param name="flow">The end of the encoder.</param>
    /// <param name="network">The network.</param>
    /// <param name="weights">Writes its parameters.</param>
    /// <param name="space">The input of the first layer before any shift, [time, batch, features], and its normalization; its values are not used.</param>
    /// <param name="future">The standardized future covariates, [batch, steps, k]; null for none.</param>
    /// <param name="statics">The standardized static features, [batch, n]; null for none.</param>
    public static (string Values, Func<string, int, string>? Draw) Export(Flow flow, Network network, WeightWriter weights, OnnxNetworkOutput space,
        string? future, string? statics)
    {
        if (Obstacle(network.Description) is { } obstacle) throw new NotSupportedException($"The model cannot be exported to ONNX: {obstacle}.");
        var values = new DecoderExporter(flow, network, weights, space, future, statics).Run();
        return (values, network.Description.Decoder!.Distribution is null
            ? null
            : (scores, paths) => new DecoderExporter(flow, network, weights, space, future, statics, paths).Draw(scores));
    }

    private string Run()
    {
        List<string> answers = [];
        var place = Begin();
        while (answers.Count < _decoder.Steps)
        {
            if (answers.Count > 0) place.Previous = Feedback(answers[^1], answers.Count - 1);
            answers.Add(Next(answers.Count, place, answers.Count == 0 ? null : Located(answers[^1])));
        }

        // From step-major to parameter-major order.
        var all = _graph.Concat(1, [.. answers]);
        var parameters = _network.Outputs / (_decoder.Steps * _decoder.Targets);
        return parameters == 1
            ? all
            : _graph.Reshape(_graph.Transpose(_graph.Reshape(all, -1, _decoder.Steps, parameters, _decoder.Targets), 0, 2, 1, 3), -1, _network.Outputs);
    }

    // The values at the scores [batch x paths, steps x targets], step by step; each is the input of the next step.
    private string Draw(string scores)
    {
        List<string> drawn = [];
        var (place, targets) = (Begin(), _decoder.Targets);
        while (drawn.Count < _decoder.Steps)
        {
            string answer = Next(drawn.Count, place, drawn.Count == 0 ? null : drawn[^1]),
                score = _graph.Slice(scores, drawn.Count * targets, (drawn.Count + 1) * targets, 1);
            string[] parameters = [.. Enumerable.Range(0, _network.Outputs / (_decoder.Steps * targets))
                .Select(parameter => _graph.Slice(answer, parameter * targets, (parameter + 1) * targets, 1))];
            drawn.Add(_decoder.Distribution!.Quantile(_graph, new StepParameters<string>(parameter => parameters[parameter]), _unit!, score));
            if (drawn.Count < _decoder.Steps) place.Previous = Fed(drawn[^1], drawn.Count - 1);
        }
        return _graph.Concat(1, [.. drawn]);
    }

    // The state between steps: the next input, the value before it for differences, and the attention output of the last step.
    private sealed class Place
    {
        public required string Previous { get; set; }

        public string? Before { get; set; }

        public string Attended { get; set; } = "";
    }

    private Place Begin() => new()
    {
        Previous = Own(_graph.Slice(_flow.LastStep(_space.Window!), 0, _decoder.Targets, 1)),
        Before = _decoder.FeedsDifferences ? FromEnd(_decoder.IsRecursive || _network.Time == 1 ? 1 : 2) : null,
        Attended = _decoder.InputFeeding ? Zeros() : "",
    };

    // The output of a step; answered is the location of the previous step's output.
    private string Next(int step, Place place, string? answered)
    {
        // Without separate layers, the encoder has computed the first output.
        if (step == 0 && _decoder.IsRecursive) return Cumulated(Answer(Own(PoolingExporter.Last(_flow)), 0), null);
        var x = place.Before is null ? place.Previous : _graph.Subtract(place.Previous, place.Before);
        if (place.Before is not null) place.Before = place.Previous;
        if (_future is not null) x = _graph.Concat(1, x, _graph.Gather(_future, step, 1));
        if (_statics is not null && !_decoder.IsRecursive) x = _graph.Concat(1, x, _statics);
        if (_decoder.InputFeeding) x = _graph.Concat(1, x, place.Attended);
        x = Step(x);
        if (_attention is not null)
            place.Attended = x =
                _graph.Tanh(_weights.Gemm(_graph.Concat(1, x, _attention(x)), "decoder_combine"));
        return Cumulated(Answer(x, step), answered);
    }

    private string Step(string x)
    {
        var flow = new Flow(_graph, x, 0, "");
        flow.Vector(x, 0);
        foreach (var layer in _decoder.IsRecursive ? _network.Layers : _decoder.Layers)
        {
            if (layer is not RecurrentDescription recurrent)
            {
                LayerExporter.Export(flow, layer, _weights);
                continue;
            }

            var y = _graph.Squeeze((_states[layer.Name] = _steps[layer.Name](_graph.Unsqueeze(flow.Tensor, 0), _states[layer.Name])).H, 0);
            flow.Vector(recurrent.Residual ? _graph.Add(y, flow.Tensor) : y, recurrent.StateSize);
        }
        return flow.Tensor;
    }

    // A node of the layer, or the nodes of its cell if no node has an initial state or represents the cell.
    private Func<string, RecurrentEnd, RecurrentEnd> Steps(RecurrentDescription layer)
    {
        if (layer.Projection > 0 || LoopExporter.IsNeeded(layer))
        {
            var cell = new CellExporter(_graph, layer, _weights);
            return (x, state) => cell.Step(_graph, x, state);
        }
        var node = _decoder.IsRecursive ? _flow.Ends![layer.Name].Node! : RecurrentNode.Write(_graph, layer, _weights);
        return (x, state) => node.Run(_graph, x, "", state, keepsMemory: true);
    }

    private string Answer(string x, int step)
    {
        var answer = _weights.Gemm(_decoder.IsRecursive && _statics is not null ? _graph.Concat(1, x, _statics) : x, "head");
        return _path is null
            ? answer
            : _graph.Add(answer, Placed(_graph.Gather(_path, step, 2), _network.LinearSkip!.First, _network.LinearSkip.Count));
    }

    // Adds the previous output to a difference; for the first step, the last value of the window (minus the value one season before).
    private string Cumulated(string answer, string? before)
    {
        if (_decoder.CumulatedCount == 0) return answer;
        var season = _decoder.SeasonLength;
        // A window of one season has no value one season before its last one.
        if (before is null && season == _network.Time) return answer;
        var from = before is not null ? before : season == 0 ? FromEnd(1) : _graph.Subtract(FromEnd(1), FromEnd(1 + season));
        return _graph.Add(answer, Placed(from, _decoder.CumulatedFirst, _decoder.CumulatedCount));
    }

    // The targets at a number of steps before the end of the window, [batch, targets].
    private string FromEnd(int steps) =>
        Own(_graph.Slice(_graph.Gather(_space.Window!, _network.Time!.Value - steps, 0), 0, _decoder.Targets, 1));

    private string Located(string answer)
    {
        var first = _decoder.Location * _decoder.Targets;
        return _network.Outputs == _decoder.Steps * _decoder.Targets ? answer : _graph.Slice(answer, first, first + _decoder.Targets, 1);
    }

    // The forecasts of the linear skip, [batch, targets, steps].
    private string Path()
    {
        var series = _graph.Transpose(_graph.Slice(_space.Window!, 0, _decoder.Targets, 2), 1, 2, 0);
        return _graph.Add(_graph.MatMul(series, _weights.Transposed(LinearSkip.WeightName)), _weights.Write(LinearSkip.BiasName));
    }

    // One number per target, [batch, targets], aligned with the parameters of a step to which it is added, and 0 for the others.
    private string Placed(string forecasts, int first, int count)
    {
        var parameters = _network.Outputs / (_decoder.Steps * _decoder.Targets);
        if (parameters == 1) return forecasts;
        var nothing = _graph.Multiply(forecasts, 0f);
        return _graph.Concat(1,
            [.. Enumerable.Range(0, parameters).Select(parameter => parameter >= first && parameter < first + count ? forecasts : nothing)]);
    }

    private string Feedback(string answer, int step)
    {
        var fed = Located(answer);
        return Fed(_unit is null ? fed : _decoder.Distribution!.Forecast(_graph, fed, _unit), step);
    }

    // The values of a step as input of the next: counts are in the unit of the data, others are differences from one season before.
    private string Fed(string value, int step)
    {
        if (_unit is not null) return TargetSpace.FromData(new TargetSpaceExporter(_graph, _space, _decoder.Targets), value);
        if (_decoder.SeasonLength == 0) return value;
        long before = _network.Time!.Value - _decoder.SeasonLength + step % _decoder.SeasonLength;
        return _graph.Add(value, Own(_graph.Slice(_graph.Gather(_space.Window!, before, 0), 0, _decoder.Targets, 1)));
    }

    // Repeats each row for each path.
    private string Own(string x, int axis = 0) => _rows is null ? x : _graph.Gather(x, _rows, axis);

    private RecurrentEnd Own(RecurrentEnd end) => _rows is null ? end : new(end.Y, Own(end.H, 1), end.C is { } memory ? Own(memory, 1) : null);

    private string Zeros() =>
        Own(_graph.Node("Expand", [_graph.Scalar(0f), _graph.Concat(0, _graph.Unsqueeze(_graph.Size(_flow.Tensor, 1), 0), _graph.Constant((long)_size))]));
}
