using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Onnx.Layers;

namespace Microsoft.ML.Recurrent.Onnx;

/// <content>The inputs of layers that carry their states: of each window the last step.</content>
internal sealed partial class InputsExporter
{
    // The rows of a batch are steps of several series: [1, batch, features] becomes [time, series, features].
    private Flow Carried(Flow flow, string normalized)
    {
        var (time, features) = (_description.Time!.Value, _description.Features - _description.UnscaledFeatures);
        var last = Last(normalized);
        var differences = _description.WindowNormalization is WindowNormalization.Difference
            ? Last(Differences(graph.Slice(normalized, -2, long.MaxValue, 0)))
            : null;
        var running = _description.RunningScale ? Last(RunningScale(Differences(normalized))) : null;
        List<string> parts = [Whole(differences is null ? last : running is null ? differences : graph.Divide(differences, running))];
        parts.AddRange(Vectors(InputKind.Sequence, place => place is not CategoryPlace.Static)
            .Select(batchFirst => Last(graph.Transpose(batchFirst, 1, 0, 2))));
        parts.AddRange(_description.Lags.Select(Lag));
        parts.AddRange(RelativeAveragesExporter.Export(graph, _description, normalized, lastOnly: true).Select(distance => Whole(Scaled(distance, features))));
        if (_description.MasksMissing) parts.Add(graph.Cast(graph.Node("IsNaN", [last]), OnnxType.Single));
        var series = graph.Slice(graph.Node("Shape", [manifest.States!.Value[0].Input]), 1, 2, 0);
        flow.Sequence(graph.Node("Reshape",
            [graph.Concat(2, [.. parts]), graph.Concat(0, graph.Constant(-1L), series, graph.Constant((long)_description.SequenceWidth))]),
            _description.SequenceWidth);
        return flow;

        string Lag(int lag)
        {
            var before = graph.Slice(graph.Slice(_description.RelativeLags ? normalized : Window!, time - 1 - lag, time - lag, 0), 0,
                _description.LaggedFeatures, 2);
            if (_description.RelativeLags) before = graph.Subtract(before, graph.Slice(last, 0, _description.LaggedFeatures, 2));
            return Whole(Scaled(before, _description.LaggedFeatures));
        }

        string Scaled(string values, int count) => running is null ? values : graph.Divide(values, graph.Slice(running, 0, count, 2));

        string Last(string steps) => graph.Slice(steps, -1, long.MaxValue, 0);
    }
}
