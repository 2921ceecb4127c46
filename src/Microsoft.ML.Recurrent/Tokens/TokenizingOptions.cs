namespace Microsoft.ML.Recurrent.Tokens;

/// <summary>How a text becomes tokens.</summary>
/// <param name="LowerCase">Whether it is lower-cased first, by the rules of the invariant culture.</param>
/// <param name="MaximumLength">The most tokens of a row; null for no limit.</param>
/// <param name="Side">The side that is cut.</param>
internal sealed record TokenizingOptions(bool LowerCase, int? MaximumLength, TruncationSide Side);
