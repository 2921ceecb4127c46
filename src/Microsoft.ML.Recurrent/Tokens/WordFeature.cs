namespace Microsoft.ML.Recurrent;

/// <summary>What <see cref="WordFeatureTransformer"/> makes of each word.</summary>
public enum WordFeature
{
    /// <summary>
    /// The kinds of its characters: <c>X</c> for a capital, <c>x</c> for another letter, <c>d</c> for a digit, other characters as they are; long runs of one
    /// kind are shortened. <c>iPhone7</c> becomes <c>xXxxd</c>.
    /// </summary>
    Shape,

    /// <summary>Its first characters.</summary>
    Prefix,

    /// <summary>Its last characters.</summary>
    Suffix,

    /// <summary>The word with each of its digits as <c>0</c>, so that all years are one word, and all times of a length (Mesnil et al. 2013).</summary>
    MaskedDigits,
}
