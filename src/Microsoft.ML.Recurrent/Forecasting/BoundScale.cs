using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Onnx;
using Microsoft.ML.Recurrent.Tensors;

namespace Microsoft.ML.Recurrent.Forecasting;

/// <summary>
/// The scale of the bounds of a point forecaster: unit x exp(w f). The unit is the volatility of the window. The features f are the logarithms of the mean
/// change from step to step, of the deviation of the last quarter and of the mean change over a season, each relative to the deviation of the window; the
/// future covariates of the step with their squares; and the distance of the forecast from the mean of the window in units of it, with its square. Errors are
/// thus large on hot days, where the next day is unlike the last, or where the forecast leaves the usual level, if they were so in training.
/// The weights come from the training windows (<see cref="BoundScaleFit"/>); the calibration on held-out windows sets the size (normalized conformity scores
/// with a learned scale, Papadopoulos and Haralambous 2011).
/// </summary>
internal sealed class BoundScale
{
    /// <summary>The largest number of future features that a scale is learned of.</summary>
    public const int MostFutureFeatures = 32;

    // A standardized feature is limited to this: a window unlike all others must not have absurd bounds.
    private const float Most = 3;

    // Added to changes in units of the window, since they can be 0.
    private const float Least = 0.02f;

    // The share of the constant part of the unit that keeps the deviation of a flat window above 0.
    private const float ShareOfLeast = 0.04f;

    private readonly BoundScaleOptions _options;
    private readonly ForecastHeadOptions _shape;
    private readonly Parameter _mean, _deviation, _weight;
    private readonly Parameter? _futureMean, _futureDeviation, _futureWeight, _distanceMean, _distanceDeviation, _distanceWeight;
    private readonly int[] _seasonBefore;

    public BoundScale(BoundScaleOptions options, ForecastHeadOptions shape)
    {
        (_options, _shape, _seasonBefore) = (options, shape, shape.SeasonBefore());
        WindowFeatures = options.Lag > 0 ? 3 : 2;
        FutureFeatures = 2 * options.FutureFeatures;
        DistanceFeatures = options.HasDistance ? 2 : 0;
        _mean = new("head.scale_mean", new(WindowFeatures, shape.Targets), trainable: false);
        _deviation = new("head.scale_deviation", new(WindowFeatures, shape.Targets), trainable: false);
        _weight = new("head.scale_weight", new(WindowFeatures, shape.Targets), trainable: false);
        _deviation.Value.Span.Fill(1);
        if (options.HasDistance)
        {
            _distanceMean = new("head.scale_distance_mean", new(DistanceFeatures, shape.Targets), trainable: false);
            _distanceDeviation = new("head.scale_distance_deviation", new(DistanceFeatures, shape.Targets), trainable: false);
            _distanceWeight = new("head.scale_distance_weight", new(DistanceFeatures, shape.Targets), trainable: false);
            _distanceDeviation.Value.Span.Fill(1);
        }
        if (FutureFeatures == 0) return;
        _futureMean = new("head.scale_future_mean", new(FutureFeatures), trainable: false);
        _futureDeviation = new("head.scale_future_deviation", new(FutureFeatures), trainable: false);
        _futureWeight = new("head.scale_future_weight", new(FutureFeatures, shape.Targets), trainable: false);
        _futureDeviation.Value.Span.Fill(1);
    }

    /// <summary>Features of a window, of a step to come and of its forecast.</summary>
    public int WindowFeatures { get; }

    /// <inheritdoc cref="WindowFeatures"/>
    public int FutureFeatures { get; }

    /// <inheritdoc cref="WindowFeatures"/>
    public int DistanceFeatures { get; }

    /// <summary>All features.</summary>
    public int Features => WindowFeatures + FutureFeatures + DistanceFeatures;

    /// <summary>The parameters, saved with the head.</summary>
    public IEnumerable<Parameter> Parameters => new[]
    {
        _mean, _deviation, _weight, _futureMean, _futureDeviation, _futureWeight, _distanceMean, _distanceDeviation, _distanceWeight,
    }.OfType<Parameter>();

