using Microsoft.ML.Recurrent.Data;

namespace Microsoft.ML.Recurrent;

/// <summary>The loss of a multiclass classification.</summary>
public sealed class MulticlassLossOptions : ClassificationLossOptions
{
    /// <summary>
    /// Weight of each class in the loss, one number for each of the label's keys in their order, each at least 0. Default: null, all have weight 1.
    /// </summary>
    public float[]? ClassWeights { get; set; }

    internal override void Check()
    {
        base.Check();
        if (ClassWeights is null) return;
        var checks = new OptionChecks(Group);
        if (BalanceClasses) throw checks.Refused(nameof(ClassWeights), "cannot be combined with Loss.BalanceClasses: leave one at its default.");
        if (!ClassWeights.All(weight => weight >= 0 && float.IsFinite(weight)) || !ClassWeights.Any(weight => weight > 0))
            throw checks.Refused(nameof(ClassWeights),
                $"must hold numbers of at least 0, with at least one above 0; it holds {string.Join(", ", ClassWeights)}.");
    }

    /// <summary>The weight of each class; null where all have the same.</summary>
    internal float[]? Weights(RowExamples examples, int[] train, int classes, string label)
    {
        if (ClassWeights is { } weights && weights.Length != classes)
        {
            throw new OptionChecks(Group).Refused(nameof(ClassWeights),
                $"holds {weights.Length} numbers, but the label column '{label}' has {classes} keys: give one weight per key.");
        }
        return BalanceClasses ? Balanced(examples, train, classes) : ClassWeights;
    }
}
