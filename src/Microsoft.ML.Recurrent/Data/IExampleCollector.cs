namespace Microsoft.ML.Recurrent.Data;

/// <summary>
/// Builds the examples to score from the rows of a cursor. One collector belongs to one cursor (or to the row of one PredictionEngine) and reads its current
/// row. It is called once per row, in order, so it may keep previous rows.
/// </summary>
internal interface IExampleCollector
{
    /// <summary>
    /// Adds the example of the current row to the batch and returns true; or returns false if the row has no prediction (its output columns are NaN).
    /// </summary>
    bool Collect(ScoringBatch batch);

    /// <summary>Whether the batch has room for the next row, whatever it is.</summary>
    bool HasRoom(ScoringBatch batch) => !batch.IsFull;

    /// <summary>What the user should know of the rows so far; null for nothing.</summary>
    string? Remark => null;
}
