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
    /// The token that is appended to each row, so that a model learns where rows end and how they begin. It may be a key's value or not; a row that ends with
    /// it gets no second one. Null appends nothing (for one row with a whole text of characters, say). Default: "&lt;eos&gt;".
    /// </summary>
    public string? EndOfSentence { get; set; } = "<eos>";

    internal void Check()
    {
        var checks = new OptionChecks("Vocabulary");
        checks.AtLeastOne(EmbeddingSize);
        checks.AtLeastOne(SampledTokens);
        if (EndOfSentence is { Length: 0 }) throw checks.Refused(nameof(EndOfSentence), "must not be empty: name a token, or give null for none.");
    }
}
