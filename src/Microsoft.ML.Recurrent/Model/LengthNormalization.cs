namespace Microsoft.ML.Recurrent;

/// <summary>
/// How beam search compares texts of different lengths. A log-probability falls with each token, so that without normalization short texts win. n is the number
/// of tokens of the text, the end token included, and alpha is <see cref="BeamSearchOptions.LengthExponent"/>. The same alpha is another beam in each form.
/// </summary>
public enum LengthNormalization
{
    /// <summary>The log-probability itself.</summary>
    None,

    /// <summary>The log-probability divided by n to the power of alpha: with alpha 1 the mean of a token.</summary>
    Average,

    /// <summary>The log-probability divided by ((5 + n) / 6) to the power of alpha (Wu et al. 2016).</summary>
    Gnmt,
}
