using Microsoft.ML.Recurrent.Embeddings;

namespace Microsoft.ML.Recurrent;

/// <summary>
/// Pre-trained word vectors in a text file, from which the embedding of a trainer starts
/// (<see cref="InitializationOptions.WordVectors"/>). The file is read when a trainer is fitted, and only the vectors of its tokens are kept.
/// </summary>
public sealed class WordVectors
{
    private WordVectors(string path, bool ignoreCase, int size, long? count) => (FilePath, IgnoreCase, Size, Count) = (path, ignoreCase, size, count);

    /// <summary>The file.</summary>
    public string FilePath { get; }

    /// <summary>Whether a token that the file lacks is looked up in lower case.</summary>
    public bool IgnoreCase { get; }

    /// <summary>Numbers per vector.</summary>
    public int Size { get; }

    /// <summary>Number of vectors by the header of the file; null without a header.</summary>
    public long? Count { get; }

    internal static WordVectors Open(string path, bool ignoreCase)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        if (!File.Exists(path)) throw new FileNotFoundException($"The file of word vectors '{path}' does not exist.", path);
        using var reader = new WordVectorReader(path, null);
        return new(path, ignoreCase, reader.Size, reader.Count);
    }

    /// <summary>Copies the vectors of the known tokens into rows of a table; returns whether each token was found.</summary>
    /// <param name="tokens">The tokens, by row.</param>
    /// <param name="rowOf">Receives the row and its vector.</param>
    /// <param name="cancellation">Stops reading.</param>
    /// <exception cref="FormatException">A line is malformed, or the file ends early; the message has file and line.</exception>
    internal bool[] Read(IReadOnlyList<string> tokens, Action<int, ReadOnlySpan<float>> rowOf, CancellationToken cancellation)
    {
        var (exact, lower, found) = (new Dictionary<string, int>(StringComparer.Ordinal), new Dictionary<string, List<int>>(StringComparer.Ordinal),
            new bool[tokens.Count]);
        var byLower = new bool[tokens.Count];
        for (var i = 0; i < tokens.Count; i++)
        {
            exact.TryAdd(tokens[i], i);
            var key = tokens[i].ToLowerInvariant();
            if (!IgnoreCase || key == tokens[i]) continue;
            if (!lower.TryGetValue(key, out var rows)) lower.Add(key, rows = []);
            rows.Add(i);
        }
        var (byWord, byLowered) = (exact.GetAlternateLookup<ReadOnlySpan<char>>(), lower.GetAlternateLookup<ReadOnlySpan<char>>());
        using var reader = new WordVectorReader(FilePath, Size);
        while (reader.Next())
        {
            cancellation.ThrowIfCancellationRequested();
            // Of a word that the file holds twice, the first vector.
            if (byWord.TryGetValue(reader.Word, out var row) && (!found[row] || byLower[row])) Found(row, isLower: false);
            if (!byLowered.TryGetValue(reader.Word, out var others)) continue;
            foreach (var other in others)
                if (!found[other]) Found(other, isLower: true);
        }
        return found;

        void Found(int row, bool isLower)
        {
            rowOf(row, reader.ReadVector());
            (found[row], byLower[row]) = (true, isLower);
        }
    }
}
