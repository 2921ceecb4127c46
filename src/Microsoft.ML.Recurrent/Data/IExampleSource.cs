using Microsoft.ML.Recurrent.Networks;

namespace Microsoft.ML.Recurrent.Data;

/// <summary>
/// Examples by number, wherever they lie: in memory today (<see cref="RowExamples"/>, <see cref="SeriesWindowExamples"/>); one that reads from disk serves the
/// same way. Not thread-safe.
/// </summary>
internal interface IExampleSource
{
    int Count { get; }

    /// <summary>Whether examples differ in length.</summary>
    bool VariesInLength { get; }

    /// <summary>Steps of an example, at least 1.</summary>
    int Length(int example);

    /// <summary>
    /// Makes a batch of the given examples, in their order, padded to the longest. Allocates nothing once the batch's buffers have grown to it.
    /// </summary>
    void Fill(SequenceBatch batch, ReadOnlySpan<int> examples);
}
