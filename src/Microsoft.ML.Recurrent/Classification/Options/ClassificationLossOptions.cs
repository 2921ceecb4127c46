using Microsoft.ML.Recurrent.Data;

namespace Microsoft.ML.Recurrent;

/// <summary>The loss of a classification, cross-entropy: options that binary and multiclass classification share.</summary>
public abstract class ClassificationLossOptions : IOptionGroup
{
    private protected const string Group = "Loss";

    private protected ClassificationLossOptions()
    {
    }

    /// <summary>
    /// Label smoothing: the fraction of each target that is spread evenly over all classes (Szegedy et al. 2016), for less confident networks. From 0 up to,
    /// but not including, 1; 0.1 is usual. Default: null, 0.1, and 0 with several labels per row or at most 256
    /// different tokens.
    /// </summary>
    public float? LabelSmoothing { get; set; }

    /// <summary>
    /// Whether rare classes count as much as frequent ones in the loss: each is weighted by the number of training rows over the number of classes times its
    /// own rows. Scores are then those for equally frequent classes. Default: false.
    /// </summary>
    public bool BalanceClasses { get; set; }

    internal virtual void Check() => new OptionChecks(Group).Fraction(LabelSmoothing);

    /// <summary>The weights that balance the classes; a class without a row has weight 1.</summary>
    private protected static float[] Balanced(RowExamples examples, int[] train, int classes)
    {
        var counts = new long[classes];
        foreach (var example in train) counts[examples.Labels[example]]++;
        return Balanced(counts);
    }

    /// <summary>The weights that balance classes of so many rows.</summary>
    private protected static float[] Balanced(long[] counts) =>
        Array.ConvertAll(counts, count => count == 0 ? 1 : (float)((double)counts.Sum() / ((double)counts.Count(c => c > 0) * count)));
}
