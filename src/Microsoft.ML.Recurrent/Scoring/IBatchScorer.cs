using Microsoft.ML.Recurrent.Data;

namespace Microsoft.ML.Recurrent.Scoring;

/// <summary>Scores batches of a model. Thread-safe if each thread has its own batch.</summary>
internal interface IBatchScorer : IDisposable
{
    /// <summary>Rows per batch for this scorer.</summary>
    int BatchCapacity { get; }

    /// <summary>Number of runs: parts of batches that were scored together.</summary>
    long Runs { get; }

    /// <summary>Creates a batch for this scorer, no larger than the rows to come.</summary>
    /// <param name="rows">Number of rows to come, if known.</param>
    ScoringBatch CreateBatch(long? rows = null);

    /// <summary>Scores the rows of a batch. The outputs are in the order of the rows.</summary>
    void Run(ScoringBatch batch);
}
