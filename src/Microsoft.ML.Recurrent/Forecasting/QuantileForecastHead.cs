using System.Numerics.Tensors;
using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Losses;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Onnx;
using Tensor = Microsoft.ML.Recurrent.Tensors.Tensor;

namespace Microsoft.ML.Recurrent.Forecasting;

/// <summary>
/// Some quantiles a step, learned by the pinball loss (Koenker and Bassett 1978); they never cross, each being taken at least as far from the median as the one before. The forecast is the median; bounds
/// are the quantiles of the confidence level, moved by what calibration asks for (conformalised quantile regression, Romano et al. 2019).
/// </summary>
internal sealed class QuantileForecastHead : ForecastHead
{
    private readonly float[] _levels;
    private readonly float[] _asked;
    private readonly float _low;
    private readonly float _high;

    /// <param name="asked">The levels that have columns, in their order.</param>
    /// <param name="confidenceLevel">The bounds' level.</param>
    /// <param name="shape">What is forecast.</param>
    /// <param name="network">Whose input's mean and scale are those of the targets.</param>
    public QuantileForecastHead(IReadOnlyList<double> asked, float confidenceLevel, ForecastShape shape, Network network)
        : base(shape, network)
    {
        _asked = [.. asked.Select(level => (float)level)];
        (_low, _high) = shape.Bounds ? ((1 - confidenceLevel) / 2, (1 + confidenceLevel) / 2) : (Median, Median);
        _levels = Levels(asked, confidenceLevel, shape.Bounds);
    }

    private const float Median = 0.5f;

    /// <summary>Which of a step's parameters is its median.</summary>
    public static int MedianOf(float[] levels) => Array.IndexOf(levels, Median);

    public override bool BoundsStretch => false;

    public override (int First, int Count) Location => (0, _levels.Length);

    protected override int ParametersPerStep => _levels.Length;

    /// <summary>The levels that are learned: those asked for, the bounds', and the median.</summary>
    public static float[] Levels(IReadOnlyList<double> asked, float confidenceLevel, bool bounds)
    {
        var levels = asked.Select(level => (float)level).Append(Median);
        if (bounds) levels = levels.Append((1 - confidenceLevel) / 2).Append((1 + confidenceLevel) / 2);
        return [.. levels.Distinct().Order()];
    }

    protected override Tensor Loss(Tape tape, Tensor values, Tensor targets, Tensor? weights) => DistributionLosses.Quantile(tape, values, targets, _levels, weights);

    protected override Decoded<Tensor> Decode(Tape tape, in NetworkOutput output)
    {
        var values = output.Values;
        var quantiles = Enumerable.Range(0, _levels.Length).Select(i => Parameter(tape, values, i)).ToArray();
        Spread(quantiles, (inner, outer) => Take(TensorPrimitives.Max, inner, outer), (inner, outer) => Take(TensorPrimitives.Min, inner, outer));
        return Pick(quantiles);

        static Tensor Take(Action<ReadOnlySpan<float>, ReadOnlySpan<float>, Span<float>> choose, Tensor inner, Tensor outer)
        {
            choose(inner.Span, outer.Span, outer.Span);
            return outer;
        }
    }

    protected override Decoded<string> Decode(OnnxGraphBuilder graph, OnnxNetworkOutput output)
    {
        var values = output.Values;
        var quantiles = Enumerable.Range(0, _levels.Length).Select(i => Parameter(graph, values, i)).ToArray();
        Spread(quantiles, (inner, outer) => graph.Node("Max", [inner, outer]), (inner, outer) => graph.Node("Min", [inner, outer]));
        return Pick(quantiles);
    }

    private void Spread<T>(T[] quantiles, Func<T, T, T> up, Func<T, T, T> down)
    {
        var median = MedianOf(_levels);
        for (var i = median + 1; i < quantiles.Length; i++) quantiles[i] = up(quantiles[i - 1], quantiles[i]);
        for (var i = median - 1; i >= 0; i--) quantiles[i] = down(quantiles[i + 1], quantiles[i]);
    }

    private Decoded<T> Pick<T>(T[] quantiles)
        where T : class
    {
        return new(At(Median), At(_low), At(_high), null, [.. _asked.Select(At)], null);

        T At(float level) => quantiles[Array.IndexOf(_levels, level)];
    }
}
