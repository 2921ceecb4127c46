namespace Microsoft.ML.Recurrent.Tokens;

/// <summary>How the tokens of a tokenizer become text again.</summary>
/// <param name="Form">The form of its tokens.</param>
internal sealed record PieceRule(PieceForm Form)
{
    /// <summary>The prefix or the suffix.</summary>
    public string Mark { get; init; } = "";

    /// <summary>Tokens that the tokenizer adds, or that stand for no text.</summary>
    public IReadOnlyCollection<string> Silent { get; init; } = [];

    /// <summary>The token that the tokenizer puts after each text; null for none.</summary>
    public string? EndOfText { get; init; }
}
