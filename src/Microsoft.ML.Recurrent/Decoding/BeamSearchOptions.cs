using Microsoft.ML.Recurrent.Training;

namespace Microsoft.ML.Recurrent;

/// <summary>How texts are searched for, token by token.</summary>
public sealed class BeamSearchOptions : IOptionGroup
{
    /// <summary>Unfinished texts that are kept at each step, from 1, the most likely token only (greedy search), to 100. Default: 5.</summary>
    public int BeamSize { get; set; } = 5;

    /// <summary>Texts that are returned for each row, the best first, at most <see cref="BeamSize"/>. Default: 1.</summary>
    public int NumberOfResults { get; set; } = 1;

    /// <summary>How texts of different lengths are compared. Default: <see cref="Recurrent.LengthNormalization.Gnmt"/>.</summary>
    public LengthNormalization LengthNormalization { get; set; } = LengthNormalization.Gnmt;

    /// <summary>The exponent alpha of the normalization, at least 0; higher values favor longer texts. Default: 0.6.</summary>
    public float LengthExponent { get; set; } = 0.6f;

    /// <summary>
    /// The weight beta of the penalty for source tokens that the text has hardly attended to, at least 0: beta times the sum of log(min(a, 1)) over the source
    /// tokens is added to the normalized log-probability, with a the sum of the attention that the token received (Wu et al. 2016). Needs attention.
    /// Default: 0, none.
    /// </summary>
    public float CoveragePenalty { get; set; }

    /// <summary>The fewest tokens of a text, the end token not counted, at least 0. Default: 1.</summary>
    public int MinimumLength { get; set; } = 1;

    /// <summary>
    /// The most tokens of a text, the end token not counted, at least <see cref="MinimumLength"/> and 1. A text that would be longer is cut there: it is
    /// ranked as if it ended there, and is not complete. Default: null,
    /// twice the tokens of the source and 10.
    /// </summary>
    public int? MaximumLength { get; set; }

    internal void Check()
    {
        var checks = new OptionChecks("Search");
        checks.InRange(BeamSize, 1, 100);
        checks.InRange(NumberOfResults, 1, BeamSize);
        checks.Defined<LengthNormalization>(LengthNormalization);
        checks.NotNegative(LengthExponent);
        checks.NotNegative(CoveragePenalty);
        checks.InRange(MinimumLength, 0, 100_000);
        if (MaximumLength is { } most) checks.InRange(most, Math.Max(MinimumLength, 1), 100_000, nameof(MaximumLength));
    }

    /// <summary>The options that a model keeps.</summary>
    internal static BeamSearchOptions Create(SearchManifest saved) => new()
    {
        BeamSize = saved.BeamSize,
        NumberOfResults = saved.NumberOfResults,
        LengthNormalization = saved.LengthNormalization,
        LengthExponent = saved.LengthExponent,
        CoveragePenalty = saved.CoveragePenalty,
        MinimumLength = saved.MinimumLength,
        MaximumLength = saved.MaximumLength,
    };

    /// <summary>What a model keeps of these options.</summary>
    internal SearchManifest ToManifest() =>
        new(BeamSize, NumberOfResults, LengthNormalization, LengthExponent, CoveragePenalty, MinimumLength, MaximumLength);

    /// <summary>The most tokens for a source of so many.</summary>
    internal int MaximumFor(int source) => Math.Max(MaximumLength ?? 2 * source + 10, MinimumLength);
}
