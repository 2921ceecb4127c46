using System.Collections.Immutable;
using System.Globalization;

namespace Microsoft.ML.Recurrent;

/// <summary>Metrics of translations, or of any generated texts, counted over all texts at once.</summary>
public sealed class TranslationMetrics
{
    internal TranslationMetrics(int texts, int exact, (double Score, ImmutableArray<double> Precisions, double BrevityPenalty) bleu, double chrf,
        (double Tokens, double Characters) errorRates, (long Translations, long References) tokens)
    {
        (Texts, Bleu, BleuPrecisions, BrevityPenalty, Chrf) = (texts, bleu.Score, bleu.Precisions, bleu.BrevityPenalty, chrf);
        ExactMatch = texts == 0 ? double.NaN : (double)exact / texts;
        (TokenErrorRate, CharacterErrorRate) = errorRates;
        (Tokens, ReferenceTokens) = tokens;
    }

    /// <summary>Number of texts.</summary>
    public int Texts { get; }

    /// <summary>
    /// BLEU of the corpus, 0 to 100 (Papineni et al. 2002): four orders of n-grams, an order without a match counts 1/2, 1/4, ... of one (exponential
    /// smoothing; Lin and Och 2004), as sacreBLEU counts it (Post 2018). NaN without texts.
    /// </summary>
    public double Bleu { get; }

    /// <summary>The precisions of n-grams of 1 to 4 tokens, in percent.</summary>
    public ImmutableArray<double> BleuPrecisions { get; }

    /// <summary>The factor of BLEU by which translations shorter than their references are punished, 0 to 1.</summary>
    public double BrevityPenalty { get; }

    /// <summary>
    /// chrF of the corpus, 0 to 100 (Popovic 2015): the F score, with recall twice as important as precision, of n-grams of 1 to 6 characters without white
    /// space. NaN without texts.
    /// </summary>
    public double Chrf { get; }

    /// <summary>Share of the texts that equal one of their references, after white space at the ends is cut off.</summary>
    public double ExactMatch { get; }

    /// <summary>
    /// Least number of insertions, deletions and replacements of tokens that make each translation its nearest reference, summed, over the number of tokens of
    /// these references (word error rate). Above 1 where translations are much longer; NaN where the references have no tokens.
    /// </summary>
    public double TokenErrorRate { get; }

    /// <summary>The same of characters, white space included.</summary>
    public double CharacterErrorRate { get; }

    /// <summary>Tokens of all translations.</summary>
    public long Tokens { get; }

    /// <summary>Tokens of the references, of each text the one nearest in length.</summary>
    public long ReferenceTokens { get; }

    /// <summary>One line in the style of sacreBLEU.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{Texts} texts: BLEU {Bleu:F2} ({string.Join("/", BleuPrecisions.Select(value => value.ToString("F1", CultureInfo.InvariantCulture)))}, brevity "
            + $"penalty " +
        $"{BrevityPenalty:F3}, {Tokens} tokens for {ReferenceTokens}), chrF {Chrf:F2}, exact {ExactMatch:P1}, token error rate {TokenErrorRate:P1}, " +
        $"character error rate {CharacterErrorRate:P1}");
}
