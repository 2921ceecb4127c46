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

    /// <summary>Writes steps of an input whose numbers are more than Singles.</summary>
    /// <param name="example">The row of the example in the batch.</param>
    /// <param name="input">The index of the graph input.</param>
    /// <param name="step">The first step.</param>
    /// <param name="source">The numbers of the step as Single.</param>
    /// <param name="rests">The rest of each.</param>
    /// <param name="stride">At least the numbers per step, of both.</param>
    /// <param name="origin">What a batch to train on subtracts from each number of a step; a batch to score does not need it, as the graph does so.</param>
    void Write(int example, int input, int step, ReadOnlySpan<float> source, ReadOnlySpan<float> rests, int stride, ReadOnlySpan<double> origin);
}
