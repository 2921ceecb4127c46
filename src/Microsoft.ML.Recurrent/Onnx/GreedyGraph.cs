using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Onnx.Format;
using Microsoft.ML.Recurrent.Onnx.Layers;

namespace Microsoft.ML.Recurrent.Onnx;

/// <summary>
/// The graph of a network with a decoder of tokens, for any runtime: it writes the text of each row greedily, in a loop that ends when all rows have ended.
/// Its outputs, named by the manifest in this order: the tokens, int64 [batch, steps], 0 past the end of a text; the number of tokens, int64 [batch]; the sum
/// of their log-probabilities and of that of the end token, float [batch]; and with attention its weights, float [batch, steps, time]. A row without steps has
/// no tokens, and NaN for a log-probability. The manifest may leave out the last outputs.
/// </summary>
internal static class GreedyGraph
{
    private const string StepAxis = "steps";

    // Far below every log-probability but finite.
    private const float Excluded = -1e30f;

    /// <summary>Builds the graph.</summary>
    public static ModelProto Create(Network network, ModelManifest manifest)
    {
        NetworkExporter.Check(network.Description, manifest);
        var graph = new OnnxModelBuilder(OnnxExportOptions.DefaultOpset, OnnxExportOptions.DefaultGraphName,
            [ModelManifest.LengthInput, MissingAnswers.TensorName, .. manifest.Inputs.Select(input => input.Name),
            .. manifest.Outputs.Select(output => output.Name), .. network.Parameters.Select(parameter => parameter.Name)]);
        NetworkExporter.Declare(graph, manifest);
        var exporter = new TokenDecoderExporter(graph, network);
        var (flow, unanswered) = NetworkExporter.Encode(graph, network, manifest, exporter.Weights);
        var (tokens, lengths, logProbability, attention) = Loop(graph, network, manifest, exporter, flow);
        if (unanswered is not null)
        {
            graph.NodeTo(MissingAnswers.TensorName, "Identity", [unanswered]);
            var isMissing = graph.Node("IsNaN", [MissingAnswers.TensorName]);
            tokens = graph.Where(isMissing, graph.Scalar(0L), tokens);
            lengths = graph.Where(graph.Squeeze(isMissing, 1), graph.Scalar(0L), lengths);
            logProbability = graph.Add(logProbability, graph.Squeeze(MissingAnswers.TensorName, 1));
        }

        (string Tensor, OnnxType Type, object[] Shape)[] outputs =
        [
            (tokens, OnnxType.Int64, [NetworkExporter.BatchAxis, StepAxis]), (lengths, OnnxType.Int64, [NetworkExporter.BatchAxis]),
            (logProbability, OnnxType.Single, [NetworkExporter.BatchAxis]),
            .. attention is null ? ((string, OnnxType, object[])[])[]
                : [(attention, OnnxType.Single, [NetworkExporter.BatchAxis, StepAxis, manifest.Inputs[0].Time is int time ? time : NetworkExporter.TimeAxis])],
        ];
        if (manifest.Outputs.Length > outputs.Length)
            throw new InvalidOperationException($"The decoder has {outputs.Length} outputs; the manifest has {manifest.Outputs.Length}.");
        for (var i = 0; i < manifest.Outputs.Length; i++) graph.Output(manifest.Outputs[i].Name, outputs[i].Tensor, outputs[i].Type, outputs[i].Shape);
        return graph.Model;
    }

