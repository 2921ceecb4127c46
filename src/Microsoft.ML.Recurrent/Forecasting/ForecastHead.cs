using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Distributions;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Networks.Inputs;
using Microsoft.ML.Recurrent.Onnx;
using Microsoft.ML.Recurrent.Tensors;
using Microsoft.ML.Recurrent.Training;

namespace Microsoft.ML.Recurrent.Forecasting;

/// <summary>
/// The next steps of a window's first features, whatever the strategy by which the network comes to them. The network gives some parameters of each step's distribution, parameter by parameter: [rows,
/// parameters x steps], steps being horizon x targets, in the window's normalised space. Level and scale of the window, and the features' mean and standard deviation, carry answers back.
/// With <see cref="HalfWidths"/> the answers have calibrated bounds.
/// </summary>
internal abstract class ForecastHead : Head, IOnnxHead
{
    private readonly int _horizon;
    private readonly int _targets;
    private readonly int[] _seasonBefore;
    private readonly TargetTransform _transform;
    private readonly Parameter? _mean;
    private readonly Parameter? _scale;

    private readonly IReadOnlyList<double> _pathLevels;
    private readonly bool _pathDeviation;

    /// <param name="shape">What is forecast.</param>
    /// <param name="network">Whose input's mean and scale are those of the targets.</param>
    /// <param name="asked">The levels of the quantiles that have columns.</param>
    /// <param name="deviation">Whether the standard deviation has a column.</param>
    protected ForecastHead(ForecastShape shape, Network network, IReadOnlyList<double>? asked = null, bool deviation = false)
    {
        Shape = shape;
        // What feeds its draws on knows no other way to the distribution of a later step than its paths.
        (_pathLevels, _pathDeviation) = shape.FeedsDraws ? (asked ?? [], deviation) : ([], false);
        (Asked, HasDeviation) = shape.FeedsDraws ? ([], false) : (asked ?? [], deviation);
        if (shape.Paths > 0 && (shape.HasSamples || _pathDeviation || _pathLevels.Count > 0)) Paths = new(shape);
        (_horizon, _targets, _transform) = (shape.Horizon, shape.Targets, network.Description.Transform);
        _seasonBefore = shape.SeasonBefore();
        if (network.Description.Standardize) (_mean, _scale) = (network["input.mean"], network["input.scale"]);
        if (shape.Bounds) HalfWidths = new("head.half_width", new(Steps), trainable: false);
    }

    /// <summary>Makes a likelihood's head.</summary>
    /// <param name="likelihood">What is learned of each step.</param>
    /// <param name="loss">What is minimised where that is a number.</param>
    /// <param name="asked">The levels of the quantiles that have columns.</param>
    /// <param name="confidenceLevel">The bounds' level.</param>
    /// <param name="deviation">Whether the standard deviation has a column.</param>
    /// <param name="shape">What is forecast.</param>
    /// <param name="network">Whose input's mean and scale are those of the targets.</param>
    public static ForecastHead Create(ForecastLikelihood likelihood, RegressionLoss loss, IReadOnlyList<double> asked, float confidenceLevel, bool deviation, ForecastShape shape, Network network) => likelihood switch
    {
        ForecastLikelihood.Point => new PointForecastHead(loss, shape, network, asked),
        ForecastLikelihood.NegativeBinomial => new CountForecastHead(deviation, shape, network, asked),
        ForecastLikelihood.Quantiles => new QuantileForecastHead(asked, confidenceLevel, shape, network),
        _ => new DistributionForecastHead(likelihood, asked, deviation, shape, network),
    };

    /// <summary>What is forecast.</summary>
    public ForecastShape Shape { get; }

    /// <summary>Numbers that are forecast a row: horizon x targets.</summary>
    public int Steps => _horizon * _targets;

    /// <summary>Parameters of each one's distribution.</summary>
    protected abstract int ParametersPerStep { get; }

    public sealed override int Outputs => Steps * ParametersPerStep;

    /// <summary>By how many <see cref="Decoded{T}.Unit"/>s the bounds lie outside of <see cref="Decoded{T}.Low"/> and <see cref="Decoded{T}.High"/>; null where no bounds are wanted.</summary>
    public Parameter? HalfWidths { get; }

    /// <summary>Whether the bounds of other levels follow from those of one by stretching them.</summary>
    public virtual bool BoundsStretch => true;

    public override IReadOnlyList<Parameter> Parameters => [.. HalfWidths is null ? Array.Empty<Parameter>() : [HalfWidths], .. Paths?.Parameters ?? []];

    /// <summary>Draws paths; null where none are asked for.</summary>
    public ForecastPaths? Paths { get; }

    /// <summary>The levels of the quantiles that each step's own distribution has to tell.</summary>
    protected IReadOnlyList<double> Asked { get; }

