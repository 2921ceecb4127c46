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
/// The next steps of a window's first features, whatever the strategy by which the network comes to them. The network gives some parameters of each step's
/// distribution, parameter by parameter: [rows, parameters x steps], steps being horizon x targets, in the window's normalised space. Level and scale of the
/// window, and the features' mean and standard deviation, carry answers back. With <see cref="HalfWidths"/> the answers have calibrated bounds.
/// </summary>
internal class ForecastHead : Head, IOnnxHead
{
    private readonly int _horizon;
    private readonly int _targets;
    private readonly int[] _seasonBefore;
    private readonly TargetTransform _transform;
    private readonly Parameter? _mean;
    private readonly Parameter? _scale;

    private readonly IReadOnlyList<double> _pathLevels;
    private readonly bool _pathDeviation;

    /// <param name="likelihood">What is learned of each step.</param>
    /// <param name="shape">What is forecast.</param>
    /// <param name="network">Whose input's mean and scale are those of the targets.</param>
    /// <param name="asked">The levels of the quantiles that have columns, by distributions or residuals; none where quantiles are learned.</param>
    /// <param name="deviation">Whether the standard deviation has a column.</param>
    protected ForecastHead(Likelihood likelihood, ForecastHeadOptions shape, Network network, IReadOnlyList<double>? asked = null, bool deviation = false)
    {
        (Likelihood, Shape) = (likelihood, shape);
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
    /// <param name="deviation">Whether the standard deviation has a column.</param>
    /// <param name="shape">What is forecast.</param>
    /// <param name="network">Whose input's mean and scale are those of the targets.</param>
    public static ForecastHead Create(
        Likelihood likelihood, RegressionLoss loss, IReadOnlyList<double> asked, bool deviation, ForecastHeadOptions shape, Network network) =>
        likelihood.DrawsFromResiduals ? new PointForecastHead(loss, shape, network, asked)
            : new ForecastHead(likelihood, shape, network, likelihood.IsDistribution ? asked : null, deviation && likelihood.IsDistribution);

    /// <summary>What is learned of each step.</summary>
    public Likelihood Likelihood { get; }

    /// <summary>What is forecast.</summary>
    public ForecastHeadOptions Shape { get; }

    /// <summary>Numbers that are forecast a row: horizon x targets.</summary>
    public int Steps => _horizon * _targets;

    public sealed override int Outputs => Steps * Likelihood.ParametersPerStep;

    /// <summary>
    /// By how many <see cref="DecodedForecast{T}.Scale"/>s the bounds lie outside of <see cref="DecodedForecast{T}.Lower"/> and
    /// <see cref="DecodedForecast{T}.Upper"/>; null where no bounds are wanted.
    /// </summary>
    public Parameter? HalfWidths { get; }

    public override IReadOnlyList<Parameter> Parameters => [.. HalfWidths is null ? Array.Empty<Parameter>() : [HalfWidths], .. Paths?.Parameters ?? []];

    /// <summary>Draws paths; null where none are asked for.</summary>
    public ForecastPaths? Paths { get; }

    /// <summary>The levels of the quantiles that each step's own distribution has to tell.</summary>
    protected IReadOnlyList<double> Asked { get; }

    /// <summary>Whether each step's own distribution has to tell its standard deviation.</summary>
    private bool HasDeviation { get; }

    /// <summary>Targets in one step.</summary>
    public int TargetsPerStep => _targets;

    private bool IsInDataUnit => Likelihood.IsInDataUnit;

    /// <summary>The unit of the distance from a number to its bounds, [rows, steps], for a likelihood that has none; null for 1.</summary>
    protected virtual Tensor? BoundScale(Tape tape, in NetworkOutput output) => null;

    /// <inheritdoc cref="BoundScale(Tape, in NetworkOutput)"/>
    protected virtual string? BoundScale(OnnxGraphBuilder graph, OnnxNetworkOutput output) => null;

    /// <summary>The values at a normal score of each step's distribution, in the space of the network's numbers.</summary>
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

    /// <summary>The same as nodes, of scores that fit [rows, steps].</summary>
    /// <param name="graph">Where to.</param>
    /// <param name="output">The network's.</param>
    /// <param name="score">The scores.</param>
    /// <param name="rows">Which row of the batch each row of scores belongs to; null where each belongs to its own.</param>
    protected virtual string Quantile(OnnxGraphBuilder graph, OnnxNetworkOutput output, string score, string? rows)
    {
        var (values, units) = (output.Values, Units(graph, output));
        if (rows is not null) (values, units) = (graph.Gather(values, rows, 0), units is null ? null : graph.Gather(units, rows, 0));
        string[] parameters = [.. Enumerable.Range(0, Likelihood.ParametersPerStep).Select(parameter => Parameter(graph, values, parameter))];
        return Likelihood.Quantile(graph, new StepParameters<string>(parameter => parameters[parameter]), units!, score);
    }

    // What the network's numbers mean, each [rows, steps] in their space.
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

    // Each target's unit of a likelihood in the data's unit, for a number of numbers: [rows, count].
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

    /// <summary>The quantiles that are asked for, of each step's own distribution.</summary>
    private IReadOnlyList<Tensor> AskedQuantiles(Tape tape, in NetworkOutput output)
    {
        var (quantile, rows) = (Quantiles(tape, output), output.Values.Shape.Rows);
        return [.. Asked.Select(level =>
        {
            var (result, score) = (tape.Rent(new Shape(rows, Steps)), StandardNormal.Quantile(level));
            for (var i = 0; i < result.Length; i++) result[i] = quantile(i / Steps, i % Steps, score);
            return result;
        })];
    }

    /// <inheritdoc cref="AskedQuantiles(Tape, in NetworkOutput)"/>
    private IReadOnlyList<string> AskedQuantiles(OnnxGraphBuilder graph, OnnxNetworkOutput output) =>
        [.. Asked.Select(level => Quantile(graph, output, graph.Scalar((float)StandardNormal.Quantile(level)), null))];

    /// <summary>
    /// Takes note of the examples that bounds are about to be calibrated on, for what their unit takes from them. Does nothing unless a head says otherwise.
    /// </summary>
    public virtual void BeginCalibration(Network network, ExampleSet examples)
    {
    }

    /// <summary>Keeps the quantiles of the calibration's residuals (<see cref="ResidualQuantiles"/>), for a head whose own they are.</summary>
    public virtual void KeepResiduals(ReadOnlySpan<float> quantiles)
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
            answers.Add(Raw(tape, output, Bound(tape, decoded.Lower, decoded.Scale, -1)));
            answers.Add(Raw(tape, output, Bound(tape, decoded.Upper, decoded.Scale, 1)));
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
            var width = graph.Parameter(HalfWidths.Name, HalfWidths.Value.Span, Steps);
            if (decoded.Scale is { } unit) width = graph.Multiply(unit, width);
            var low = graph.Subtract(decoded.Lower, width);
            answers.Add(Raw(graph, output, IsInDataUnit ? graph.Relu(low) : low));
            answers.Add(Raw(graph, output, graph.Add(decoded.Upper, width)));
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
    /// By how many units each target lies outside of low and high (less than 0 inside): [rows, steps]. The bounds' half widths are quantiles of these
    /// (conformity scores).
    /// </summary>
    public Tensor Scores(Tape tape, in NetworkOutput output, Tensor targets)
    {
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

    /// <summary>How far each target lies from the forecast, in units: [rows, steps].</summary>
    public Tensor Residuals(Tape tape, in NetworkOutput output, Tensor targets)
    {
        var decoded = Decode(tape, output);
        var residuals = Normalized(tape, output, targets);
        for (var i = 0; i < residuals.Length; i++) residuals[i] = (residuals[i] - decoded.Location[i]) / (decoded.Scale is { } unit ? unit[i] : 1);
        return residuals;
    }

    /// <summary>The forecasts in the space in which the network's numbers lie: [rows, steps].</summary>
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

    /// <summary>Targets in the space in which the network's numbers lie.</summary>
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

    // In the data's own unit; a deviation knows no level.
    private Tensor Raw(Tape tape, in NetworkOutput output, Tensor values, bool isDeviation = false)
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
    private WindowSpace Space(in NetworkOutput output) => new(output.Window!, output.WindowLevel, output.WindowScale, _mean?.Value, _scale?.Value);

    // Of several paths values are [batch x paths, steps].
    private string Raw(OnnxGraphBuilder graph, OnnxNetworkOutput output, string values, bool isDeviation = false, int paths = 0)
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
