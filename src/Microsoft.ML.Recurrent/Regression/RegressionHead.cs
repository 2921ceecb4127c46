using System.Numerics.Tensors;
using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Losses;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Onnx;
using Tensor = Microsoft.ML.Recurrent.Tensors.Tensor;

namespace Microsoft.ML.Recurrent.Regression;

/// <summary>
/// Regression head: one number per row. The target is standardized by the mean and standard deviation of the training labels; the graph maps outputs back.
/// </summary>
internal sealed class RegressionHead : Head, IOnnxHead
{
    /// <summary>The names of the parameters that map outputs to the unit of the label.</summary>
    public const string MeanName = "head.target_mean", ScaleName = "head.target_scale";

    private readonly RegressionLoss _loss;
    private readonly float _delta, _level;
    private readonly Parameter _mean = new(MeanName, new(1), trainable: false);
    private readonly Parameter _scale = new(ScaleName, new(1), trainable: false);

    /// <param name="loss">The loss function.</param>
    /// <param name="target">The training labels.</param>
    /// <param name="delta">The threshold of the Huber loss, in standard deviations of the label.</param>
    /// <param name="level">The level of the quantile loss.</param>
    public RegressionHead(RegressionLoss loss, Moments target, float delta = RegressionLossFunctions.HuberDelta,
        float level = RegressionLossFunctions.QuantileLevel)
    {
        (_loss, _delta, _level) = (loss, delta, level);
        target.CopyTo(_mean.Value.Span, _scale.Value.Span);
    }

    public override int Outputs => 1;

    public override IReadOnlyList<Parameter> Parameters => [_mean, _scale];

    public override Tensor Loss(Tape tape, in NetworkOutput output, SequenceBatch batch)
    {
        var targets = tape.Rent(output.Values.Shape);
        var (mean, scale) = (_mean.Value[0], _scale.Value[0]);
        var source = batch.Targets!.Span;
        var target = targets.Span;
        for (var i = 0; i < target.Length; i++) target[i] = (source[i] - mean) / scale;
        return _loss.Apply(tape, output.Values, targets, batch.Weights, _delta, _level);
    }

    public override IReadOnlyList<Tensor> Predict(Tape tape, in NetworkOutput output)
    {
        var score = tape.Rent(output.Values.Shape);
        TensorPrimitives.Multiply(output.Values.Span, _scale.Value[0], score.Span);
        TensorPrimitives.Add(score.Span, _mean.Value[0], score.Span);
        return [score];
    }

    public override Metric? CreateMetric(ValidationMetric metric) =>
        metric is ValidationMetric.MeanAbsoluteError or ValidationMetric.RootMeanSquaredError
            ? new ErrorMetric(metric is ValidationMetric.RootMeanSquaredError)
            : null;

    public IReadOnlyList<string> Export(OnnxGraphBuilder graph, OnnxNetworkOutput output)
    {
        var scale = graph.Parameter(_scale.Name, _scale.Value.Span, 1);
        var mean = graph.Parameter(_mean.Name, _mean.Value.Span, 1);
        return [graph.Add(graph.Multiply(output.Values, scale), mean)];
    }
}