    /// <summary>Whether each step's own distribution has to tell its standard deviation.</summary>
    protected bool HasDeviation { get; }

    /// <summary>Targets in one step.</summary>
    public int TargetsPerStep => _targets;

    /// <summary>Which of a step's parameters say where its distribution lies: a linear path is added to these.</summary>
    public abstract (int First, int Count) Location { get; }

    /// <summary>Whether what <see cref="Decode(Tape, in NetworkOutput)"/> gives is in the data's own unit already; a distribution of that kind has no place below 0.</summary>
    protected virtual bool IsInDataUnit => false;

    /// <summary>What the network's numbers mean, each [rows, steps] in the window's normalised space.</summary>
    protected abstract Decoded<Tensor> Decode(Tape tape, in NetworkOutput output);

    /// <inheritdoc cref="Decode(Tape, in NetworkOutput)"/>
    protected abstract Decoded<string> Decode(OnnxGraphBuilder graph, OnnxNetworkOutput output);

    /// <summary>What lies at a normal score of each step's distribution, in the space of the network's numbers.</summary>
    protected virtual ScoreQuantile Quantiles(Tape tape, in NetworkOutput output) => throw new InvalidOperationException($"Nothing can be drawn from a {GetType().Name}.");

    /// <summary>The same as nodes, of scores that fit [rows, steps].</summary>
    /// <param name="graph">Where to.</param>
    /// <param name="output">The network's.</param>
    /// <param name="score">The scores.</param>
    /// <param name="rows">Which row of the batch each row of scores belongs to; null where each belongs to its own.</param>
    protected virtual string Quantile(OnnxGraphBuilder graph, OnnxNetworkOutput output, string score, string? rows) => throw new InvalidOperationException($"Nothing can be drawn from a {GetType().Name}.");

    /// <summary>The quantiles that are asked for, of each step's own distribution.</summary>
    protected IReadOnlyList<Tensor> AskedQuantiles(Tape tape, in NetworkOutput output)
    {
        if (Asked.Count == 0) return [];
        var (quantile, rows) = (Quantiles(tape, output), output.Values.Shape.Rows);
        return [.. Asked.Select(level =>
        {
            var (result, score) = (tape.Rent(new Shape(rows, Steps)), StandardNormal.Quantile(level));
            for (var i = 0; i < result.Length; i++) result[i] = quantile(i / Steps, i % Steps, score);
            return result;
        })];
    }

    /// <inheritdoc cref="AskedQuantiles(Tape, in NetworkOutput)"/>
    protected IReadOnlyList<string> AskedQuantiles(OnnxGraphBuilder graph, OnnxNetworkOutput output) => [.. Asked.Select(level => Quantile(graph, output, graph.Scalar((float)StandardNormal.Quantile(level)), null))];

    /// <summary>Takes note of the examples that bounds are about to be calibrated on, for what their unit takes from them. Does nothing unless a head says otherwise.</summary>
    public virtual void BeginCalibration(Network network, ExampleSet examples)
    {
    }

    /// <summary>Keeps the quantiles of the calibration's residuals (<see cref="ResidualQuantiles"/>), for a head whose own they are.</summary>
    public virtual void KeepResiduals(ReadOnlySpan<float> quantiles)
    {
    }

    public sealed override Tensor Loss(Tape tape, in NetworkOutput output, SequenceBatch batch) =>
        output.Learned is { } learned ? Loss(tape, output, learned.Values, learned.Targets, batch.Weights) : Loss(tape, output, output.Values, Normalized(tape, output, batch.Targets!), batch.Weights);

    /// <inheritdoc cref="Loss(Tape, Tensor, Tensor, Tensor?)"/>
    protected virtual Tensor Loss(Tape tape, in NetworkOutput output, Tensor values, Tensor targets, Tensor? weights) => Loss(tape, values, targets, weights);

    protected abstract Tensor Loss(Tape tape, Tensor values, Tensor targets, Tensor? weights);

