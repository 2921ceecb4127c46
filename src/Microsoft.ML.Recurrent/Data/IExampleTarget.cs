namespace Microsoft.ML.Recurrent.Data;

/// <summary>
/// A batch that examples are written to, input by input: a batch to train on (<see cref="TrainingTarget"/>) or to score (<see cref="ScoringBatch"/>).
/// </summary>
internal interface IExampleTarget
{
    /// <summary>Writes consecutive steps of an input, or its one step where it has no time axis.</summary>
    /// <param name="example">The example's row in the batch.</param>
    /// <param name="input">The index of the graph input.</param>
    /// <param name="step">The step to begin with.</param>
    /// <param name="source">Its numbers, or its id as a number; those of the next step lie <paramref name="stride"/> numbers later.</param>
    /// <param name="stride">At least the numbers of a step.</param>
    void Write(int example, int input, int step, ReadOnlySpan<float> source, int stride);

    /// <summary>Writes a sequence of tokens.</summary>
    void Write(int example, int input, ReadOnlySpan<int> tokens);
}
