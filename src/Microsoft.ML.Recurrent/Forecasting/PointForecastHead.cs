using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Onnx;
using Microsoft.ML.Recurrent.Tensors;
using Microsoft.ML.Recurrent.Training;

namespace Microsoft.ML.Recurrent.Forecasting;

/// <summary>
/// One number a step. Bounds lie as many units from it as a share of the calibration's residuals, the unit being each window's own liveliness: the standard deviation of the target over the window, plus a
/// quarter of what that is on average (normalised conformity scores, Papadopoulos et al. 2008; Lei et al. 2018). So bounds are narrow in quiet months though the calibration's were lively, and the
/// average keeps those of a flat window open.
/// </summary>
internal sealed class PointForecastHead : ForecastHead
{
    // The share of 0.25 was chosen by coverage from one half of the validation part to the other (ETTh1, M4 hourly): shares from 0.05 to 0.5 differ by less than 1% there, a quarter was the narrowest.
    private const float ShareOfAverage = 0.25f;
    private const int CalibrationSample = 1024;

    private readonly RegressionLoss _loss;
    private readonly Parameter? _leastUnit;

    public PointForecastHead(RegressionLoss loss, ForecastShape shape, Network network)
        : base(shape, network)
    {
        _loss = loss;
        if (!shape.Bounds) return;
        _leastUnit = new("head.least_unit", new(TargetsPerStep), trainable: false);
        _leastUnit.Value.Span.Fill(1);
    }

    public override IReadOnlyList<Parameter> Parameters => _leastUnit is null ? base.Parameters : [.. base.Parameters, _leastUnit];

    public override (int First, int Count) Location => (0, 1);

    protected override int ParametersPerStep => 1;

    public override void BeginCalibration(Network network, ExampleSet examples)
    {
        var every = (examples.Examples.Length + CalibrationSample - 1) / CalibrationSample;
        var sample = new ExampleSet(examples.Source, [.. examples.Examples.Where((_, i) => i % every == 0)]);
        var sums = new double[TargetsPerStep];
        using var tape = new Tape { Recording = false };
        using var batch = new SequenceBatch();
        var batches = sample.Batches(256);
        for (batches.Begin(null); batches.Next(batch); tape.Reset())
        {
            var window = network.Forward(tape, batch).Window!;
            for (var row = 0; row < batch.Rows; row++)
            {
                for (var target = 0; target < sums.Length; target++) sums[target] += Deviation(window, row, target);
            }
        }
        for (var target = 0; target < sums.Length; target++)
        {
            var least = (float)(ShareOfAverage * sums[target] / sample.Examples.Length);
            // Where all windows are flat, distances are measured as they are.
            _leastUnit!.Value[target] = least > 0 ? least : 1;
        }
    }

    protected override Tensor Loss(Tape tape, Tensor values, Tensor targets, Tensor? weights) => _loss.Apply(tape, values, targets, weights);

    protected override Decoded<Tensor> Decode(Tape tape, in NetworkOutput output)
    {
        var values = output.Values;
        if (_leastUnit is null) return new(values, values, values, null, [], null);
        var unit = tape.Rent(values.Shape);
        for (var row = 0; row < values.Shape.Rows; row++)
        {
            var units = unit.Span.Slice(row * Steps, Steps);
            for (var target = 0; target < TargetsPerStep; target++) units[target] = (float)Deviation(output.Window!, row, target) + _leastUnit.Value[target];
            for (var i = TargetsPerStep; i < Steps; i++) units[i] = units[i - TargetsPerStep];
        }
        return new(values, values, values, unit, [], null);
    }

    protected override Decoded<string> Decode(OnnxGraphBuilder graph, OnnxNetworkOutput output)
    {
        var values = output.Values;
        if (_leastUnit is null) return new(values, values, values, null, [], null);
        var window = graph.Slice(output.Window!, 0, TargetsPerStep, 2);
        var centered = graph.Subtract(window, graph.ReduceMean(window, 0, keep: true));
        var deviation = graph.Node("Sqrt", [graph.ReduceMean(graph.Multiply(centered, centered), 0)]);
        var unit = graph.Add(deviation, graph.Parameter(_leastUnit.Name, _leastUnit.Value.Span, TargetsPerStep));
        return new(values, values, values, graph.Node("Tile", [unit, graph.Constant(1L, Steps / TargetsPerStep)]), [], null);
    }

    // The standard deviation of one target over a row's window [time, rows, features].
    private static double Deviation(Tensor window, int row, int target)
    {
        var (time, stride) = (window.Shape[0], window.Shape[1] * window.Shape[2]);
        var values = window.Span[(row * window.Shape[2] + target)..];
        double sum = 0, squares = 0;
        for (var t = 0; t < time; t++) sum += values[t * stride];
        var mean = sum / time;
        for (var t = 0; t < time; t++) squares += (values[t * stride] - mean) * (values[t * stride] - mean);
        return Math.Sqrt(squares / time);
    }
}