    /// <summary>Sets moments and weight of a feature: those of the window first, then those of the step and of its forecast.</summary>
    public void Set(int target, int feature, double mean, double deviation, double weight)
    {
        var (means, deviations, weights) = (_mean, _deviation, _weight);
        if (feature >= WindowFeatures + FutureFeatures)
        {
            (means, deviations, weights) = (_distanceMean!, _distanceDeviation!, _distanceWeight!);
            feature -= WindowFeatures + FutureFeatures;
        }
        else if (feature >= WindowFeatures)
        {
            // The moments of what is ahead are the same for all targets.
            (means, deviations, weights) = (_futureMean!, _futureDeviation!, _futureWeight!);
            feature -= WindowFeatures;
        }
        var place = feature * _shape.Targets + target;
        var moment = means == _futureMean ? feature : place;
        (means.Value[moment], deviations.Value[moment], weights.Value[place]) = ((float)mean, (float)deviation, (float)weight);
    }

    /// <summary>A feature as it is multiplied with its weight.</summary>
    public static float Standardized(double value, double mean, double deviation) => (float)Math.Clamp((value - mean) / deviation, -Most, Most);

    /// <summary>
    /// Writes the features of a window [time, rows, features], given its unit and the part of the unit that is the same for all windows.
    /// </summary>
    public void OfWindow(Tensor window, int row, int target, float unit, float least, Span<float> features)
    {
        var (time, stride) = (window.Shape[0], window.Shape[1] * window.Shape[2]);
        var values = window.Span[(row * window.Shape[2] + target)..];
        var deviation = unit - (1 - ShareOfLeast) * least;
        features[0] = Relative(Change(values, 1) / deviation);
        features[1] = Relative(Volatility.Measure(window, row, target, time - Quarter(time)) / deviation);
        if (_options.Lag > 0) features[2] = Relative(Change(values, _options.Lag) / deviation);

        double Change(Span<float> values, int lag)
        {
            double sum = 0;
            for (var t = lag; t < time; t++) sum += Math.Abs(values[t * stride] - values[(t - lag) * stride]);
            return sum / Math.Max(1, time - lag);
        }

        static float Relative(double value) => (float)Math.Log(value + Least);
    }

    /// <summary>Writes the features of a step to come, from [horizon, rows, numbers].</summary>
    public void OfFuture(Tensor? future, int step, int row, Span<float> features)
    {
        var count = _options.FutureFeatures;
        for (var i = 0; i < count; i++)
        {
            features[i] = future![(step * future.Shape[1] + row) * future.Shape[2] + i];
            features[count + i] = features[i] * features[i];
        }
    }

    /// <summary>Writes the features of the forecast of a step, given the unit and the mean of its window.</summary>
    public void OfDistance(in NetworkOutput output, int row, int step, int target, float unit, float mean, Span<float> features)
    {
        if (DistanceFeatures == 0) return;
        var forecast = output.Values[(row * _shape.Horizon + step) * _shape.Targets + target];
        if (_seasonBefore.Length > 0) forecast += output.Window![(_seasonBefore[step] * output.Window.Shape[1] + row) * output.Window.Shape[2] + target];
        features[0] = (forecast - mean) / unit;
        features[1] = features[0] * features[0];
    }

    /// <summary>The mean of a target over a window.</summary>
    public static float Mean(Tensor window, int row, int target)
    {
        double sum = 0;
        for (var t = 0; t < window.Shape[0]; t++) sum += window[(t * window.Shape[1] + row) * window.Shape[2] + target];
        return (float)(sum / window.Shape[0]);
    }

    /// <summary>Multiplies units [rows, steps] with the learned scale, given their constant parts [targets].</summary>
    public void Apply(in NetworkOutput output, Tensor unit, Tensor least)
    {
        var (targets, steps) = (_shape.Targets, unit.Shape.Columns);
        Span<float> window = stackalloc float[WindowFeatures], future = stackalloc float[FutureFeatures], distance = stackalloc float[DistanceFeatures];
        for (var i = 0; i < unit.Length; i += i % steps == targets - 1 ? steps - targets + 1 : 1)
        {
            var (row, target) = (i / steps, i % steps);
            var (own, mean) = (unit[i], DistanceFeatures > 0 ? Mean(output.Window!, row, target) : 0);
            OfWindow(output.Window!, row, target, own, least[target], window);
            var ofWindow = Sum(window, _mean.Value, _deviation.Value, _weight.Value, target, targets);
            for (var step = 0; step < _shape.Horizon; step++)
            {
                OfFuture(output.Future, step, row, future);
                var sum = ofWindow;
                for (var k = 0; k < future.Length; k++)
                    sum += Standardized(future[k], _futureMean!.Value[k], _futureDeviation!.Value[k]) * _futureWeight!.Value[k * targets + target];
                OfDistance(output, row, step, target, own, mean, distance);
                if (DistanceFeatures > 0) sum += Sum(distance, _distanceMean!.Value, _distanceDeviation!.Value, _distanceWeight!.Value, target, targets);
                unit[i + step * targets] *= MathF.Exp(sum);
            }
        }

        static float Sum(Span<float> features, Tensor mean, Tensor deviation, Tensor weight, int target, int targets)
        {
            float sum = 0;
            for (var k = 0; k < features.Length; k++)
                sum += Standardized(features[k], mean[k * targets + target], deviation[k * targets + target]) * weight[k * targets + target];
            return sum;
        }
    }

