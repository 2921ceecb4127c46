using Microsoft.ML.Recurrent.Onnx;

namespace Microsoft.ML.Recurrent.Tagging;

/// <summary>
/// The best path of a chain of tags (Viterbi 1967) as two loops (Scan): the first keeps the scores of the best paths to each tag, the second goes back from the
/// last step and finds each tag from the one after it, which takes one comparison per tag instead of a table of pointers. Sums are in the order of
/// <see cref="Losses.CrfDecoder"/>.
/// </summary>
internal static class ViterbiExporter
{
    /// <summary>Writes the loops; returns the tags from 0, int64 [batch, time, 1], the last one repeated past the end of a row.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="emissions">The scores of the steps, [batch, time, tags].</param>
    /// <param name="lengths">The steps of each row, int32 [batch]; null if all are valid.</param>
    /// <param name="transitions">[to, from].</param>
    /// <param name="start">[tags].</param>
    /// <param name="end">[tags]; null for none.</param>
    public static string Write(OnnxGraphBuilder graph, string emissions, string? lengths, string transitions, string start, string? end)
    {
        var steps = graph.Transpose(emissions, 1, 0, 2);
        var first = graph.Slice(steps, 0, 1, 0);
        var best = graph.Add(graph.Squeeze(first, 0), start);
        // A loop without steps is an error of the runtime: one step that counts for no row stands after the last.
        var rest = graph.Concat(0, graph.Slice(steps, 1, long.MaxValue, 0), first);
        var positions = graph.Reshape(graph.Add(graph.Indices(steps, 0), graph.Scalar(1L)), -1, 1);
        var ends = lengths is null ? graph.Reshape(graph.Size(steps, 0), 1, 1) : graph.Reshape(graph.Cast(lengths, OnnxType.Int64), 1, -1);
        var active = graph.Unsqueeze(graph.Less(positions, ends), 2);

        var forward = new OnnxBodyBuilder(graph, "viterbi_forward");
        var before = forward.Input("best", OnnxType.Single, null, null);
        var emission = forward.Input("emission", OnnxType.Single, null, null);
        var isStep = forward.Input("is_step", OnnxType.Boolean, null, 1);
        var sums = forward.Add(forward.Unsqueeze(before, 1), transitions);
        var after = forward.Where(isStep, forward.Add(forward.ReduceMax(sums, 2), emission), before);
        forward.Output("best_next", after, OnnxType.Single, null, null);
        forward.Output("best_before", before, OnnxType.Single, null, null);
        var states = graph.Nodes("Scan", [best, rest, active], 2, ("body", forward.Graph), ("num_scan_inputs", 2L));

        var last = graph.ArgMax(end is null ? states[0] : graph.Add(states[0], end), 1);
        var backward = new OnnxBodyBuilder(graph, "viterbi_backward");
        var tag = backward.Input("tag", OnnxType.Int64, null, 1);
        var scores = backward.Input("scores", OnnxType.Single, null, null);
        var counts = backward.Input("is_step", OnnxType.Boolean, null, 1);
        var found = backward.ArgMax(backward.Add(scores, backward.Gather(transitions, backward.Squeeze(tag, 1), 0)), 1);
        var previous = backward.Where(counts, found, tag);
        backward.Output("tag_before", previous, OnnxType.Int64, null, 1);
        backward.Output("path", previous, OnnxType.Int64, null, 1);
        var path = graph.Nodes("Scan", [last, states[1], active], 2, ("body", backward.Graph), ("num_scan_inputs", 2L),
            ("scan_input_directions", new[] { 1L, 1L }), ("scan_output_directions", new[] { 1L }));
        return graph.Transpose(path[1], 1, 0, 2);
    }
}
