using Microsoft.ML.Recurrent.Training;

namespace Microsoft.ML.Recurrent;

/// <summary>
/// What happens where the decoder would write the unknown token: the missing key, which target tokens have in training that the key mapping lacks.
/// </summary>
public sealed class UnknownTokenOptions : IOptionGroup
{
    /// <summary>
    /// A column with the source tokens as text, <c>Vector&lt;Text&gt;</c>, one for each key of the source column. Where the decoder writes the unknown token,
    /// the source token with the greatest attention is written instead (Luong et al. 2015; Jean et al. 2015): names and numbers are copied. It is read when
    /// texts are translated, not in training. Needs <see cref="TranslationDecoderOptions.Attention"/>, and target tokens that are missing keys in training:
    /// build the target's vocabulary with a minimum count, for example. Default: null, nothing is copied.
    /// </summary>
    public string? CopyColumnName { get; set; }

    /// <summary>
    /// Whether the unknown token may be written where nothing is copied, as <see cref="Text"/>. If false, the search leaves it out, and the most likely known
    /// token is written. Default: false.
    /// </summary>
    public bool Allow { get; set; }

    /// <summary>The text of an unknown token. Default: "&lt;unk&gt;".</summary>
    public string Text { get; set; } = "<unk>";

    internal void Check(bool attends)
    {
        var checks = new OptionChecks("UnknownTokens");
        checks.ColumnOrNull(CopyColumnName);
        if (string.IsNullOrEmpty(Text)) throw checks.Refused(nameof(Text), "must not be empty.");
        if (CopyColumnName is not null && !attends)
            throw checks.Refused(nameof(CopyColumnName), "needs attention, but Decoder.Attention is null: choose a form, or leave the column out.");
    }
}
