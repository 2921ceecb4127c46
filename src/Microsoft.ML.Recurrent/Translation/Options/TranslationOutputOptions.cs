using Microsoft.ML.Recurrent.Training;

namespace Microsoft.ML.Recurrent;

/// <summary>The columns that a translation adds. A row without source tokens has an empty text, empty vectors, false and NaN.</summary>
public sealed class TranslationOutputOptions : IOptionGroup
{
    /// <summary>The column of the best text found, <c>Text</c>. Default: "Translation".</summary>
    public string TextColumnName { get; set; } = "Translation";

    /// <summary>A column of its tokens, <c>Vector&lt;Text&gt;</c>. Default: null, none.</summary>
    public string? TokensColumnName { get; set; }

    /// <summary>
    /// A column of its log-probability, <c>Single</c>: the sum of the natural logarithms of the probabilities of its tokens, the end token included.
    /// Default: null, none.
    /// </summary>
    public string? LogProbabilityColumnName { get; set; }

    /// <summary>
    /// A column of its score, <c>Single</c>: the log-probability after the normalization of lengths and the penalty for coverage, by which texts are ranked.
    /// Default: null, none.
    /// </summary>
    public string? ScoreColumnName { get; set; }

    /// <summary>
    /// A column that is true where the model has ended the text, <c>Boolean</c>; false where it was cut at <see cref="BeamSearchOptions.MaximumLength"/>.
    /// Default: null, none.
    /// </summary>
    public string? IsCompleteColumnName { get; set; }

    /// <summary>
    /// A column of the best texts found, <c>Vector&lt;Text&gt;</c>, as many as <see cref="BeamSearchOptions.NumberOfResults"/> or fewer. Default: null, none.
    /// </summary>
    public string? TextsColumnName { get; set; }

    /// <summary>A column of the scores of <see cref="TextsColumnName"/>, <c>Vector&lt;Single&gt;</c>. Default: null, none.</summary>
    public string? ScoresColumnName { get; set; }

    /// <summary>
    /// A column of the attention, <c>Vector&lt;Single&gt;</c>: the weights of the source tokens for each token of the text, text token by text token. It holds
    /// (tokens of the text) x (tokens of the source) numbers, and each of the former adds up to 1. Needs <see cref="TranslationDecoderOptions.Attention"/>.
    /// Default: null, none.
    /// </summary>
    public string? AttentionColumnName { get; set; }

    /// <summary>How tokens become a text. Default: <see cref="TokenJoining.Blanks"/>, for words.</summary>
    public TokenJoining Joining { get; set; }

    internal void Check(bool attends)
    {
        var checks = new OptionChecks("Output");
        checks.Column(TextColumnName);
        checks.ColumnOrNull(TokensColumnName);
        checks.ColumnOrNull(LogProbabilityColumnName);
        checks.ColumnOrNull(ScoreColumnName);
        checks.ColumnOrNull(IsCompleteColumnName);
        checks.ColumnOrNull(TextsColumnName);
        checks.ColumnOrNull(ScoresColumnName);
        checks.ColumnOrNull(AttentionColumnName);
        checks.Defined<TokenJoining>(Joining);
        if (AttentionColumnName is not null && !attends)
            throw checks.Refused(nameof(AttentionColumnName), "needs attention, but Decoder.Attention is null: choose a form, or leave the column out.");
    }
}
