namespace Microsoft.ML.Recurrent.Networks;

/// <summary>A linear path over hashed n-grams of the tokens of a row, beside the layers (<see cref="NgramPath"/>).</summary>
/// <param name="Length">The most tokens of an n-gram, at least 1; shorter ones count too.</param>
/// <param name="Bits">The table has 2^Bits rows.</param>
internal sealed record NgramsDescription(int Length, int Bits);