    public sealed override IReadOnlyList<Tensor> Predict(Tape tape, in NetworkOutput output)
    {
        var decoded = Decode(tape, output);
        List<Tensor> answers = [Raw(tape, output, decoded.Center)];
        if (HalfWidths is not null)
        {
            answers.Add(Raw(tape, output, Bound(tape, decoded.Low, decoded.Unit, -1)));
            answers.Add(Raw(tape, output, Bound(tape, decoded.High, decoded.Unit, 1)));
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

    public sealed override Tensor Answer(Tape tape, in NetworkOutput output) => Raw(tape, output, Decode(tape, output).Center);

    public override Metric? CreateMetric(ValidationMetric metric) =>
        metric is ValidationMetric.MeanAbsoluteError or ValidationMetric.RootMeanSquaredError ? new ErrorMetric(metric is ValidationMetric.RootMeanSquaredError) : null;

    public IReadOnlyList<string> Export(OnnxGraphBuilder graph, OnnxNetworkOutput output)
    {
        var decoded = Decode(graph, output);
        List<string> answers = [Raw(graph, output, decoded.Center)];
        if (HalfWidths is not null)
        {
            var width = graph.Parameter(HalfWidths.Name, HalfWidths.Value.Span, Steps);
            if (decoded.Unit is { } unit) width = graph.Multiply(unit, width);
            var low = graph.Subtract(decoded.Low, width);
            answers.Add(Raw(graph, output, IsInDataUnit ? graph.Relu(low) : low));
            answers.Add(Raw(graph, output, graph.Add(decoded.High, width)));
        }
        foreach (var quantile in decoded.Quantiles) answers.Add(Raw(graph, output, quantile));
        if (decoded.Deviation is { } deviation) answers.Add(Raw(graph, output, deviation, isDeviation: true));
        if (Paths is null) return answers;
        var paths = Paths.Draw(graph, output, (scores, rows) => Quantile(graph, output, scores, rows));
        foreach (var level in _pathLevels) answers.Add(Raw(graph, output, Paths.Quantile(graph, paths, level)));
        if (_pathDeviation) answers.Add(Raw(graph, output, Paths.Deviation(graph, paths), isDeviation: true));
        if (Shape.HasSamples) answers.Add(graph.Reshape(graph.Transpose(graph.Reshape(Raw(graph, output, paths, paths: Shape.Paths), -1, Shape.Paths, Steps), 0, 2, 1), -1, Steps * Shape.Paths));
        return answers;
    }

    /// <summary>By how many units each target lies outside of low and high (less than 0 inside): [rows, steps]. The bounds' half widths are quantiles of these (conformity scores).</summary>
    public Tensor Scores(Tape tape, in NetworkOutput output, Tensor targets)
    {
        var decoded = Decode(tape, output);
        var scores = Normalized(tape, output, targets);
        var score = scores.Span;
        for (var i = 0; i < score.Length; i++)
        {
            score[i] = Math.Max(decoded.Low[i] - score[i], score[i] - decoded.High[i]);
            if (decoded.Unit is { } unit) score[i] /= unit[i];
        }
        return scores;
    }

    /// <summary>How far each target lies from the forecast, in units: [rows, steps].</summary>
    public Tensor Residuals(Tape tape, in NetworkOutput output, Tensor targets)
    {
        var decoded = Decode(tape, output);
        var residuals = Normalized(tape, output, targets);
        for (var i = 0; i < residuals.Length; i++) residuals[i] = (residuals[i] - decoded.Center[i]) / (decoded.Unit is { } unit ? unit[i] : 1);
        return residuals;
    }

    /// <summary>The forecasts in the space in which the network's numbers lie: [rows, steps].</summary>
    public Tensor Centers(Tape tape, in NetworkOutput output) => Decode(tape, output).Center;

    /// <summary>One parameter of all steps: [rows, steps].</summary>
    protected Tensor Parameter(Tape tape, Tensor values, int parameter)
    {
        var result = tape.Rent(new Shape(values.Shape.Rows, Steps));
        for (var row = 0; row < values.Shape.Rows; row++) values.Span.Slice(row * Outputs + parameter * Steps, Steps).CopyTo(result.Span[(row * Steps)..]);
        return result;
    }

    protected string Parameter(OnnxGraphBuilder graph, string values, int parameter) =>
        ParametersPerStep == 1 ? values : graph.Slice(values, parameter * Steps, (parameter + 1) * Steps, 1);

    private Tensor Bound(Tape tape, Tensor edge, Tensor? unit, int side)
    {
        var bound = tape.Rent(edge.Shape);
        for (var i = 0; i < bound.Length; i++) bound[i] = edge[i] + side * HalfWidths!.Value[i % Steps] * (unit is null ? 1 : unit[i]);
        for (var i = 0; IsInDataUnit && i < bound.Length; i++) bound[i] = Math.Max(0, bound[i]);
        return bound;
    }

    /// <summary>Targets in the space in which the network's numbers lie.</summary>
    public Tensor Normalized(Tape tape, in NetworkOutput output, Tensor targets)
    {
        var result = tape.Rent(targets.Shape);
        if (IsInDataUnit)
        {
            targets.Span.CopyTo(result.Span);
            return result;
        }
        var source = targets.Span;
        var target = result.Span;
        for (var i = 0; i < target.Length; i++)
        {
            var (row, channel) = (i / Steps, i % _targets);
            var value = LoggedInputs.Log(source[i], _transform);
            if (_mean is not null) value = (value - _mean.Value[channel]) / _scale!.Value[channel];
            if (output.WindowLevel is { } level) value -= level[row * level.Shape.Columns + channel];
            if (output.WindowScale is { } scale) value /= scale[row * scale.Shape.Columns + channel];
            target[i] = value - SeasonBefore(output, i);
        }
        return result;
    }

    // In the data's own unit; a deviation knows no level.
    private Tensor Raw(Tape tape, in NetworkOutput output, Tensor values, bool isDeviation = false)
    {
        if (IsInDataUnit) return values;
        var result = tape.Rent(values.Shape);
        var source = values.Span;
        var target = result.Span;
        for (var i = 0; i < target.Length; i++)
        {
            var (row, channel) = (i / values.Shape.Columns, i % _targets);
            var value = isDeviation ? source[i] : source[i] + SeasonBefore(output, row * Steps + i % Steps);
            if (output.WindowScale is { } scale) value *= scale[row * scale.Shape.Columns + channel];
            if (output.WindowLevel is { } level && !isDeviation) value += level[row * level.Shape.Columns + channel];
            if (_scale is not null) value *= _scale.Value[channel];
            if (_mean is not null && !isDeviation) value += _mean.Value[channel];
            target[i] = LoggedInputs.Exp(value, _transform);
        }
        return result;
    }

    // Path by path to the paths' values of each step side by side.
    private Tensor SideBySide(Tape tape, Tensor paths)
    {
        var (result, columns) = (tape.Rent(paths.Shape), paths.Shape.Columns);
        for (var i = 0; i < result.Length; i++) result[i / columns * columns + i % Steps * Shape.Paths + i % columns / Steps] = paths[i];
        return result;
    }

    // The target's value one season before step i, as the network saw it.
    private float SeasonBefore(in NetworkOutput output, int i)
    {
        if (_seasonBefore.Length == 0) return 0;
        var window = output.Window!;
        var (row, step, channel) = (i / Steps, i % Steps / _targets, i % _targets);
        return window[(_seasonBefore[step] * window.Shape[1] + row) * window.Shape.Columns + channel];
    }

    /// <summary>The space in which the network saw its windows.</summary>
    protected WindowSpace Space(in NetworkOutput output) => new(output.Window!, output.WindowLevel, output.WindowScale, _mean?.Value, _scale?.Value);

    // Of several paths values are [batch x paths, steps].
    private string Raw(OnnxGraphBuilder graph, OnnxNetworkOutput output, string values, bool isDeviation = false, int paths = 0)
    {
        if (IsInDataUnit) return values;
        var (scale, level) = (output.WindowScale, isDeviation ? null : output.WindowLevel);
        var season = isDeviation || _seasonBefore.Length == 0 ? null : output.Window;
        if (scale is null && level is null && season is null && output.InputMean is null && _transform is TargetTransform.None) return values;
        var steps = paths > 0 ? graph.Reshape(values, -1, paths, _horizon, _targets) : graph.Reshape(values, -1, _horizon, _targets);
        if (season is not null) steps = graph.Add(steps, SeasonOf(season));
        if (scale is not null) steps = graph.Multiply(steps, OfTargets(scale));
        if (level is not null) steps = graph.Add(steps, OfTargets(level));
        if (output is { InputMean: { } mean, InputScale: { } deviation })
        {
            steps = graph.Multiply(steps, graph.Slice(deviation, 0, _targets, 0));
            if (!isDeviation) steps = graph.Add(steps, graph.Slice(mean, 0, _targets, 0));
        }
        if (_transform is not TargetTransform.None) steps = graph.Node("Exp", [steps]);
        if (_transform is TargetTransform.Log1p) steps = graph.Subtract(steps, graph.Scalar(1f));
        return graph.Reshape(steps, -1, Steps);

        string SeasonOf(string window) =>
            OfPaths(graph.Transpose(graph.Slice(graph.Gather(window, graph.Constant(Array.ConvertAll(_seasonBefore, step => (long)step)), 0), 0, _targets, 2), 1, 0, 2));

        string OfTargets(string window) => OfPaths(graph.Unsqueeze(graph.Slice(window, 0, _targets, 1), 1));

        string OfPaths(string x) => paths > 0 ? graph.Unsqueeze(x, 1) : x;
    }
}

/// <summary>What a forecaster's numbers mean, as tensors or as names of a graph's tensors.</summary>
/// <param name="Center">The forecast.</param>
/// <param name="Low">Where the lower bound is measured from.</param>
/// <param name="High">Where the upper bound is measured from.</param>
/// <param name="Unit">What the bounds' distance is measured in; null for 1.</param>
/// <param name="Quantiles">The quantiles asked for, in the order of the model's outputs.</param>
/// <param name="Deviation">The standard deviation, where it was asked for.</param>
internal sealed record Decoded<T>(T Center, T Low, T High, T? Unit, IReadOnlyList<T> Quantiles, T? Deviation)
    where T : class;