    private static (string Tokens, string Lengths, string LogProbability, string? Attention) Loop(OnnxModelBuilder graph, Network network,
        ModelManifest manifest, TokenDecoderExporter exporter, Flow flow)
    {
        var decoder = network.Description.Decoder!;
        var states = TokenDecoderExporter.States(network);
        var begin = exporter.Begin(flow);
        var memory = exporter.Memory(flow, isMasked: true);
        var batch = graph.Unsqueeze(graph.Size(flow.Tensor, 1), 0);
        var most = Most(graph, decoder, manifest, batch);
        string Rows(string value) => graph.Node("Expand", [value, batch]);
        string always = graph.Less(graph.Scalar(0L), graph.Scalar(1L)), never = graph.Less(graph.Scalar(1L), graph.Scalar(0L)),
            start = Rows(graph.Scalar((long)decoder.StartToken)), end = graph.Scalar((long)decoder.EndToken);
        var (excluded, first) = (Exclusions(graph, decoder, isEnd: false), decoder.MinimumLength > 0 ? Exclusions(graph, decoder, isEnd: true) : null);

        var body = new OnnxBodyBuilder(graph, "decoder_step");
        string step = body.Input("step", OnnxType.Int64), going = body.Input("going", OnnxType.Boolean), token = body.Input("token", OnnxType.Int64, [null]),
            ended = body.Input("ended", OnnxType.Boolean, [null]), sum = body.Input("sum", OnnxType.Single, [null]),
            length = body.Input("length", OnnxType.Int64, [null]);
        string[] before = [.. states.Select(state => body.Input("state", OnnxType.Single, null, state.Size))];
        var after = exporter.Step(body, token, before, memory, null);
        var logs = body.Node("LogSoftmax", [after.Logits], ("axis", 1L));
        var least = first is null ? excluded : body.Where(body.Less(step, graph.Scalar((long)decoder.MinimumLength)), first, excluded);
        // After the most tokens comes the end token.
        var chosen = body.Where(body.Less(step, most), body.Squeeze(body.ArgMax(body.Add(logs, least), 1), 1), end);
        var log = body.Squeeze(body.Node("GatherElements", [logs, body.Unsqueeze(chosen, 1)], ("axis", 1L)), 1);
        // A row that has ended writes no more.
        var done = body.Node("Or", [ended, body.Node("Equal", [chosen, end])]);
        var written = body.Where(done, body.Scalar(0L), chosen);
        var isGoing = body.Node("Not", [done]);
        body.Output("going_next", body.Greater(body.ReduceSum(body.Cast(isGoing, OnnxType.Single), 0), 0.5f), OnnxType.Boolean);
        body.Output("token_next", chosen, OnnxType.Int64, [null]);
        body.Output("ended_next", done, OnnxType.Boolean, [null]);
        body.Output("sum_next", body.Add(sum, body.Where(ended, body.Scalar(0f), log)), OnnxType.Single, [null]);
        body.Output("length_next", body.Add(length, body.Cast(isGoing, OnnxType.Int64)), OnnxType.Int64, [null]);
        for (var i = 0; i < states.Count; i++) body.Output("state_next", after.States[i], OnnxType.Single, null, states[i].Size);
        body.Output("written", written, OnnxType.Int64, [null]);
        if (after.Attention is not null)
            body.Output("weights", body.Where(body.Unsqueeze(isGoing, 1), body.Squeeze(after.Attention, 1), 0f), OnnxType.Single, null, null);

        var outputs = graph.Nodes("Loop", [graph.Scalar((long)decoder.Steps + 1), always, start, Rows(never), Rows(graph.Scalar(0f)), Rows(graph.Scalar(0L)),
            .. begin], 4 + states.Count + (memory is null ? 1 : 2), ("body", body.Graph));
        // In the last step all rows write the end token.
        var tokens = graph.Slice(graph.Transpose(outputs[4 + states.Count], 1, 0), 0, -1, 1);
        return (tokens, outputs[3], outputs[2], memory is null ? null : graph.Slice(graph.Transpose(outputs[^1], 1, 0, 2), 0, -1, 1));
    }

    // The most tokens of each row.
    private static string Most(OnnxGraphBuilder graph, DecoderDescription decoder, ModelManifest manifest, string batch)
    {
        var all = graph.Scalar((long)decoder.Steps);
        if (!decoder.IsLimitedBySource) return graph.Node("Expand", [all, batch]);
        var source = manifest.HasLengths ? ModelManifest.LengthInput : graph.Node("Expand", [graph.Size(manifest.Inputs[0].Name, 1), batch]);
        var most = graph.Add(graph.Add(source, source), graph.Scalar(10L));
        return graph.Where(graph.Less(all, most), all, most);
    }

    // What is added to the log-probabilities of the tokens.
    private static string Exclusions(OnnxGraphBuilder graph, DecoderDescription decoder, bool isEnd)
    {
        var values = new float[decoder.Vocabulary];
        for (var token = 0; token < values.Length; token++)
            if (decoder.IsExcluded(token) || isEnd && token == decoder.EndToken) values[token] = Excluded;
        return graph.Constant(values);
    }
}
