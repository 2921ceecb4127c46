namespace Microsoft.ML.Recurrent;

/// <summary>Evaluation metrics of a language model on a text.</summary>
/// <param name="Tokens">Number of predicted tokens, including the ends of sentences.</param>
/// <param name="MissingTokens">Number of tokens unknown to the key mapping. They are predicted, and counted in <paramref name="Tokens"/>, only if training
/// contained unknown tokens.</param>
/// <param name="LogLikelihood">Sum of the natural log-probabilities of the tokens.</param>
public sealed record LanguageModelMetrics(long Tokens, long MissingTokens, double LogLikelihood)
{
    /// <summary>
    /// exp(-<see cref="LogLikelihood"/> / <see cref="Tokens"/>): the number of equally likely tokens with the same uncertainty. Lower is better.
    /// </summary>
    public double Perplexity => Math.Exp(CrossEntropy);

    /// <summary>-<see cref="LogLikelihood"/> / <see cref="Tokens"/>: the cross-entropy in nats per token.</summary>
    public double CrossEntropy => -LogLikelihood / Tokens;

    /// <summary>The cross-entropy in bits per token; for a character model, bits per character.</summary>
    public double BitsPerToken => CrossEntropy / Math.Log(2);
}
