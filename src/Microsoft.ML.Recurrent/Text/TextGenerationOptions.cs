namespace Microsoft.ML.Recurrent;

/// <summary>Sampling options of a <see cref="RecurrentTextGenerator"/>.</summary>
public sealed record TextGenerationOptions
{
    /// <summary>Maximum number of tokens to generate, at least 1. Default: 100.</summary>
    public int MaximumTokens { get; init; } = 100;

    /// <summary>
    /// Divides the log-probabilities before sampling: 1 samples from the model's distribution, lower favors likely tokens, higher increases diversity. 0 always
    /// takes the most likely token (greedy). Default: 1.
    /// </summary>
    public float Temperature { get; init; } = 1;

    /// <summary>Samples from the k most likely tokens only (Fan et al. 2018); 0 for all. Default: 0.</summary>
    public int TopK { get; init; }

    /// <summary>
    /// Samples from the smallest set of most likely tokens whose total probability reaches this value (nucleus sampling, Holtzman et al. 2020); greater than 0,
    /// at most 1. Default: 1, all tokens.
    /// </summary>
    public float TopP { get; init; } = 1;

    /// <summary>Random seed: the same seed, model and prompt give the same text. Default: null, a different text each time.</summary>
    public int? Seed { get; init; }

    /// <summary>
    /// Whether to stop at the end-of-sentence token, if the model has one. If false, it is generated like any token and the text continues. Default: true.
    /// </summary>
    public bool StopAtEndOfSentence { get; init; } = true;

    /// <summary>Tokens that are never generated, such as <c>&lt;unk&gt;</c>. Default: none.</summary>
    public IReadOnlyCollection<string> ExcludedTokens { get; init; } = [];

    internal void Check()
    {
        if (MaximumTokens < 1) throw Fault(nameof(MaximumTokens), MaximumTokens, "must be at least 1");
        if (!(Temperature >= 0 && float.IsFinite(Temperature))) throw Fault(nameof(Temperature), Temperature, "must be finite and at least 0");
        if (TopK < 0) throw Fault(nameof(TopK), TopK, "must be at least 1, or 0 for all tokens");
        if (!(TopP is > 0 and <= 1)) throw Fault(nameof(TopP), TopP, "must be greater than 0 and at most 1");
        ArgumentNullException.ThrowIfNull(ExcludedTokens);
    }

    private static ArgumentOutOfRangeException Fault(string name, object value, string rule) =>
        new(name, value, $"{nameof(TextGenerationOptions)}.{name} {rule}.");
}
