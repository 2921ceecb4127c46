namespace Microsoft.ML.Recurrent;

/// <summary>How a <see cref="RecurrentTextGenerator"/> draws tokens.</summary>
public sealed record TextGenerationOptions
{
    /// <summary>Tokens that are written at the most, at least 1. Default: 100.</summary>
    public int MaximumTokens { get; init; } = 100;

    /// <summary>
    /// By which log-probabilities are divided before a token is drawn: 1 draws as the model says, less keeps to what is likely, more is wilder. 0 always takes
    /// the likeliest token. Default: 1.
    /// </summary>
    public float Temperature { get; init; } = 1;

    /// <summary>Only so many of the likeliest tokens are drawn from (Fan et al. 2018); 0 for all. Default: 0.</summary>
    public int TopK { get; init; }

    /// <summary>
    /// Only the fewest of the likeliest tokens whose probabilities add up to at least this are drawn from (nucleus sampling, Holtzman et al. 2020); greater
    /// than 0, up to 1. Default: 1, all.
    /// </summary>
    public float TopP { get; init; } = 1;

    /// <summary>The same seed, model and prompt give the same text. Default: null, another text each time.</summary>
    public int? Seed { get; init; }

    /// <summary>
    /// Whether to stop where a sentence ends, for models that know such an end. Else the end is written as a token, and the text goes on. Default: true.
    /// </summary>
    public bool StopAtEndOfSentence { get; init; } = true;

    /// <summary>Tokens that are never written (<c>&lt;unk&gt;</c>, say). Default: none.</summary>
    public IReadOnlyCollection<string> ExcludedTokens { get; init; } = [];

    internal void Check()
    {
        if (MaximumTokens < 1) throw Fault(nameof(MaximumTokens), MaximumTokens, "must be at least 1");
        if (!(Temperature >= 0 && float.IsFinite(Temperature))) throw Fault(nameof(Temperature), Temperature, "must be at least 0, and finite");
        if (TopK < 0) throw Fault(nameof(TopK), TopK, "must be at least 1, or 0 for all tokens");
        if (!(TopP is > 0 and <= 1)) throw Fault(nameof(TopP), TopP, "must be greater than 0, up to 1");
        ArgumentNullException.ThrowIfNull(ExcludedTokens);
    }

    private static ArgumentOutOfRangeException Fault(string name, object value, string rule) =>
        new(name, value, $"{nameof(TextGenerationOptions)}.{name} {rule}.");
}
