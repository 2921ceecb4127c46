using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Networks;

namespace Microsoft.ML.Recurrent.Training;

/// <summary>Reads the batches of a source for inference.</summary>
internal static class InferenceBatches
{
    /// <summary>All batches once, in their own order. Batch and tape are reused: the tape records nothing and is reset after each batch.</summary>
    /// <param name="source">The batches.</param>
    /// <param name="cancellation">Ends the pass before the next batch.</param>
    /// <exception cref="OperationCanceledException">The pass was canceled.</exception>
    public static IEnumerable<(Tape Tape, SequenceBatch Batch)> ForInference(this IBatchSource source, CancellationToken cancellation = default)
    {
        using var tape = new Tape { Recording = false };
        using var batch = new SequenceBatch();
        for (source.Begin(null); Next(); tape.Reset()) yield return (tape, batch);

        bool Next()
        {
            cancellation.ThrowIfCancellationRequested();
            return source.Next(batch);
        }
    }
}
