using Microsoft.ML.Recurrent.Losses;

namespace Microsoft.ML.Recurrent;

/// <summary>The loss of a regression.</summary>
public sealed class RegressionLossOptions : IOptionGroup
{
    /// <summary>The loss. Default: the squared error.</summary>
    [SearchChoice("SquaredError", "AbsoluteError", "Huber")]
    public RegressionLoss Kind { get; set; } = RegressionLoss.SquaredError;

    /// <summary>
    /// For <see cref="RegressionLoss.Huber"/>: the error, in standard deviations of the label, up to which the loss is quadratic and beyond which it is linear;
    /// greater than 0. Default: 1.
    /// </summary>
    public float HuberDelta { get; set; } = RegressionLossFunctions.HuberDelta;

    /// <summary>
    /// For <see cref="RegressionLoss.Quantile"/>: the fraction of labels that should lie below the predictions, between 0 and 1. Two models of levels 0.05 and
    /// 0.95 give an interval of 90%. Default: 0.5, the median.
    /// </summary>
    public float QuantileLevel { get; set; } = RegressionLossFunctions.QuantileLevel;

    internal void Check()
    {
        var checks = new OptionChecks("Loss");
        checks.Defined<RegressionLoss>(Kind);
        checks.Positive(HuberDelta);
        if (!float.IsFinite(HuberDelta)) throw checks.OutOfRange(nameof(HuberDelta), HuberDelta, "must be finite; use the squared error instead");
        if (QuantileLevel is not (> 0 and < 1)) throw checks.OutOfRange(nameof(QuantileLevel), QuantileLevel, "must lie between 0 and 1");
        if (HuberDelta != RegressionLossFunctions.HuberDelta) Needs(nameof(HuberDelta), RegressionLoss.Huber);
        if (QuantileLevel != RegressionLossFunctions.QuantileLevel) Needs(nameof(QuantileLevel), RegressionLoss.Quantile);

        void Needs(string name, RegressionLoss loss)
        {
            if (Kind != loss)
                throw checks.Refused(name, $"has no effect with the loss {Kind}: set Loss.Kind = RegressionLoss.{loss}, or leave it at its default.");
        }
    }
}
