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

    /// <summary>
    /// Characters of the text (Unicode scalar values) of the predicted tokens; the end of each sentence counts as one. Null if the text is not known.
    /// </summary>
    public long? Characters { get; init; }

    /// <summary>Words of the text, between white space; the end of each sentence counts as one. Null if the text is not known.</summary>
    public long? Words { get; init; }

    /// <summary>
    /// The cross-entropy in bits per character. Models of the same texts can be compared by it, whatever their tokens are. Null if the text is not known; NaN
    /// if it holds unknown tokens, to whose characters the model gives no probability.
    /// </summary>
    public double? BitsPerCharacter => Each(Characters) / Math.Log(2);

    /// <summary>
    /// exp(-<see cref="LogLikelihood"/> / <see cref="Words"/>), whatever the tokens are. Null if the text is not known; NaN if it holds unknown tokens.
    /// </summary>
    public double? PerplexityPerWord => Each(Words) is { } nats ? Math.Exp(nats) : null;

    private double? Each(long? units) => units is null ? null : MissingTokens > 0 ? double.NaN : -LogLikelihood / units;
}
