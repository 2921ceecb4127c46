using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Distributions;
using Microsoft.ML.Recurrent.Likelihoods;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Networks.Decoding;
using Microsoft.ML.Recurrent.Networks.Inputs;
using Microsoft.ML.Recurrent.Onnx;
using Microsoft.ML.Recurrent.Onnx.Layers;
using Microsoft.ML.Recurrent.Tensors;
using Microsoft.ML.Recurrent.Training;

namespace Microsoft.ML.Recurrent.Forecasting;

/// <summary>
/// Forecast head for the first features of a window, for all strategies. The network outputs the parameters of the distribution of each step, parameter by
/// parameter: [rows, parameters x steps], where steps is horizon x targets, in the normalized space of the window. Forecasts are mapped back by the level and
/// scale of the window, and the mean and standard deviation of the features. With <see cref="HalfWidths"/>, forecasts have calibrated bounds.
/// </summary>
internal class ForecastHead : Head, IOnnxHead
{
    /// <summary>The parameter of the bounds.</summary>
    public const string HalfWidthsName = "head.half_width";

    private readonly int _horizon;
    private readonly int _targets;
    private readonly int[] _seasonBefore;
    private readonly TargetTransform _transform;
    private readonly Parameter? _mean;
    private readonly Parameter? _scale;

    private readonly IReadOnlyList<double> _pathLevels;
    private readonly bool _pathDeviation;

    /// <param name="likelihood">The likelihood of each step.</param>
    /// <param name="shape">The shape of the forecast.</param>
    /// <param name="network">The network, whose input statistics include those of the targets.</param>
    /// <param name="asked">The levels of the quantile columns computed from distributions or residuals; none if quantiles are learned.</param>
    /// <param name="deviation">Whether the standard deviation has a column.</param>
    protected ForecastHead(Likelihood likelihood, ForecastHeadOptions shape, Network network, IReadOnlyList<double>? asked = null, bool deviation = false)
    {
        (Likelihood, Shape) = (likelihood, shape);
        // If samples are fed back, the distribution of a later step is only known from paths.
        (_pathLevels, _pathDeviation) = shape.FeedsDraws ? (asked ?? [], deviation) : ([], false);
        (Asked, HasDeviation) = shape.FeedsDraws ? ([], false) : (asked ?? [], deviation);
        if (shape.Paths > 0 && (shape.HasSamples || _pathDeviation || _pathLevels.Count > 0)) Paths = new(shape);
        (_horizon, _targets, _transform) = (shape.Horizon, shape.Targets, network.Description.Transform);
        _seasonBefore = shape.SeasonBefore();
        if (network.Description.Standardize) (_mean, _scale) = (network["input.mean"], network["input.scale"]);
        if (shape.Bounds) HalfWidths = new(HalfWidthsName, new(Steps), trainable: false);
    }

    /// <summary>Creates the head of a likelihood.</summary>
    /// <param name="likelihood">The likelihood of each step.</param>
    /// <param name="loss">The loss of a point forecast.</param>
    /// <param name="asked">The levels of the quantile columns.</param>
    /// <param name="deviation">Whether the standard deviation has a column.</param>
    /// <param name="shape">The shape of the forecast.</param>
    /// <param name="network">The network, whose input statistics include those of the targets.</param>
    public static ForecastHead Create(
        Likelihood likelihood, RegressionLoss loss, IReadOnlyList<double> asked, bool deviation, ForecastHeadOptions shape, Network network) =>
        likelihood.DrawsFromResiduals ? new PointForecastHead(loss, shape, network, asked)
            : new ForecastHead(likelihood, shape, network, likelihood.IsDistribution ? asked : null, deviation && likelihood.IsDistribution);

    /// <summary>The likelihood of each step.</summary>
    public Likelihood Likelihood { get; }

    /// <summary>The shape of the forecast.</summary>
    public ForecastHeadOptions Shape { get; }

    /// <summary>Forecast values per row: horizon x targets.</summary>
    public int Steps => _horizon * _targets;

    public sealed override int Outputs => Steps * Likelihood.ParametersPerStep;

