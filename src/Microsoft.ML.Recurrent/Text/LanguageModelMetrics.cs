namespace Microsoft.ML.Recurrent;

/// <summary>How well a language model foretells a text.</summary>
/// <param name="Tokens">Tokens that were foretold, the ends of sentences included.</param>
/// <param name="MissingTokens">Tokens that the mapping to keys does not know. They are foretold, and counted in <paramref name="Tokens"/>, only by a model that
/// met such tokens in training.</param>
/// <param name="LogLikelihood">The sum of the natural logarithms of the tokens' probabilities.</param>
public sealed record LanguageModelMetrics(long Tokens, long MissingTokens, double LogLikelihood)
{
    /// <summary>
    /// exp(-<see cref="LogLikelihood"/> / <see cref="Tokens"/>): the number of equally probable tokens among which one would be as uncertain. Lower is better.
    /// </summary>
    public double Perplexity => Math.Exp(CrossEntropy);

    /// <summary>-<see cref="LogLikelihood"/> / <see cref="Tokens"/>, in nats a token.</summary>
    public double CrossEntropy => -LogLikelihood / Tokens;

    /// <summary>The same in bits a token: for a model of characters, bits per character.</summary>
    public double BitsPerToken => CrossEntropy / Math.Log(2);
}
