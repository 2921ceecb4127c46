using System.Numerics;
using Microsoft.ML.Recurrent.Networks;

namespace Microsoft.ML.Recurrent.Data;

/// <summary>The letters of the tokens of a row, token by token, each padded with 0 to the same number of ids.</summary>
internal static class LetterRows
{
    /// <summary>The letters of the longest token, at least 1.</summary>
    /// <param name="letters">The ids.</param>
    /// <param name="width">Ids of a token.</param>
    public static int Longest<TId>(ReadOnlySpan<TId> letters, int width)
        where TId : unmanaged, INumberBase<TId>
    {
        var longest = 1;
        for (var start = 0; start < letters.Length; start += width) longest = Math.Max(longest, LengthOf(letters.Slice(start, width)));
        return longest;
    }

    /// <summary>Writes them to a row of a batch, where the order is letter first, then step, then row.</summary>
    public static void Write<TId>(SequenceBatch batch, int row, ReadOnlySpan<TId> letters, int width)
        where TId : unmanaged, INumberBase<TId>
    {
        var words = batch.Time * batch.Rows;
        for (int start = 0, word = row; start < letters.Length; start += width, word += batch.Rows)
        {
            var count = LengthOf(letters.Slice(start, width));
            batch.LetterLengths![word] = Math.Max(1, count);
            for (var i = 0; i < count; i++) batch.Letters![i * words + word] = int.CreateTruncating(letters[start + i]);
        }
    }

    private static int LengthOf<TId>(ReadOnlySpan<TId> word)
        where TId : unmanaged, INumberBase<TId> =>
        word.IndexOf(TId.Zero) is >= 0 and var end ? end : word.Length;
}
