namespace Microsoft.ML.Recurrent.Data;

/// <summary>
/// A batch that examples are written to, input by input: a batch to train on (<see cref="TrainingTarget"/>) or to score (<see cref="ScoringBatch"/>).
/// </summary>
internal interface IExampleTarget
{
    /// <summary>Writes consecutive steps of an input, or its single step if it has no time axis.</summary>
    /// <param name="example">The row of the example in the batch.</param>
    /// <param name="input">The index of the graph input.</param>
    /// <param name="step">The first step.</param>
    /// <param name="source">The numbers of the step, or its id as a number; those of the next step follow after <paramref name="stride"/> numbers.</param>
    /// <param name="stride">At least the numbers per step.</param>
    void Write(int example, int input, int step, ReadOnlySpan<float> source, int stride);

    /// <summary>Writes a sequence of tokens.</summary>
    void Write(int example, int input, ReadOnlySpan<int> tokens);
}