    /// <summary>Exports the multiplication: units [batch, targets] to [batch, steps].</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="output">The output of the network.</param>
    /// <param name="window">The windows of the targets, [time, batch, targets].</param>
    /// <param name="unit">The units.</param>
    /// <param name="least">Their constant parts.</param>
    /// <param name="write">Writes a parameter once.</param>
    public string Export(OnnxGraphBuilder graph, OnnxNetworkOutput output, string window, string unit, Parameter least,
        Func<OnnxGraphBuilder, Parameter, string> write)
    {
        var deviation = graph.Subtract(unit, graph.Multiply(write(graph, least), graph.Scalar(1 - ShareOfLeast)));
        List<string> features = [Relative(Change(1)), Relative(Volatility.Export(graph, Recent()))];
        if (_options.Lag > 0) features.Add(Relative(Change(_options.Lag)));
        var all = graph.Concat(1, [.. features.Select(feature => graph.Unsqueeze(feature, 1))]);
        var sum = graph.ReduceSum(graph.Multiply(Standardized(all, _mean, _deviation), write(graph, _weight)), 1, keep: true);
        if (FutureFeatures > 0)
        {
            var future = graph.Slice(output.Future!, 0, _options.FutureFeatures, 2);
            future = graph.Concat(2, future, graph.Multiply(future, future));
            sum = graph.Add(sum, graph.MatMul(Standardized(future, _futureMean!, _futureDeviation!), write(graph, _futureWeight!)));
        }
        if (DistanceFeatures > 0)
        {
            sum = graph.Add(sum, graph.ReduceSum(graph.Multiply(Standardized(Distances(), _distanceMean!, _distanceDeviation!),
                write(graph, _distanceWeight!)), 2));
        }
        else if (FutureFeatures == 0)
        {
            sum = graph.Node("Tile", [sum, graph.Constant(1L, _shape.Horizon, 1L)]);
        }
        return graph.Reshape(graph.Multiply(graph.Unsqueeze(unit, 1), graph.Node("Exp", [sum])), -1, _shape.Horizon * _shape.Targets);

        // [batch, horizon, features, targets]
        string Distances()
        {
            var forecasts = graph.Reshape(output.Values, -1, _shape.Horizon, _shape.Targets);
            if (_seasonBefore.Length > 0)
            {
                var before = graph.Gather(window, graph.Constant(Array.ConvertAll(_seasonBefore, step => (long)step)), 0);
                forecasts = graph.Add(forecasts, graph.Transpose(before, 1, 0, 2));
            }
            var mean = graph.Transpose(graph.ReduceMean(window, 0, keep: true), 1, 0, 2);
            var distance = graph.Unsqueeze(graph.Divide(graph.Subtract(forecasts, mean), graph.Unsqueeze(unit, 1)), 2);
            return graph.Concat(2, distance, graph.Multiply(distance, distance));
        }

        string Recent() => graph.Slice(window, _shape.WindowSize - Quarter(_shape.WindowSize), _shape.WindowSize, 0);

        string Change(int lag) => _shape.WindowSize <= lag ? graph.Multiply(unit, graph.Scalar(0f)) : graph.ReduceMean(graph.Node("Abs",
            [graph.Subtract(graph.Slice(window, lag, _shape.WindowSize, 0), graph.Slice(window, 0, _shape.WindowSize - lag, 0))]), 0);

        string Relative(string value) => graph.Node("Log", [graph.Add(graph.Divide(value, deviation), graph.Scalar(Least))]);

        string Standardized(string value, Parameter mean, Parameter deviation) => graph.Node("Max", [graph.Node("Min",
            [graph.Divide(graph.Subtract(value, write(graph, mean)), write(graph, deviation)), graph.Scalar(Most)]), graph.Scalar(-Most)]);
    }

    private static int Quarter(int time) => Math.Max(Math.Min(4, time), time / 4);
}
