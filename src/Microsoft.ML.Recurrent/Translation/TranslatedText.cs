using System.Collections.Immutable;

namespace Microsoft.ML.Recurrent;

/// <summary>A text that a search has found for a source.</summary>
/// <param name="SourceTokens">The tokens of the source.</param>
/// <param name="Tokens">The tokens of the text, without the end token.</param>
/// <param name="Text">The tokens, joined.</param>
/// <param name="LogProbability">The natural logarithm of its probability, the end token included if it ends with it; NaN for a source without tokens.</param>
/// <param name="Score">The log-probability after the normalization of lengths and the penalty for coverage, by which texts are ranked; NaN likewise.</param>
/// <param name="IsComplete">Whether the model has ended it; false if it was cut at its maximum length.</param>
public sealed record TranslatedText(ImmutableArray<string> SourceTokens, ImmutableArray<string> Tokens, string Text, double LogProbability, double Score,
    bool IsComplete)
{
    /// <summary>
    /// The attention: for each token of the text the weights of the source tokens, which add up to 1. Empty for a model without attention.
    /// </summary>
    public ImmutableArray<ImmutableArray<float>> Attention { get; init; } = [];

    /// <summary>The text.</summary>
    public override string ToString() => Text;
}
