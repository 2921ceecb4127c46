using Microsoft.ML.Recurrent.Networks.Inputs;

namespace Microsoft.ML.Recurrent.Onnx.Layers;

/// <summary>Exports <see cref="TargetSpace"/>.</summary>
/// <param name="graph">The target graph.</param>
/// <param name="output">The normalization of the windows.</param>
/// <param name="targets">The number of targets, the first features.</param>
/// <param name="fit">Reshapes the statistics of a window, [batch, targets], to the shape of the values they are combined with; null if they have it.</param>
internal sealed class TargetSpaceExporter(OnnxGraphBuilder graph, OnnxNetworkOutput output, int targets, Func<string, string>? fit = null)
    : ITargetSpace<string>
{
    public string Add(string x, SpaceStatistic statistic) => Find(statistic) is { } y ? graph.Add(x, y) : x;

    public string Subtract(string x, SpaceStatistic statistic) => Find(statistic) is { } y ? graph.Subtract(x, y) : x;

    public string Multiply(string x, SpaceStatistic statistic) => Find(statistic) is { } y ? graph.Multiply(x, y) : x;

    public string Divide(string x, SpaceStatistic statistic) => Find(statistic) is { } y ? graph.Divide(x, y) : x;

    private string? Find(SpaceStatistic statistic) => statistic switch
    {
        SpaceStatistic.Level => OfWindow(output.WindowLevel),
        SpaceStatistic.Scale => OfWindow(output.WindowScale),
        SpaceStatistic.Mean => OfTraining(output.InputMean),
        _ => OfTraining(output.InputScale),
    };

    // With as many axes as values of several steps: ONNX Runtime takes those of one target one by one otherwise.
    private string? OfTraining(string? values) => values is null ? null
        : fit is null ? graph.Slice(values, 0, targets, 0) : graph.Reshape(graph.Slice(values, 0, targets, 0), 1, 1, targets);

    private string? OfWindow(string? values)
    {
        if (values is null) return null;
        var own = graph.Slice(values, 0, targets, 1);
        return fit is null ? own : fit(own);
    }
}