    /// <summary>
    /// With <see cref="ForecastHeadOptions.CalibratesLevels"/> the normal score whose quantiles are the bounds. Otherwise the distance of the bounds beyond
    /// <see cref="DecodedForecast{T}.Lower"/> and <see cref="DecodedForecast{T}.Upper"/>, in units of <see cref="DecodedForecast{T}.Scale"/>. Null without
    /// bounds.
    /// </summary>
    public Parameter? HalfWidths { get; }

    public override IReadOnlyList<Parameter> Parameters => [.. HalfWidths is null ? Array.Empty<Parameter>() : [HalfWidths], .. Paths?.Parameters ?? []];

    /// <summary>Draws paths; null if none are needed.</summary>
    public ForecastPaths? Paths { get; }

    /// <summary>The levels of the quantiles that are computed from the distribution of each step.</summary>
    protected IReadOnlyList<double> Asked { get; }

    /// <summary>Whether the standard deviation is computed from the distribution of each step.</summary>
    private bool HasDeviation { get; }

    /// <summary>Number of targets per step.</summary>
    public int TargetsPerStep => _targets;

    private bool IsInDataUnit => Likelihood.IsInDataUnit;

    /// <summary>The scale of the bounds, [rows, steps], for a likelihood without one; null for 1.</summary>
    protected virtual Tensor? BoundScale(Tape tape, in NetworkOutput output) => null;

    /// <inheritdoc cref="BoundScale(Tape, in NetworkOutput)"/>
    protected virtual string? BoundScale(OnnxGraphBuilder graph, OnnxNetworkOutput output) => null;

    /// <summary>The quantile of the distribution of each step at normal scores, in network space.</summary>
    protected virtual ScoreQuantile Quantiles(Tape tape, in NetworkOutput output)
    {
        var parameters = new ScalarParameters(output.Values, Steps);
        var units = IsInDataUnit ? CountScale.Create(tape, Space(output), TargetsPerStep) : null;
        return (row, step, score) =>
        {
            parameters.Start = row * Outputs + step;
            var unit = units is null ? 1 : units[row * TargetsPerStep + step % TargetsPerStep];
            return (float)Likelihood.Quantile(ScalarArithmetic.Instance, parameters, unit, score);
        };
    }

    /// <summary>Exports the quantile at scores that broadcast to [rows, steps].</summary>
    /// <param name="graph">The target graph.</param>
    /// <param name="output">The output of the network.</param>
    /// <param name="score">The scores.</param>
    /// <param name="rows">The batch row of each row of scores; null if they match.</param>
    protected virtual string Quantile(OnnxGraphBuilder graph, OnnxNetworkOutput output, string score, string? rows)
    {
        var (values, units) = (output.Values, Units(graph, output));
        if (rows is not null) (values, units) = (graph.Gather(values, rows, 0), units is null ? null : graph.Gather(units, rows, 0));
        string[] parameters = [.. Enumerable.Range(0, Likelihood.ParametersPerStep).Select(parameter => Parameter(graph, values, parameter))];
        return Likelihood.Quantile(graph, new StepParameters<string>(parameter => parameters[parameter]), units!, score);
    }

    // The decoded output of the network, each [rows, steps] in network space.
    private DecodedForecast<Tensor> Decode(Tape tape, in NetworkOutput output)
    {
        var (on, values) = (new TensorArithmetic(tape), output.Values);
        var parameters = new StepParameters<Tensor>(parameter => Parameter(tape, values, parameter));
        var decoded = Likelihood.Decode(on, parameters, Units(tape, output, Steps));
        decoded = decoded with { Scale = decoded.Scale ?? BoundScale(tape, output) };
        if (Asked.Count > 0) decoded = decoded with { Quantiles = AskedQuantiles(tape, output) };
        return HasDeviation ? decoded with { Deviation = Likelihood.Deviation(on, parameters, decoded.Scale!) } : decoded;
    }

    private DecodedForecast<string> Decode(OnnxGraphBuilder graph, OnnxNetworkOutput output)
    {
        var units = Units(graph, output);
        var parameters = new StepParameters<string>(parameter => Parameter(graph, output.Values, parameter));
        var decoded = Likelihood.Decode(graph, parameters, units);
        decoded = decoded with { Scale = decoded.Scale ?? BoundScale(graph, output) };
        if (Asked.Count > 0) decoded = decoded with { Quantiles = AskedQuantiles(graph, output) };
        return HasDeviation ? decoded with { Deviation = Likelihood.Deviation(graph, parameters, decoded.Scale!) } : decoded;
    }

