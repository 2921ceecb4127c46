namespace Microsoft.ML.Recurrent.Decoding;

/// <summary>An unfinished text of a beam: a token after another text.</summary>
/// <param name="Parent">The text without its last token; null for the start.</param>
/// <param name="Token">The last token.</param>
/// <param name="LogProbability">The sum of the log-probabilities.</param>
/// <param name="Attention">The attention of the step that wrote the token.</param>
internal sealed record Hypothesis(Hypothesis? Parent, int Token, double LogProbability, float[] Attention)
{
    /// <summary>Number of tokens after the start.</summary>
    public int Length { get; } = Parent is null ? 0 : Parent.Length + 1;

    /// <summary>The tokens and their attention, without the start.</summary>
    public (int[] Tokens, float[][] Attention) Path()
    {
        var (tokens, attention) = (new int[Length], new float[Length][]);
        for (var text = this; text.Parent is { } parent; text = parent) (tokens[text.Length - 1], attention[text.Length - 1]) = (text.Token, text.Attention);
        return (tokens, attention);
    }
}
