namespace Microsoft.ML.Recurrent.Decoding;

/// <summary>A text that beam search found.</summary>
/// <param name="Tokens">Its tokens, without the end token.</param>
/// <param name="LogProbability">The sum of the log-probabilities of its tokens, and of the end token after them if there is one.</param>
/// <param name="Score">The log-probability after normalization and penalties, by which texts are ranked.</param>
/// <param name="Attention">The attention of the step that wrote each token, tokens x steps of the source; empty without attention.</param>
/// <param name="IsComplete">Whether the search has chosen the end token; false if the text was cut at its greatest length, where others were likelier.</param>
internal sealed record FoundText(int[] Tokens, double LogProbability, double Score, float[][] Attention, bool IsComplete);