    // The scale of each target, for a likelihood in the unit of the data, for a number of values: [rows, count].
    private Tensor? Units(Tape tape, in NetworkOutput output, int count)
    {
        if (!IsInDataUnit) return null;
        var unit = CountScale.Create(tape, Space(output), TargetsPerStep);
        var units = tape.Rent(new Shape(unit.Shape.Rows, count));
        for (var i = 0; i < units.Length; i++) units[i] = unit[i / count * TargetsPerStep + i % TargetsPerStep];
        return units;
    }

    private string? Units(OnnxGraphBuilder graph, OnnxNetworkOutput output) =>
        IsInDataUnit ? graph.Node("Tile", [CountScaleExporter.Unit(graph, output, TargetsPerStep), graph.Constant(1L, Steps / TargetsPerStep)]) : null;

    /// <summary>The requested quantiles of the distribution of each step.</summary>
    private IReadOnlyList<Tensor> AskedQuantiles(Tape tape, in NetworkOutput output)
    {
        var (quantile, rows) = (Quantiles(tape, output), output.Values.Shape.Rows);
        return [.. Asked.Select(level =>
        {
            var (result, score, holds) = (tape.Rent(new Shape(rows, Steps)), StandardNormal.Quantile(level), Holds(level));
            for (var i = 0; i < result.Length; i++) result[i] = !holds ? float.NaN : quantile(i / Steps, i % Steps, score);
            return result;
        })];
    }

    /// <inheritdoc cref="AskedQuantiles(Tape, in NetworkOutput)"/>
    private IReadOnlyList<string> AskedQuantiles(OnnxGraphBuilder graph, OnnxNetworkOutput output) =>
        [.. Asked.Select(level => Quantile(graph, output, graph.Scalar((float)StandardNormal.Quantile(level)), null) is var quantile && Holds(level) ? quantile
            : graph.Multiply(quantile, graph.Scalar(float.NaN)))];

    /// <summary>Whether a quantile of a level can be told; it is NaN otherwise.</summary>
    protected virtual bool Holds(double level) => true;

    /// <summary>
    /// Called before calibration with its examples and those of training, so that a head can estimate the scale of its bounds. Does nothing by default.
    /// </summary>
    public virtual void BeginCalibration(Network network, ExampleSet examples, ExampleSet train)
    {
    }

    /// <summary>Stores the quantiles of a number of calibration residuals (<see cref="ResidualQuantiles"/>), for a head that uses them.</summary>
    public virtual void KeepResiduals(ReadOnlySpan<float> quantiles, int count)
    {
    }

    public sealed override Tensor Loss(Tape tape, in NetworkOutput output, SequenceBatch batch) =>
        output.Learned is { } learned
            ? Loss(tape, output, learned.Values, learned.Targets, batch.Weights)
            : Loss(tape, output, output.Values, Normalized(tape, output, batch.Targets!), batch.Weights);

    private Tensor Loss(Tape tape, in NetworkOutput output, Tensor values, Tensor targets, Tensor? weights) =>
        Likelihood.Loss(tape, values, targets, weights, Units(tape, output, targets.Shape.Columns));

    public sealed override IReadOnlyList<Tensor> Predict(Tape tape, in NetworkOutput output)
    {
        var decoded = Decode(tape, output);
        List<Tensor> answers = [Raw(tape, output, decoded.Location)];
        if (HalfWidths is not null)
        {
            var quantile = Shape.CalibratesLevels ? Quantiles(tape, output) : null;
            foreach (var side in (int[])[-1, 1])
            {
                var edge = side < 0 ? decoded.Lower : decoded.Upper;
                answers.Add(Raw(tape, output, quantile is null ? Bound(tape, edge, decoded.Scale, side) : Bound(tape, edge.Shape, quantile, side)));
            }
        }
        foreach (var quantile in decoded.Quantiles) answers.Add(Raw(tape, output, quantile));
        if (decoded.Deviation is { } deviation) answers.Add(Raw(tape, output, deviation, isDeviation: true));
        if (Paths is null) return answers;
        var paths = Paths.Draw(tape, output, Shape.FeedsDraws ? static (_, _, _) => 0 : Quantiles(tape, output));
        foreach (var level in _pathLevels) answers.Add(Raw(tape, output, Paths.Quantile(tape, paths, level)));
        if (_pathDeviation) answers.Add(Raw(tape, output, Paths.Deviation(tape, paths), isDeviation: true));
        if (Shape.HasSamples) answers.Add(SideBySide(tape, Raw(tape, output, paths)));
        return answers;
    }

