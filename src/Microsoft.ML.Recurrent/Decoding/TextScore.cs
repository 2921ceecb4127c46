namespace Microsoft.ML.Recurrent.Decoding;

/// <summary>Ranks texts of different lengths.</summary>
internal readonly struct TextScore(BeamSearchOptions options)
{
    private readonly LengthNormalization _normalization = options.LengthNormalization;
    private readonly double _exponent = options.LengthExponent, _coverage = options.CoveragePenalty;

    /// <summary>The score of a finished text.</summary>
    /// <param name="logProbability">The sum of the log-probabilities.</param>
    /// <param name="length">Tokens, the end token included.</param>
    /// <param name="attention">The attention of each token.</param>
    /// <param name="source">Steps of the source.</param>
    public double Rank(double logProbability, int length, IEnumerable<float[]> attention, int source)
    {
        var score = Normalized(logProbability, length);
        if (_coverage == 0) return score;
        var sums = new double[source];
        foreach (var weights in attention)
            for (var i = 0; i < source && i < weights.Length; i++) sums[i] += weights[i];
        // A token that got nothing at all would make all texts equal.
        return score + _coverage * sums.Sum(sum => Math.Log(Math.Clamp(sum, 1e-10, 1)));
    }

    /// <summary>The best score that an unfinished text can reach: no token adds to the log-probability, and no penalty is positive.</summary>
    public double Bound(double logProbability, int mostTokens) => Normalized(logProbability, mostTokens);

    private double Normalized(double logProbability, int length) => _normalization switch
    {
        LengthNormalization.Average => logProbability / Math.Pow(length, _exponent),
        LengthNormalization.Gnmt => logProbability / Math.Pow((5 + length) / 6.0, _exponent),
        _ => logProbability,
    };
}
