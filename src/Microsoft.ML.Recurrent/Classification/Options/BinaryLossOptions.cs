using Microsoft.ML.Recurrent.Data;

namespace Microsoft.ML.Recurrent;

/// <summary>The loss of a binary classification.</summary>
public sealed class BinaryLossOptions : ClassificationLossOptions
{
    /// <summary>
    /// Weight of positive rows in the loss, greater than 0; negative rows have weight 1. A larger weight finds more of a rare class, at the price of more false
    /// alarms. Default: 1.
    /// </summary>
    public float WeightOfPositiveExamples { get; set; } = 1;

    internal override void Check()
    {
        base.Check();
        var checks = new OptionChecks(Group);
        checks.Positive(WeightOfPositiveExamples);
        if (!float.IsFinite(WeightOfPositiveExamples))
            throw checks.OutOfRange(nameof(WeightOfPositiveExamples), WeightOfPositiveExamples, "must be finite");
        if (BalanceClasses && WeightOfPositiveExamples != 1)
            throw checks.Refused(nameof(WeightOfPositiveExamples), "cannot be combined with Loss.BalanceClasses: leave one at its default.");
    }

    /// <summary>The weights of negative and positive rows.</summary>
    internal (float Negative, float Positive) Weights(RowExamples examples, int[] train) =>
        BalanceClasses && Balanced(examples, train, 2) is var weights ? (weights[0], weights[1]) : (1, WeightOfPositiveExamples);
}