    public sealed override Tensor Answer(Tape tape, in NetworkOutput output) => Raw(tape, output, Decode(tape, output).Location);

    public override Metric? CreateMetric(ValidationMetric metric) =>
        metric is ValidationMetric.MeanAbsoluteError or ValidationMetric.RootMeanSquaredError
            ? new ErrorMetric(metric is ValidationMetric.RootMeanSquaredError)
            : null;

    public IReadOnlyList<string> Export(OnnxGraphBuilder graph, OnnxNetworkOutput output)
    {
        var decoded = Decode(graph, output);
        List<string> answers = [Raw(graph, output, decoded.Location)];
        if (HalfWidths is not null)
        {
            var (lower, upper) = Shape.CalibratesLevels ? LevelBounds(graph, output, HalfWidths) : Bounds(graph, decoded, HalfWidths);
            answers.Add(Raw(graph, output, lower));
            answers.Add(Raw(graph, output, upper));
        }
        foreach (var quantile in decoded.Quantiles) answers.Add(Raw(graph, output, quantile));
        if (decoded.Deviation is { } deviation) answers.Add(Raw(graph, output, deviation, isDeviation: true));
        if (Paths is null) return answers;
        var paths = Paths.Draw(graph, output, (scores, rows) => Quantile(graph, output, scores, rows));
        foreach (var level in _pathLevels) answers.Add(Raw(graph, output, Paths.Quantile(graph, paths, level)));
        if (_pathDeviation) answers.Add(Raw(graph, output, Paths.Deviation(graph, paths), isDeviation: true));
        if (Shape.HasSamples)
            answers.Add(graph.Reshape(graph.Transpose(graph.Reshape(Raw(graph, output, paths, paths: Shape.Paths), -1, Shape.Paths, Steps), 0, 2, 1), -1,
                Steps * Shape.Paths));
        return answers;
    }

    /// <summary>
    /// The conformity scores: the scaled distance of each target outside low and high (negative inside), [rows, steps]. The half widths of the bounds are their
    /// quantiles. With <see cref="ForecastHeadOptions.CalibratesLevels"/> the normal score of the narrowest interval of quantiles that holds the target.
    /// </summary>
    public Tensor Scores(Tape tape, in NetworkOutput output, Tensor targets)
    {
        if (Shape.CalibratesLevels) return LevelScores(tape, output, targets);
        var decoded = Decode(tape, output);
        var scores = Normalized(tape, output, targets);
        var score = scores.Span;
        for (var i = 0; i < score.Length; i++)
        {
            score[i] = Math.Max(decoded.Lower[i] - score[i], score[i] - decoded.Upper[i]);
            if (decoded.Scale is { } unit) score[i] /= unit[i];
        }
        return scores;
    }

    private Tensor LevelScores(Tape tape, in NetworkOutput output, Tensor targets)
    {
        // Beyond it no probability is left.
        const double Most = 8;
        var scores = tape.Rent(targets.Shape);
        var parameters = new ScalarParameters(output.Values, Steps);
        var units = Units(tape, output, Steps);
        for (var i = 0; i < scores.Length; i++)
        {
            parameters.Start = i / Steps * Outputs + i % Steps;
            scores[i] = float.IsNaN(targets[i])
                ? float.NaN
                : (float)Math.Min(Math.Abs(Likelihood.Score(parameters, units is null ? 1 : units[i], targets[i])), Most);
        }
        return scores;
    }

