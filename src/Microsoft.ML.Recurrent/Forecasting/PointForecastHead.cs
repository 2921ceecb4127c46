using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Distributions;
using Microsoft.ML.Recurrent.Likelihoods;
using Microsoft.ML.Recurrent.Losses;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Onnx;
using Microsoft.ML.Recurrent.Tensors;
using Microsoft.ML.Recurrent.Training;

namespace Microsoft.ML.Recurrent.Forecasting;

/// <summary>
/// Point forecast head. Bounds are forecast +- q x scale: q is the conformal quantile of normalized residuals (Papadopoulos et al. 2008; Lei et al. 2018),
/// scale the volatility of the window, the standard deviation of the target over the window plus a quarter of its average, times a learned factor
/// (<see cref="Forecasting.BoundScale"/>). Bounds are thus narrow in quiet periods even if the calibration period was volatile, and the average keeps those of
/// a flat window open.
/// </summary>
internal sealed class PointForecastHead : ForecastHead
{
    // The share of 0.25 was chosen by coverage from one half of the validation part to the other (ETTh1, M4 hourly): shares from 0.05 to 0.5 differ by less
    // than 1%; a quarter gave the narrowest bounds.
    private const float ShareOfAverage = 0.25f;
    private const int CalibrationSample = 1024;

    /// <summary>The parameter with the quantiles of the calibration residuals.</summary>
    public const string ResidualsName = "head.residual_quantiles";

    private readonly Parameter? _leastUnit, _residuals;
    private readonly BoundScale? _scale;
    private readonly Dictionary<string, string> _written = [];
    private OnnxGraphBuilder? _graph;
    private int? _count;

    /// <param name="loss">The loss function.</param>
    /// <param name="shape">The shape of the forecast.</param>
    /// <param name="network">The network, whose input statistics include those of the targets.</param>
    /// <param name="asked">The levels of the quantile columns. They require bounds, since they are quantiles of the calibration residuals.</param>
    public PointForecastHead(RegressionLoss loss, ForecastHeadOptions shape, Network network, IReadOnlyList<double>? asked = null)
        : base(new PointLikelihood((tape, predictions, targets, weights) => loss.Apply(tape, predictions, targets, weights)), shape, network, asked)
    {
        if (!shape.Bounds) return;
        if (Paths is not null || Asked.Count > 0) _residuals = new(ResidualsName, new(ResidualQuantiles.Levels.Length, Steps), trainable: false);
        _leastUnit = new("head.least_unit", new(TargetsPerStep), trainable: false);
        _leastUnit.Value.Span.Fill(1);
        if (shape.BoundScale is { } options) _scale = new(options, shape);
    }

    public override IReadOnlyList<Parameter> Parameters =>
        [.. base.Parameters, .. new[] { _leastUnit, _residuals }.OfType<Parameter>(), .. _scale?.Parameters ?? []];

    public override void BeginCalibration(Network network, ExampleSet examples, ExampleSet train)
    {
        var sample = examples.Subsample(CalibrationSample);
        var sums = new double[TargetsPerStep];
        foreach (var (tape, batch) in sample.Batches(256).ForInference())
        {
            var window = network.Normalize(tape, batch).Window!;
            for (var row = 0; row < batch.Rows; row++)
            {
                for (var target = 0; target < sums.Length; target++) sums[target] += Volatility.Measure(window, row, target);
            }
        }
        for (var target = 0; target < sums.Length; target++)
        {
            var least = (float)(ShareOfAverage * sums[target] / sample.Examples.Length);
            // If all windows are flat, distances are not scaled.
            _leastUnit!.Value[target] = least > 0 ? least : 1;
        }
        if (_scale is null) return;
        BoundScaleFit.Apply(network, this, _scale, train, (output, row, target) => (Unit(output, row, target), _leastUnit!.Value[target]));
    }

    public override void KeepResiduals(ReadOnlySpan<float> quantiles, int count)
    {
        _count = count;
        if (_residuals is not null) quantiles.CopyTo(_residuals.Value.Span);
    }

    protected override bool Holds(double level) => _count is not { } count || ConformalCalibration.Holds(count, Math.Abs(2 * level - 1));

