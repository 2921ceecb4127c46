namespace Microsoft.ML.Recurrent.Tokens;

/// <summary>The settings of a subword tokenizer beside its files.</summary>
internal sealed record SubwordSettings
{
    public SubwordKind Kind { get; init; }

    public bool ByteLevel { get; init; }

    public bool LowerCase { get; init; }

    public bool AddSpecialTokens { get; init; }

    public string? UnknownToken { get; init; }

    public string? EndOfWordSuffix { get; init; }

    public string? ContinuingSubwordPrefix { get; init; }
}