    /// <summary>The scaled distance of each target from the forecast, [rows, steps].</summary>
    public Tensor Residuals(Tape tape, in NetworkOutput output, Tensor targets)
    {
        var decoded = Decode(tape, output);
        var residuals = Normalized(tape, output, targets);
        for (var i = 0; i < residuals.Length; i++) residuals[i] = (residuals[i] - decoded.Location[i]) / (decoded.Scale is { } unit ? unit[i] : 1);
        return residuals;
    }

    /// <summary>The forecasts in network space, [rows, steps].</summary>
    public Tensor Centers(Tape tape, in NetworkOutput output) => Decode(tape, output).Location;

    /// <summary>One parameter of all steps: [rows, steps].</summary>
    private Tensor Parameter(Tape tape, Tensor values, int parameter)
    {
        if (Likelihood.ParametersPerStep == 1) return values;
        var result = tape.Rent(new Shape(values.Shape.Rows, Steps));
        for (var row = 0; row < values.Shape.Rows; row++) values.Span.Slice(row * Outputs + parameter * Steps, Steps).CopyTo(result.Span[(row * Steps)..]);
        return result;
    }

    private string Parameter(OnnxGraphBuilder graph, string values, int parameter) =>
        Likelihood.ParametersPerStep == 1 ? values : graph.Slice(values, parameter * Steps, (parameter + 1) * Steps, 1);

    private Tensor Bound(Tape tape, Tensor edge, Tensor? unit, int side)
    {
        var bound = tape.Rent(edge.Shape);
        for (var i = 0; i < bound.Length; i++) bound[i] = edge[i] + side * HalfWidths!.Value[i % Steps] * (unit is null ? 1 : unit[i]);
        for (var i = 0; IsInDataUnit && i < bound.Length; i++) bound[i] = Math.Max(0, bound[i]);
        return bound;
    }

    // Quantiles at the calibrated scores.
    private Tensor Bound(Tape tape, Shape shape, ScoreQuantile quantile, int side)
    {
        var bound = tape.Rent(shape);
        for (var i = 0; i < bound.Length; i++)
        {
            var score = HalfWidths!.Value[i % Steps];
            bound[i] = float.IsNaN(score) ? score : quantile(i / Steps, i % Steps, side * score);
        }
        return bound;
    }

    private (string Lower, string Upper) Bounds(OnnxGraphBuilder graph, DecodedForecast<string> decoded, Parameter halfWidths)
    {
        var width = graph.Parameter(halfWidths.Name, halfWidths.Value.Span, Steps);
        if (decoded.Scale is { } unit) width = graph.Multiply(unit, width);
        var low = graph.Subtract(decoded.Lower, width);
        return (IsInDataUnit ? graph.Relu(low) : low, graph.Add(decoded.Upper, width));
    }

    private (string Lower, string Upper) LevelBounds(OnnxGraphBuilder graph, OnnxNetworkOutput output, Parameter halfWidths)
    {
        var score = graph.Parameter(halfWidths.Name, halfWidths.Value.Span, Steps);
        // The quantile of NaN, which stands for no bound, may be any number: NaN is added.
        var missing = graph.Multiply(score, graph.Scalar(0f));
        score = graph.Node("Where", [graph.Node("IsNaN", [score]), graph.Scalar(0f), score]);
        return (Bound(graph.Node("Neg", [score])), Bound(score));

        string Bound(string at) => graph.Add(Quantile(graph, output, at, null), missing);
    }

    /// <summary>The targets in network space.</summary>
    public Tensor Normalized(Tape tape, in NetworkOutput output, Tensor targets)
    {
        var result = tape.Rent(targets.Shape);
        if (IsInDataUnit)
        {
            targets.Span.CopyTo(result.Span);
            return result;
        }
        var space = Space(output);
        var source = targets.Span;
        var target = result.Span;
        for (var i = 0; i < target.Length; i++)
        {
            var (row, channel) = (i / Steps, i % _targets);
            target[i] = space.FromData(LoggedInputs.Log(source[i], _transform), row, channel) - SeasonBefore(output, i);
        }
        return result;
    }

