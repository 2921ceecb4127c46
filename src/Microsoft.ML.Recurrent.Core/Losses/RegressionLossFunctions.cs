using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Tensors;

namespace Microsoft.ML.Recurrent.Losses;

/// <summary>The losses by name.</summary>
internal static class RegressionLossFunctions
{
    public const float HuberDelta = 1, QuantileLevel = 0.5f;

    public static Tensor Apply(this RegressionLoss loss, Tape tape, Tensor predictions, Tensor targets, Tensor? weights,
        float delta = HuberDelta, float level = QuantileLevel) => loss switch
        {
            RegressionLoss.SquaredError => RegressionLosses.MeanSquaredError(tape, predictions, targets, weights),
            RegressionLoss.AbsoluteError => RegressionLosses.MeanAbsoluteError(tape, predictions, targets, weights),
            RegressionLoss.Huber => RegressionLosses.Huber(tape, predictions, targets, delta, weights),
            RegressionLoss.Quantile => DistributionLosses.Quantile(tape, predictions, targets, [level], weights),
            _ => RegressionLosses.LogCosh(tape, predictions, targets, weights),
        };
}
