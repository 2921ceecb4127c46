namespace Microsoft.ML.Recurrent.Data;

/// <summary>
/// Makes the examples to be scored from the rows that a cursor passes. One belongs to one cursor (or to the row of one PredictionEngine) and reads its current
/// row; it is called once for each row, in order, so it may remember rows past.
/// </summary>
internal interface IExampleCollector
{
    /// <summary>
    /// Adds the current row's example to the batch and returns true; or adds nothing and returns false where the row has no answer (its columns then hold NaN).
    /// </summary>
    bool Collect(ScoringBatch batch);
}