    // In the unit of the data, within the limits; a standard deviation has neither a level nor limits.
    private Tensor Raw(Tape tape, in NetworkOutput output, Tensor values, bool isDeviation = false)
    {
        var raw = InDataUnit(tape, output, values, isDeviation);
        if (isDeviation || Shape is { LowerLimit: null, UpperLimit: null }) return raw;
        var limited = tape.Rent(raw.Shape);
        for (var i = 0; i < limited.Length; i++) limited[i] = Shape.Limit(raw[i]);
        return limited;
    }

    private Tensor InDataUnit(Tape tape, in NetworkOutput output, Tensor values, bool isDeviation)
    {
        if (IsInDataUnit) return values;
        var result = tape.Rent(values.Shape);
        var space = Space(output);
        var source = values.Span;
        var target = result.Span;
        for (var i = 0; i < target.Length; i++)
        {
            var (row, channel) = (i / values.Shape.Columns, i % _targets);
            var value = isDeviation ? source[i] : source[i] + SeasonBefore(output, row * Steps + i % Steps);
            target[i] = LoggedInputs.Exp(space.ToData(value, row, channel, isDeviation), _transform);
        }
        return result;
    }

    // From path by path to the values of all paths side by side, step by step.
    private Tensor SideBySide(Tape tape, Tensor paths)
    {
        var (result, columns) = (tape.Rent(paths.Shape), paths.Shape.Columns);
        for (var i = 0; i < result.Length; i++) result[i / columns * columns + i % Steps * Shape.Paths + i % columns / Steps] = paths[i];
        return result;
    }

    // The value of the target one season before step i, in network space.
    private float SeasonBefore(in NetworkOutput output, int i)
    {
        if (_seasonBefore.Length == 0) return 0;
        var window = output.Window!;
        var (row, step, channel) = (i / Steps, i % Steps / _targets, i % _targets);
        return window[(_seasonBefore[step] * window.Shape[1] + row) * window.Shape.Columns + channel];
    }

    /// <summary>The space of the network's windows.</summary>
    private WindowSpace Space(in NetworkOutput output) => new(output.Window!, output.WindowLevel, output.WindowScale, _mean?.Value, _scale?.Value);

    // With several paths, values are [batch x paths, steps].
    private string Raw(OnnxGraphBuilder graph, OnnxNetworkOutput output, string values, bool isDeviation = false, int paths = 0)
    {
        var raw = InDataUnit(graph, output, values, isDeviation, paths);
        if (!isDeviation && Shape.LowerLimit is { } lower) raw = graph.Node("Max", [raw, graph.Scalar(lower)]);
        return !isDeviation && Shape.UpperLimit is { } upper ? graph.Node("Min", [raw, graph.Scalar(upper)]) : raw;
    }

    private string InDataUnit(OnnxGraphBuilder graph, OnnxNetworkOutput output, string values, bool isDeviation, int paths)
    {
        if (IsInDataUnit) return values;
        var (scale, level) = (output.WindowScale, isDeviation ? null : output.WindowLevel);
        var season = isDeviation || _seasonBefore.Length == 0 ? null : output.Window;
        if (scale is null && level is null && season is null && output.InputMean is null && _transform is TargetTransform.None) return values;
        var steps = paths > 0 ? graph.Reshape(values, -1, paths, _horizon, _targets) : graph.Reshape(values, -1, _horizon, _targets);
        if (season is not null) steps = graph.Add(steps, SeasonOf(season));
        steps = TargetSpace.ToData(new TargetSpaceExporter(graph, output, _targets, values => OfPaths(graph.Unsqueeze(values, 1))), steps, isDeviation);
        if (_transform is not TargetTransform.None) steps = graph.Node("Exp", [steps]);
        if (_transform is TargetTransform.Log1p) steps = graph.Subtract(steps, graph.Scalar(1f));
        return graph.Reshape(steps, -1, Steps);

        string SeasonOf(string window) =>
            OfPaths(graph.Transpose(graph.Slice(graph.Gather(window, graph.Constant(Array.ConvertAll(_seasonBefore, step => (long)step)), 0), 0, _targets, 2),
                1, 0, 2));

        string OfPaths(string x) => paths > 0 ? graph.Unsqueeze(x, 1) : x;
    }
}
