using Microsoft.ML.Recurrent.Networks.Inputs;

namespace Microsoft.ML.Recurrent.Onnx.Layers;

/// <summary>Writes what <see cref="TargetSpace"/> computes.</summary>
/// <param name="graph">Where to.</param>
/// <param name="output">How windows were normalised.</param>
/// <param name="targets">How many of the first features are carried over.</param>
/// <param name="fit">Gives a window's statistics, [batch, targets], the shape of what they are combined with; null where they have it.</param>
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

    private string? OfTraining(string? values) => values is null ? null : graph.Slice(values, 0, targets, 0);

    private string? OfWindow(string? values)
    {
        if (values is null) return null;
        var own = graph.Slice(values, 0, targets, 1);
        return fit is null ? own : fit(own);
    }
}
