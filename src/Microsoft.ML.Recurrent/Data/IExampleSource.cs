using Microsoft.ML.Recurrent.Networks;

namespace Microsoft.ML.Recurrent.Data;

/// <summary>
/// Examples by number, in any storage: in memory today (<see cref="RowExamples"/>, <see cref="SeriesWindowExamples"/>); a source on disk would work the same
/// way. Not thread-safe.
/// </summary>
internal interface IExampleSource
{
    int Count { get; }

    /// <summary>Whether examples differ in length.</summary>
    bool VariesInLength { get; }

    /// <summary>Steps of an example, at least 1.</summary>
    int Length(int example);

    /// <summary>Fills a batch with the given examples, in order, padded to the longest. Allocates nothing once the buffers are large enough.</summary>
    void Fill(SequenceBatch batch, ReadOnlySpan<int> examples);
}
