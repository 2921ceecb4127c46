namespace Microsoft.ML.Recurrent.Networks;

/// <summary>
/// The n-grams of a row and their places in a table. A row is its symbols with a mark at either end: the codes of its tokens plus <see cref="FirstCode"/>, and
/// <see cref="Boundary"/>. The hash of an n-gram is a polynomial of its symbols, h = (h x <see cref="Multiplier"/> + symbol) mod <see cref="Prime"/>, which
/// 64 bits hold; its place is 1 + h mod (rows - 1). The first row of the table is that of no n-gram.
/// </summary>
internal static class NgramHash
{
    /// <summary>2^31 - 1.</summary>
    public const long Prime = int.MaxValue;

    /// <summary>The multiplier; less than 2^31.</summary>
    public const long Multiplier = 1_103_515_245;

    /// <summary>The symbol before the first token and after the last.</summary>
    public const int Boundary = 1;

    /// <summary>The symbol of code 0.</summary>
    public const int FirstCode = 2;

    /// <summary>The number of n-grams of a row.</summary>
    /// <param name="steps">Tokens of the row.</param>
    /// <param name="length">The most symbols of an n-gram.</param>
    public static int Count(int steps, int length)
    {
        var count = 0;
        for (var n = 1; n <= length; n++) count += Math.Max(0, steps + 3 - n);
        return count;
    }

    /// <summary>Writes the places of all n-grams: those that begin at the first symbol by length, then those of the next.</summary>
    /// <param name="symbols">The symbols of the row, with both marks.</param>
    /// <param name="length">The most symbols of an n-gram.</param>
    /// <param name="rows">Rows of the table, at least 2.</param>
    /// <param name="places">Takes <see cref="Count"/> places.</param>
    public static void Write(ReadOnlySpan<int> symbols, int length, int rows, Span<int> places)
    {
        var at = 0;
        for (var start = 0; start < symbols.Length; start++)
        {
            long hash = 0;
            for (var end = start; end < symbols.Length && end < start + length; end++)
            {
                hash = (hash * Multiplier + symbols[end]) % Prime;
                places[at++] = (int)(1 + hash % (rows - 1));
            }
        }
    }
}
