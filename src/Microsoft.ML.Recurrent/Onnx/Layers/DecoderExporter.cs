using Microsoft.ML.Recurrent.Layers;
using Microsoft.ML.Recurrent.Likelihoods;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Networks.Inputs;

namespace Microsoft.ML.Recurrent.Onnx.Layers;

/// <summary>
/// A decoder's steps one after the other: each is a node of every layer (or several, of a cell that no node can say), all with the same weights, fed with the
/// answer before, or with what is drawn from it. Rows are [batch, n] between the nodes; of several paths each row of the batch stands for as many rows.
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
        _space = space with { WindowLevel = space.WindowLevel is { } level ? Own(level) : null,
            WindowScale = space.WindowScale is { } scale ? Own(scale) : null };
        if (_decoder.Distribution is { IsInDataUnit: true }) _unit = Own(CountScaleExporter.Unit(_graph, space, _decoder.Targets));
        if (_network.LinearSkip is not null) _path = Own(Path());
        foreach (var layer in network.Decoder!.Layers.Select(layer => layer.Description).OfType<RecurrentDescription>()) _steps.Add(layer.Name, Steps(layer));
        if (_decoder.IsRecursive) foreach (var (name, (_, end)) in flow.Ends!) _states.Add(name, Own(end));
        else foreach (var (from, to) in network.Decoder.Joints) _states.Add(to.Name, Own(Begin(from, to)));
        if (_decoder.Attention is { } form) _attention = AttentionExporter.Contexts(flow, "decoder_attention", form, weights, paths);
    }

    /// <summary>Why a network's decoder has no ONNX form; null where it has one.</summary>
    public static string? Obstacle(NetworkDescription network)
    {
        var decoder = network.Decoder!;
        if (decoder.Vocabulary > 0) return "a decoder of tokens is a loop that searches, which no single graph holds";
        if (network.Time is null && (decoder.SeasonLength > 0 || decoder.FeedsDifferences || decoder.Distribution is { IsInDataUnit: true }
            || decoder.IsRecursive && network.FutureWidth > 0))
            return "windows that vary in length have no ONNX form with a season, of differences, of counts, or with numbers that are known ahead";
        return null;
    }

    /// <summary>
    /// What a network without a decoder of its own is fed with: the window [time, batch, features] with what is known ahead one step earlier.
    /// </summary>
    /// <param name="graph">Where to.</param>
    /// <param name="network">The network.</param>
    /// <param name="window">[time, batch, features]: the targets, then what is known ahead.</param>
    /// <param name="future">[batch, steps, k].</param>
    public static string ShiftFutureFeatures(OnnxGraphBuilder graph, NetworkDescription network, string window, string future)
    {
        int known = network.Decoder!.Targets;
        string later = graph.Slice(graph.Slice(window, known, long.MaxValue, 2), 1, long.MaxValue, 0),
            first = graph.Transpose(graph.Slice(future, 0, 1, 1), 1, 0, 2);
        return graph.Concat(2, graph.Slice(window, 0, known, 2), graph.Concat(0, later, first));
    }

    /// <summary>
    /// The answers of all steps, [batch, outputs], and what draws paths from them where they are distributions (<see cref="OnnxNetworkOutput.Draw"/>).
    /// </summary>
    /// <param name="flow">Where the encoder ended.</param>
    /// <param name="network">The network.</param>
    /// <param name="weights">Writes its parameters.</param>
    /// <param name="space">What its first layer was fed with, before anything was moved, [time, batch, features], and how it was normalised; its values do not
    /// count.</param>
    /// <param name="future">What is known ahead, standardised: [batch, steps, k]; null for nothing.</param>
    /// <param name="statics">Standardised: [batch, n]; null for none.</param>
    public static (string Values, Func<string, int, string>? Draw) Export(Flow flow, Network network, WeightWriter weights, OnnxNetworkOutput space,
        string? future, string? statics)
    {
        if (Obstacle(network.Description) is { } obstacle) throw new NotSupportedException($"The model cannot be written as ONNX: {obstacle}.");
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

        // Step by step to parameter by parameter.
        string all = _graph.Concat(1, [.. answers]);
        int parameters = _network.Outputs / (_decoder.Steps * _decoder.Targets);
        return parameters == 1
            ? all
            : _graph.Reshape(_graph.Transpose(_graph.Reshape(all, -1, _decoder.Steps, parameters, _decoder.Targets), 0, 2, 1, 3), -1, _network.Outputs);
    }

    // What lies at the scores [batch x paths, steps x targets], step by step; each goes into the next step.
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

    // Where the steps stand: what the next one is fed with, the value before it where differences are fed, and what attention made of the last step.
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

    // A step's answer; answered is that of the step before, what is not its place left out.
    private string Next(int step, Place place, string? answered)
    {
        // Without layers of its own the encoder has given the first answer.
        if (step == 0 && _decoder.IsRecursive) return Cumulated(Answer(Own(PoolingExporter.Last(_flow)), 0), null);
        string x = place.Before is null ? place.Previous : _graph.Subtract(place.Previous, place.Before);
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

            string y = _graph.Squeeze((_states[layer.Name] = _steps[layer.Name](_graph.Unsqueeze(flow.Tensor, 0), _states[layer.Name])).H, 0);
            flow.Vector(recurrent.Residual ? _graph.Add(y, flow.Tensor) : y, recurrent.StateSize);
        }
        return flow.Tensor;
    }

    // A layer's node, or, where no node can begin in a given state or say the cell, the cell's own nodes.
    private Func<string, RecurrentEnd, RecurrentEnd> Steps(RecurrentDescription layer)
    {
        if (layer.Projection > 0 || LoopExporter.IsNeeded(layer)) return new CellExporter(_graph, layer, _weights).Step;
        var node = _decoder.IsRecursive ? _flow.Ends![layer.Name].Node! : RecurrentNode.Write(_graph, layer, _weights);
        return (x, state) => node.Run(_graph, x, "", state, keepsMemory: true);
    }

    private string Answer(string x, int step)
    {
        string answer = _weights.Gemm(_decoder.IsRecursive && _statics is not null ? _graph.Concat(1, x, _statics) : x, "head");
        return _path is null
            ? answer
            : _graph.Add(answer, Placed(_graph.Gather(_path, step, 2), _network.LinearSkip!.First, _network.LinearSkip.Count));
    }

    // An answer that is a difference from the one before, or, of the first step, from the window's last value (less the one a season before).
    private string Cumulated(string answer, string? before)
    {
        if (_decoder.CumulatedCount == 0) return answer;
        int season = _decoder.SeasonLength;
        // A window of one season has no value a season before its last one.
        if (before is null && season == _network.Time) return answer;
        string from = before is not null ? before : season == 0 ? FromEnd(1) : _graph.Subtract(FromEnd(1), FromEnd(1 + season));
        return _graph.Add(answer, Placed(from, _decoder.CumulatedFirst, _decoder.CumulatedCount));
    }

    // The targets so many steps before the window's end, [batch, targets].
    private string FromEnd(int steps) =>
        Own(_graph.Slice(_graph.Gather(_space.Window!, _network.Time!.Value - steps, 0), 0, _decoder.Targets, 1));

    private string Located(string answer)
    {
        int first = _decoder.Location * _decoder.Targets;
        return _network.Outputs == _decoder.Steps * _decoder.Targets ? answer : _graph.Slice(answer, first, first + _decoder.Targets, 1);
    }

    // The linear path's forecasts, [batch, targets, steps].
    private string Path()
    {
        string series = _graph.Transpose(_graph.Slice(_space.Window!, 0, _decoder.Targets, 2), 1, 2, 0);
        return _graph.Add(_graph.MatMul(series, _weights.Transposed(LinearSkip.WeightName)), _weights.Write(LinearSkip.BiasName));
    }

    // One number a target, [batch, targets], beside the parameters of a step to which it is added, and 0 beside the others.
    private string Placed(string forecasts, int first, int count)
    {
        int parameters = _network.Outputs / (_decoder.Steps * _decoder.Targets);
        if (parameters == 1) return forecasts;
        string nothing = _graph.Multiply(forecasts, 0f);
        return _graph.Concat(1,
            [.. Enumerable.Range(0, parameters).Select(parameter => parameter >= first && parameter < first + count ? forecasts : nothing)]);
    }

    private string Feedback(string answer, int step)
    {
        string fed = Located(answer);
        return Fed(_unit is null ? fed : _decoder.Distribution!.Forecast(_graph, fed, _unit), step);
    }

    // A step's values as the next step has them: counts come in the data's own unit, all else as the difference from a season before.
    private string Fed(string value, int step)
    {
        if (_unit is not null) return TargetSpace.FromData(new TargetSpaceExporter(_graph, _space, _decoder.Targets), value);
        if (_decoder.SeasonLength == 0) return value;
        long before = _network.Time!.Value - _decoder.SeasonLength + step % _decoder.SeasonLength;
        return _graph.Add(value, Own(_graph.Slice(_graph.Gather(_space.Window!, before, 0), 0, _decoder.Targets, 1)));
    }

    // Each row as often as there are paths.
    private string Own(string x, int axis = 0) => _rows is null ? x : _graph.Gather(x, _rows, axis);

    private RecurrentEnd Own(RecurrentEnd end) => _rows is null ? end : new(end.Y, Own(end.H, 1), end.C is { } memory ? Own(memory, 1) : null);

    // The state of an encoder's layer, handed over or bridged.
    private RecurrentEnd Begin(RecurrentDescription from, RecurrentDescription to)
    {
        var (_, end) = _flow.Ends![from.Name];
        bool hasMemory = to.Descriptor.HasMemory;
        if (!_weights.Has($"{to.Name}_bridge_h.weight")) return end with { C = hasMemory ? end.C : null };
        return new("", _graph.Tanh(Bridge("h", end.H, from.StateSize)),
            hasMemory ? Bridge("c", end.C ?? end.H, end.C is null ? from.StateSize : from.HiddenSize) : null);

        string Bridge(string part, string state, int size)
        {
            string side = _graph.Reshape(_graph.Transpose(state, 1, 0, 2), -1, size * (from.Bidirectional ? 2 : 1));
            return _graph.Unsqueeze(_weights.Gemm(side, $"{to.Name}_bridge_{part}"), 0);
        }
    }

    private string Zeros() =>
        Own(_graph.Node("Expand", [_graph.Scalar(0f), _graph.Concat(0, _graph.Unsqueeze(_graph.Size(_flow.Tensor, 1), 0), _graph.Constant((long)_size))]));
}