    protected override ScoreQuantile Quantiles(Tape tape, in NetworkOutput output)
    {
        var (values, unit, residuals) = (output.Values, BoundScale(tape, output)!, _residuals!.Value);
        return (row, step, score) =>
        {
            // Absolute residuals are stored: the sign is that of the score.
            var level = Math.Abs(2 * StandardNormal.Cumulative(score) - 1);
            var levels = ResidualQuantiles.Levels;
            var size = residuals[step];
            for (var i = 1; i < levels.Length; i++)
                size += (residuals[i * Steps + step] - residuals[(i - 1) * Steps + step])
                    * (float)Math.Clamp((level - levels[i - 1]) / (levels[i] - levels[i - 1]), 0, 1);
            return values[row * Steps + step] + Math.Sign(score) * unit[row * Steps + step] * size;
        };
    }

    protected override string Quantile(OnnxGraphBuilder graph, OnnxNetworkOutput output, string score, string? rows)
    {
        var (values, unit) = (output.Values, BoundScale(graph, output)!);
        if (rows is not null) (values, unit) = (graph.Gather(values, rows, 0), graph.Gather(unit, rows, 0));
        var levels = ResidualQuantiles.Levels;
        var table = Write(graph, _residuals!);
        var level = graph.Unsqueeze(graph.Node("Abs",
            [graph.Node("Erf", [graph.Multiply(graph.Add(score, graph.Multiply(values, graph.Scalar(0f))), graph.Scalar(MathF.Sqrt(0.5f)))])]), -1);
        // The interpolation fraction between levels, [rows, steps, levels - 1].
        float[] from = new float[levels.Length - 1], width = new float[from.Length];
        for (var i = 0; i < from.Length; i++) (from[i], width[i]) = ((float)levels[i], (float)(levels[i + 1] - levels[i]));
        var gone = graph.Divide(graph.Subtract(level, graph.Constant(from)), graph.Constant(width));
        gone = graph.Node("Max", [graph.Node("Min", [gone, graph.Scalar(1f)]), graph.Scalar(0f)]);
        var steps = graph.Transpose(graph.Subtract(graph.Slice(table, 1, levels.Length, 0), graph.Slice(table, 0, -1, 0)), 1, 0);
        var size = graph.Add(graph.ReduceSum(graph.Multiply(gone, steps), -1), graph.Gather(table, graph.Scalar(0L), 0));
        return graph.Add(values, graph.Multiply(graph.Multiply(graph.Node("Sign", [score]), unit), size));
    }

    protected override Tensor? BoundScale(Tape tape, in NetworkOutput output)
    {
        var values = output.Values;
        if (_leastUnit is null) return null;
        var unit = tape.Rent(values.Shape);
        for (var row = 0; row < values.Shape.Rows; row++)
        {
            var units = unit.Span.Slice(row * Steps, Steps);
            for (var target = 0; target < TargetsPerStep; target++) units[target] = Unit(output, row, target);
            for (var i = TargetsPerStep; i < Steps; i++) units[i] = units[i - TargetsPerStep];
        }
        _scale?.Apply(output, unit, _leastUnit.Value);
        return unit;
    }

    protected override string? BoundScale(OnnxGraphBuilder graph, OnnxNetworkOutput output)
    {
        if (_leastUnit is null) return null;
        var window = graph.Slice(output.Window!, 0, TargetsPerStep, 2);
        var unit = graph.Add(Volatility.Export(graph, window), Write(graph, _leastUnit));
        if (_scale is not null) return _scale.Export(graph, output, window, unit, _leastUnit, Write);
        return graph.Node("Tile", [unit, graph.Constant(1L, Steps / TargetsPerStep)]);
    }

    private float Unit(in NetworkOutput output, int row, int target) =>
        (float)Volatility.Measure(output.Window!, row, target) + _leastUnit!.Value[target];

    // Writes a parameter once for all nodes of a graph that use it.
    private string Write(OnnxGraphBuilder graph, Parameter parameter)
    {
        if (_graph != graph) _written.Clear();
        _graph = graph;
        if (!_written.TryGetValue(parameter.Name, out var written))
            _written.Add(parameter.Name, written = graph.Parameter(parameter.Name, parameter.Value.Span,
                [.. Enumerable.Range(0, parameter.Shape.Rank).Select(axis => (long)parameter.Shape[axis])]));
        return written;
    }
}
