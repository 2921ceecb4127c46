namespace Microsoft.ML.Recurrent;

/// <summary>A language model's tokens: their embedding, and how their probabilities are learned.</summary>
public sealed class VocabularyOptions : IOptionGroup
{
    /// <summary>Size of a token's embedding, at least 1. Default: null, that of the recurrent layers' state.</summary>
    public int? EmbeddingSize { get; set; }

    /// <summary>
    /// Whether the output layer uses the embedding's table (Press and Wolf 2017): fewer parameters, and often a better model. If embedding and state differ in
    /// size, a dense layer maps one to the other. Default: false.
    /// </summary>
    [SearchChoice("false", "true")]
    public bool TieWeights { get; set; }

    /// <summary>
    /// For large vocabularies: the number of negative samples against which the true token is learned, drawn anew for each batch (sampled softmax, Jean et al.
    /// 2015), at least 1. Training is then much faster, and the training loss is that of the sample. Validation and the model use the whole vocabulary.
    /// Default: null, all tokens.
    /// </summary>
    public int? SampledTokens { get; set; }

    /// <summary>
    /// For large vocabularies: an adaptive softmax (Grave et al. 2017) in place of the full one. The output layer has the frequent tokens; those of each
    /// cluster of rarer ones are computed from smaller vectors, and in training only where the true token is in the cluster. Training and scoring are
    /// faster, and the model is smaller; its probabilities are exact. Not with <see cref="TieWeights"/> or <see cref="SampledTokens"/>. Default: false.
    /// </summary>
    public bool AdaptiveSoftmax { get; set; }

    /// <summary>
    /// How <see cref="AdaptiveSoftmax"/> divides the tokens by frequency: the number of frequent ones in the output layer, then the ends of the clusters but
    /// the last, ascending, each less than the vocabulary. Default: null, the division into at most five parts that costs the fewest multiplications for the
    /// training text.
    /// </summary>
    public int[]? Cutoffs { get; set; }

    /// <summary>
    /// How much smaller the vectors of each cluster of <see cref="AdaptiveSoftmax"/> are than those of the one before, at least 1. Default: 4.
    /// </summary>
    public float ClusterDivisor { get; set; } = 4;

    /// <summary>
    /// The token that is appended to each row, so that a model learns where rows end and how they begin. It may be a key's value or not; a row that ends with
    /// it gets no second one. Null appends nothing (for one row with a whole text of characters, say). Default: "&lt;eos&gt;".
    /// </summary>
    public string? EndOfSentence { get; set; } = "<eos>";

    internal void Check()
    {
        var checks = new OptionChecks("Vocabulary");
        checks.AtLeastOne(EmbeddingSize);
        checks.AtLeastOne(SampledTokens);
        if (AdaptiveSoftmax && TieWeights)
            throw checks.Refused(nameof(AdaptiveSoftmax), "does not go with Vocabulary.TieWeights: its output layer has rows for the frequent tokens only.");
        if (AdaptiveSoftmax && SampledTokens is not null)
            throw checks.Refused(nameof(AdaptiveSoftmax), "does not go with Vocabulary.SampledTokens: choose one of the two.");
        if (Cutoffs is not null && !AdaptiveSoftmax) throw checks.Refused(nameof(Cutoffs), "has no effect without Vocabulary.AdaptiveSoftmax: set it too.");
        if (Cutoffs is { Length: 0 }) throw checks.Refused(nameof(Cutoffs), "must have at least one number; null chooses them.");
        if (Cutoffs is { } cutoffs && (cutoffs[0] < 1 || cutoffs.Zip(cutoffs.Skip(1), (a, b) => a >= b).Any(wrong => wrong)))
            throw checks.Refused(nameof(Cutoffs), $"must ascend from at least 1; it is {string.Join(", ", cutoffs)}.");
        if (!(ClusterDivisor >= 1 && float.IsFinite(ClusterDivisor))) throw checks.OutOfRange(nameof(ClusterDivisor), ClusterDivisor, "must be at least 1");
        if (EndOfSentence is { Length: 0 }) throw checks.Refused(nameof(EndOfSentence), "must not be empty: name a token, or give null for none.");
    }
}
