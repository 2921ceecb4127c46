using System.Numerics.Tensors;
using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Losses;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Onnx;
using Tensor = Microsoft.ML.Recurrent.Tensors.Tensor;

namespace Microsoft.ML.Recurrent.Regression;

/// <summary>
/// Regression head: one number per row, or several, or as many per step. Each target is standardized by the mean and standard deviation of its training labels;
/// the graph maps outputs back.
/// </summary>
internal sealed class RegressionHead : Head, IOnnxHead
{
    /// <summary>The names of the parameters that map outputs to the unit of the label.</summary>
    public const string MeanName = "head.target_mean", ScaleName = "head.target_scale";

    private readonly RegressionLoss _loss;
    private readonly float _delta, _level;
    private readonly Parameter _mean, _scale;

    /// <param name="loss">The loss function.</param>
    /// <param name="target">The training labels.</param>
    /// <param name="delta">The threshold of the Huber loss, in standard deviations of the label.</param>
    /// <param name="level">The level of the quantile loss.</param>
    public RegressionHead(RegressionLoss loss, Moments target, float delta = RegressionLossFunctions.HuberDelta,
        float level = RegressionLossFunctions.QuantileLevel)
    {
        (_loss, _delta, _level) = (loss, delta, level);
        (_mean, _scale) = (Fixed(MeanName), Fixed(ScaleName));
        target.CopyTo(_mean.Value.Span, _scale.Value.Span);

        Parameter Fixed(string name) => new(name, new(target.Channels), trainable: false);
    }

    public override int Outputs => _mean.Value.Length;

    public override IReadOnlyList<Parameter> Parameters => [_mean, _scale];

    public override Tensor Loss(Tape tape, in NetworkOutput output, SequenceBatch batch)
    {
        var targets = tape.Rent(output.Values.Shape);
        var source = batch.Targets!.Span;
        var target = targets.Span;
        for (var i = 0; i < target.Length; i++) target[i] = (source[i] - _mean.Value[i % Outputs]) / _scale.Value[i % Outputs];
        var weights = batch.Weights;
        if (batch.HasStepTargets)
        {
            weights = tape.Rent(new(batch.Time * batch.Rows));
            for (var i = 0; i < weights.Length; i++) weights[i] = batch.StepWeight(i);
        }
        return _loss.Apply(tape, output.Values, targets, weights, _delta, _level);
    }

    public override IReadOnlyList<Tensor> Predict(Tape tape, in NetworkOutput output)
    {
        var score = tape.Rent(output.Values.Shape);
        for (var row = 0; row < score.Shape.Rows; row++)
        {
            var numbers = score.Span.Slice(row * Outputs, Outputs);
            TensorPrimitives.Multiply(output.Values.Span.Slice(row * Outputs, Outputs), _scale.Value.Span, numbers);
            TensorPrimitives.Add(numbers, _mean.Value.Span, numbers);
        }
        return [score];
    }

    public override Metric? CreateMetric(ValidationMetric metric) =>
        metric is ValidationMetric.MeanAbsoluteError or ValidationMetric.RootMeanSquaredError
            ? new ErrorMetric(metric is ValidationMetric.RootMeanSquaredError)
            : null;

    public IReadOnlyList<string> Export(OnnxGraphBuilder graph, OnnxNetworkOutput output)
    {
        var scale = graph.Parameter(_scale.Name, _scale.Value.Span, Outputs);
        var mean = graph.Parameter(_mean.Name, _mean.Value.Span, Outputs);
        return [graph.Add(graph.Multiply(output.Values, scale), mean)];
    }
}
