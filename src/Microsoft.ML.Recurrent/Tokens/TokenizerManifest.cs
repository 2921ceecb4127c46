namespace Microsoft.ML.Recurrent.Tokens;

/// <summary>The saved description of a tokenizer.</summary>
/// <param name="Name">Its kind.</param>
internal sealed record TokenizerManifest(string Name)
{
    public const string Words = "Words", WhiteSpace = "WhiteSpace", Blanks = "Blanks", Characters = "Characters", Subwords = "Subwords";

    /// <summary>The settings of a subword tokenizer; null for others.</summary>
    public SubwordSettings? Settings { get; init; }
}
