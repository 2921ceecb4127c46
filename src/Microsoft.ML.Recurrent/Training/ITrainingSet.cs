using Microsoft.ML.Recurrent.Networks;

namespace Microsoft.ML.Recurrent.Training;

/// <summary>Examples that a network is trained or validated on.</summary>
internal interface ITrainingSet
{
    /// <summary>The number of examples, in <see cref="Unit"/>s.</summary>
    int Count { get; }

    /// <summary>The plural name of the unit of <see cref="Count"/>.</summary>
    string Unit { get; }

    /// <summary>The number of examples of a batch if no option gives it; null for the usual one of its trainer.</summary>
    int? UsualBatchSize => null;

    /// <summary>
    /// The examples in batches of at most <paramref name="size"/> rows and, if they differ in length, of at most <paramref name="maximumSteps"/> steps when
    /// shuffled, padding included.
    /// </summary>
    IBatchSource Batches(int size, int? maximumSteps = null);
}
