using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Onnx;
using Microsoft.ML.Recurrent.Tensors;

namespace Microsoft.ML.Recurrent.Forecasting;

/// <summary>
/// The next steps of a window's first features, all at once (a direct forecast), step by step: [rows, horizon x targets]. The network's numbers are in the window's normalised space; level and
/// scale of the window, and the features' mean and standard deviation, carry them back. With <see cref="HalfWidths"/> the answers have a lower and an upper bound.
/// </summary>
internal sealed class ForecastHead : Head, IOnnxHead
{
    private readonly RegressionLoss _loss;
    private readonly int _horizon;
    private readonly int _targets;
    private readonly Parameter? _mean;
    private readonly Parameter? _scale;

    /// <param name="loss">What is minimised.</param>
    /// <param name="horizon">Steps.</param>
    /// <param name="targets">How many of the network's first features are forecast.</param>
    /// <param name="network">Whose input's mean and scale are those of the targets.</param>
    /// <param name="bounds">Whether there are bounds.</param>
    public ForecastHead(RegressionLoss loss, int horizon, int targets, Network network, bool bounds)
    {
        (_loss, _horizon, _targets) = (loss, horizon, targets);
        if (network.Description.Standardize) (_mean, _scale) = (network["input.mean"], network["input.scale"]);
        if (bounds) HalfWidths = new("head.half_width", new(Outputs), trainable: false);
    }

    public override int Outputs => _horizon * _targets;

    /// <summary>Half the width of the interval at each step, in the window's normalised space; null where no bounds are wanted.</summary>
    public Parameter? HalfWidths { get; }

    public override IReadOnlyList<Parameter> Parameters => HalfWidths is null ? [] : [HalfWidths];

    public override Tensor Loss(Tape tape, in NetworkOutput output, SequenceBatch batch) => _loss.Apply(tape, output.Values, Normalized(tape, output, batch.Targets!), batch.Weights);

    public override IReadOnlyList<Tensor> Predict(Tape tape, in NetworkOutput output)
    {
        if (HalfWidths is null) return [Raw(tape, output, 0)];
        return [Raw(tape, output, 0), Raw(tape, output, -1), Raw(tape, output, 1)];
    }

    public IReadOnlyList<string> Export(OnnxGraphBuilder graph, OnnxNetworkOutput output)
    {
        if (HalfWidths is null) return [Raw(graph, output, output.Values)];
        var width = graph.Parameter(HalfWidths.Name, HalfWidths.Value.Span, Outputs);
        return [Raw(graph, output, output.Values), Raw(graph, output, graph.Subtract(output.Values, width)), Raw(graph, output, graph.Add(output.Values, width))];
    }

    /// <summary>Targets in the space in which the network answers.</summary>
    public Tensor Normalized(Tape tape, in NetworkOutput output, Tensor targets)
    {
        var result = tape.Rent(output.Values.Shape);
        var source = targets.Span;
        var target = result.Span;
        for (var i = 0; i < target.Length; i++)
        {
            var (row, channel) = (i / Outputs, i % _targets);
            var value = _mean is null ? source[i] : (source[i] - _mean.Value[channel]) / _scale!.Value[channel];
            if (output.WindowLevel is { } level) value -= level[row * level.Shape.Columns + channel];
            if (output.WindowScale is { } scale) value /= scale[row * scale.Shape.Columns + channel];
            target[i] = value;
        }
        return result;
    }

    // The network's numbers, some half widths beside them, in the data's own unit.
    private Tensor Raw(Tape tape, in NetworkOutput output, int side)
    {
        var result = tape.Rent(output.Values.Shape);
        var source = output.Values.Span;
        var target = result.Span;
        for (var i = 0; i < target.Length; i++)
        {
            var (row, channel) = (i / Outputs, i % _targets);
            var value = side == 0 ? source[i] : source[i] + side * HalfWidths!.Value[i % Outputs];
            if (output.WindowScale is { } scale) value *= scale[row * scale.Shape.Columns + channel];
            if (output.WindowLevel is { } level) value += level[row * level.Shape.Columns + channel];
            target[i] = _mean is null ? value : value * _scale!.Value[channel] + _mean.Value[channel];
        }
        return result;
    }

    private string Raw(OnnxGraphBuilder graph, OnnxNetworkOutput output, string values)
    {
        if (output is { WindowScale: null, WindowLevel: null, InputMean: null }) return values;
        var steps = graph.Reshape(values, -1, _horizon, _targets);
        if (output.WindowScale is { } scale) steps = graph.Multiply(steps, OfTargets(scale));
        if (output.WindowLevel is { } level) steps = graph.Add(steps, OfTargets(level));
        if (output is { InputMean: { } mean, InputScale: { } deviation }) steps = graph.Add(graph.Multiply(steps, graph.Slice(deviation, 0, _targets, 0)), graph.Slice(mean, 0, _targets, 0));
        return graph.Reshape(steps, -1, Outputs);

        string OfTargets(string window) => graph.Unsqueeze(graph.Slice(window, 0, _targets, 1), 1);
    }
}
