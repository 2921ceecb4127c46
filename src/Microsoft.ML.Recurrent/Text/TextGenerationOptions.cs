namespace Microsoft.ML.Recurrent;

/// <summary>Sampling options of a <see cref="RecurrentTextGenerator"/>.</summary>
public sealed record TextGenerationOptions
{
    /// <summary>Maximum number of tokens to generate, at least 1. Default: 100.</summary>
    public int MaximumTokens { get; init; } = 100;

    /// <summary>
    /// Minimum number of tokens to generate, at least 0 and at most <see cref="MaximumTokens"/>: before it, neither the end-of-sentence token nor one of
    /// <see cref="StopTokens"/> is generated. Default: 0.
    /// </summary>
    public int MinimumTokens { get; init; }

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

    /// <summary>
    /// Tokens at which the text stops, besides the end-of-sentence token; they are not part of it. Each must be in the vocabulary. Default: none.
    /// </summary>
    public IReadOnlyCollection<string> StopTokens { get; init; } = [];

    /// <summary>
    /// The only tokens that may be generated, besides those at which the text stops; each must be in the vocabulary. Default: null, all.
    /// </summary>
    public IReadOnlyCollection<string>? AllowedTokens { get; init; }

    /// <summary>
    /// The factor by which the log-probability of each token is multiplied that the prompt or the text already holds, at least 1 (Keskar et al. 2019); about
    /// 1.2 keeps a greedy text from turning in circles. Default: 1, none.
    /// </summary>
    public float RepetitionPenalty { get; init; } = 1;

    /// <summary>
    /// Whether the prompt may hold tokens that the model does not know, though it has learned nothing about unknown tokens: they are read as a missing key,
    /// whose embedding was never trained. A model that was trained with missing keys takes them anyway. Default: false.
    /// </summary>
    public bool AllowUnknownTokens { get; init; }

    /// <summary>Tokens that are never generated, such as <c>&lt;unk&gt;</c>. Default: none.</summary>
    public IReadOnlyCollection<string> ExcludedTokens { get; init; } = [];

    internal void Check()
    {
        if (MaximumTokens < 1) throw Fault(nameof(MaximumTokens), MaximumTokens, "must be at least 1");
        if (MinimumTokens < 0 || MinimumTokens > MaximumTokens)
            throw Fault(nameof(MinimumTokens), MinimumTokens, $"must be at least 0 and at most {nameof(MaximumTokens)}, which is {MaximumTokens}");
        if (!(Temperature >= 0 && float.IsFinite(Temperature))) throw Fault(nameof(Temperature), Temperature, "must be finite and at least 0");
        if (TopK < 0) throw Fault(nameof(TopK), TopK, "must be at least 1, or 0 for all tokens");
        if (!(TopP is > 0 and <= 1)) throw Fault(nameof(TopP), TopP, "must be greater than 0 and at most 1");
        if (!(RepetitionPenalty >= 1 && float.IsFinite(RepetitionPenalty)))
            throw Fault(nameof(RepetitionPenalty), RepetitionPenalty, "must be finite and at least 1");
        ArgumentNullException.ThrowIfNull(ExcludedTokens);
        ArgumentNullException.ThrowIfNull(StopTokens);
    }

    private static ArgumentOutOfRangeException Fault(string name, object value, string rule) =>
        new(name, value, $"{nameof(TextGenerationOptions)}.{name} {rule}.");
}
