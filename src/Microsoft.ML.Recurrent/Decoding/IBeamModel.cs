namespace Microsoft.ML.Recurrent.Decoding;

/// <summary>
/// A decoder that makes steps for a grid of unfinished texts: so many sources, the same number of texts for each. It keeps the states of the texts of its last
/// step.
/// </summary>
internal interface IBeamModel
{
    /// <summary>Number of tokens that a step may write.</summary>
    int Vocabulary { get; }

    /// <summary>Steps of the longest source, which are the columns of the attention; 0 without attention.</summary>
    int SourceTime { get; }

    /// <summary>Writes a token to each text, and computes what may follow.</summary>
    /// <param name="sources">Of each source of this step, its row in the last step; in the first step all sources.</param>
    /// <param name="parents">Of each text, source by source, its place in the last step; in the first step there is one text for each source.</param>
    /// <param name="tokens">The token that is written to each text.</param>
    /// <param name="logProbabilities">Receives the log-probabilities of the next token: texts x <see cref="Vocabulary"/>.</param>
    /// <param name="attention">Receives the attention of this step: texts x <see cref="SourceTime"/>.</param>
    void Step(ReadOnlySpan<int> sources, ReadOnlySpan<int> parents, ReadOnlySpan<int> tokens, Span<float> logProbabilities, Span<float> attention);
}
