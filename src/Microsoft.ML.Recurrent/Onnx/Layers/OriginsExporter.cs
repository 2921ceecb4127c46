using Microsoft.ML.Recurrent.Data;

namespace Microsoft.ML.Recurrent.Onnx.Layers;

/// <summary>
/// Writes what is subtracted in Double from inputs that are more than Singles, as <see cref="WindowOrigins"/> finds it, and adds it to forecasts.
/// </summary>
/// <param name="graph">The target graph.</param>
/// <param name="manifest">The columns.</param>
/// <param name="allowsMissing">Whether values may be missing.</param>
internal sealed class OriginsExporter(OnnxGraphBuilder graph, ModelManifest manifest, bool allowsMissing)
{
    private readonly Dictionary<string, string> _written = [];

    /// <summary>The origin of an input, of a shape to be subtracted from it; null for none. Steps have an axis of their own, of size 1.</summary>
    public string? Find(InputColumn input)
    {
        if (input.Origins.IsEmpty) return null;
        if (!_written.TryGetValue(input.Name, out var origin)) _written.Add(input.Name, origin = Write(input));
        return origin;
    }

    /// <summary>Adds an origin to answers, and keeps them within the limits.</summary>
    /// <param name="graph">The target graph.</param>
    /// <param name="answer">The distances from it, float [batch, horizon x targets x m].</param>
    /// <param name="origin">From <see cref="InputsExporter.Origin"/>.</param>
    /// <param name="forecast">The forecast.</param>
    /// <param name="size">The numbers of an answer.</param>
    public static string Add(OnnxGraphBuilder graph, string answer, string origin, ForecastManifest forecast, int size)
    {
        int targets = forecast.Targets.Length, steps = forecast.Horizon * targets;
        var level = graph.Reshape(graph.Slice(origin, 0, targets, 2), -1, 1, targets, 1);
        var numbers = graph.Reshape(graph.Cast(answer, OnnxType.Double), -1, forecast.Horizon, targets, size / steps);
        var values = graph.Add(numbers, level);
        if (forecast.LowerLimit is { } lower) values = graph.Node("Max", [values, Number(lower)]);
        if (forecast.UpperLimit is { } upper) values = graph.Node("Min", [values, Number(upper)]);
        return graph.Reshape(values, -1, size);

        // As a sum of Singles.
        string Number(double value) => graph.Add(graph.Cast(graph.Scalar((float)value), OnnxType.Double),
            graph.Cast(graph.Scalar((float)(value - (float)value)), OnnxType.Double));
    }

    private string Write(InputColumn input)
    {
        if (input.Origins.Length == input.Features && !input.Origins.Any(float.IsNaN))
        {
            var constant = Wide(graph.Constant(input.Origins.AsSpan()));
            return input.Kind is InputKind.Static ? constant : graph.Reshape(constant, 1, 1, input.Features);
        }
        var mean = Mean(input.Name);
        if (input.Origins.All(float.IsNaN) || manifest.SeriesInput is not { } ids) return mean;
        var series = Wide(graph.Gather(graph.Reshape(graph.Constant(input.Origins.AsSpan()), -1, input.Features), ids.Name, 0));
        return graph.Where(graph.Node("IsNaN", [series]), mean, series);
    }

    // Over the steps of the window. With missing values, over those that are finite.
    private string Mean(string window)
    {
        if (!allowsMissing) return graph.ReduceMean(window, 1, keep: true);
        var isMissing = graph.Node("IsNaN", [graph.Subtract(window, window)]);
        var sum = graph.ReduceSum(graph.Where(isMissing, Wide(graph.Scalar(0f)), window), 1, keep: true);
        var count = graph.ReduceSum(graph.Cast(graph.Node("Not", [isMissing]), OnnxType.Double), 1, keep: true);
        return graph.Divide(sum, graph.Maximum(count, Wide(graph.Scalar(1f))));
    }

    private string Wide(string x) => graph.Cast(x, OnnxType.Double);
}
