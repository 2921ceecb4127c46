namespace Microsoft.ML.Recurrent;

/// <summary>How translations are compared with their references.</summary>
public sealed record TranslationEvaluationOptions
{
    /// <summary>How texts are split into tokens. Default: <see cref="BleuTokenization.International13a"/>, as in sacreBLEU.</summary>
    public BleuTokenization Tokenization { get; init; } = BleuTokenization.International13a;

    /// <summary>Whether upper and lower case count as equal. Default: false.</summary>
    public bool IgnoreCase { get; init; }

    /// <summary>
    /// Whether BLEU takes only the lengths of n-grams that the translations have. Without it, a corpus in which no translation has four tokens has BLEU 0, even
    /// where each equals its reference. Default: false, as in sacreBLEU for a corpus.
    /// </summary>
    public bool UseEffectiveOrder { get; init; }

    internal void Check()
    {
        if (!Enum.IsDefined(Tokenization))
        {
            throw new ArgumentOutOfRangeException(nameof(Tokenization), Tokenization,
                $"The option {nameof(Tokenization)} must be {string.Join(" or ", Enum.GetNames<BleuTokenization>())}.");
        }
    }
}
