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

    /// <summary>The weights of negative and positive rows, for all labels or for each.</summary>
    internal (float Negative, float Positive)[] Weights(RowColumns columns, RowExamples examples, int[] train)
    {
        if (!BalanceClasses) return [(1, WeightOfPositiveExamples)];
        if (columns.LabelRole is LabelRole.LabelSet)
            return [.. Enumerable.Range(0, columns.TargetSize).Select(label => Pair(Array.ConvertAll(train, row => examples.Targets(row)[label])))];
        return [Pair(Array.ConvertAll(train, row => (float)examples.Labels[row]))];

        // A label that is not known belongs to neither.
        static (float, float) Pair(float[] labels)
        {
            var weights = Balanced([labels.LongCount(label => label == 0), labels.LongCount(label => label == 1)]);
            return (weights[0], weights[1]);
        }
    }
}
