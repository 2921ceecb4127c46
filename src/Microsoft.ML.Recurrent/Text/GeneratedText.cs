using System.Collections.Immutable;

namespace Microsoft.ML.Recurrent;

/// <summary>A text that a search has found.</summary>
/// <param name="Tokens">Its tokens, without the prompt and without the end-of-sentence token.</param>
/// <param name="LogProbability">The natural logarithm of its probability after the prompt, the end-of-sentence token included if it ends with it.</param>
/// <param name="Score">The log-probability after the normalization of lengths, by which texts are ranked.</param>
/// <param name="IsComplete">Whether the model has ended it; false if it reached its maximum length.</param>
public sealed record GeneratedText(ImmutableArray<string> Tokens, double LogProbability, double Score, bool IsComplete)
{
    /// <summary>The tokens, joined by blanks.</summary>
    public override string ToString() => string.Join(' ', Tokens);
}
