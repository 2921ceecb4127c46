using Microsoft.ML.Recurrent.Data;

namespace Microsoft.ML.Recurrent;

/// <summary>Options of the trainers that learn classes.</summary>
public abstract class ClassificationTrainerOptions : SequenceTrainerOptions
{
    private protected ClassificationTrainerOptions()
    {
    }

    /// <summary>
    /// The share of each target that is spread evenly over all classes (Szegedy et al. 2016): a network that is less sure of itself. From 0 up to, but not
    /// including, 1; 0.1 is usual. Default: 0.
    /// </summary>
    public float LabelSmoothing { get; set; }

    /// <summary>
    /// Whether a rare class counts as much as a frequent one in the loss: each is weighed by the training rows over the number of classes times its own rows.
    /// Scores then are those of classes that are equally frequent. Default: false.
    /// </summary>
    public bool BalanceClasses { get; set; }

    internal override void Check()
    {
        base.Check();
        Share(LabelSmoothing);
    }

    /// <summary>What balances the classes; a class without a row counts 1.</summary>
    private protected static float[] Balanced(RowExamples examples, int[] train, int classes)
    {
        var counts = new long[classes];
        foreach (var example in train) counts[examples.Labels[example]]++;
        return Array.ConvertAll(counts, count => count == 0 ? 1 : (float)((double)train.Length / ((double)counts.Count(c => c > 0) * count)));
    }
}
