using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Microsoft.ML.Recurrent.Tests.Tokens;

/// <summary>Learns a small byte-level byte-pair encoding (Sennrich et al. 2016) and writes its files as GPT-2 has them.</summary>
internal static class ByteLevelBpe
{
    public static (string Vocabulary, string Merges) Write(TokenFiles files, IEnumerable<string> texts, int merges)
    {
        var words = texts.SelectMany(text => Regex.Matches(text, @" ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+"))
            .GroupBy(match => match.Value).Select(group => (Pieces: Bytes(group.Key), Count: group.Count())).ToList();
        List<string> pieces = [.. Enumerable.Range(0, 256).Select(value => Character((byte)value).ToString())], pairs = [];
        for (var merge = 0; merge < merges; merge++)
        {
            var counts = new Dictionary<(string, string), int>();
            foreach (var (own, count) in words)
                for (var i = 1; i < own.Count; i++) counts[(own[i - 1], own[i])] = counts.GetValueOrDefault((own[i - 1], own[i])) + count;
            if (counts.Count == 0) break;
            var (first, second) = counts.OrderByDescending(pair => pair.Value).ThenBy(pair => pair.Key.Item1 + pair.Key.Item2, StringComparer.Ordinal)
                .First().Key;
            pairs.Add($"{first} {second}");
            pieces.Add(first + second);
            foreach (var (own, _) in words)
            {
                for (var i = 1; i < own.Count; i++)
                {
                    if (own[i - 1] != first || own[i] != second) continue;
                    own[i - 1] += second;
                    own.RemoveAt(i);
                }
            }
        }
        var ids = pieces.Select((piece, id) => (piece, id)).ToDictionary(pair => pair.piece, pair => pair.id);
        return (files.Write("vocab.json", JsonSerializer.Serialize(ids)),
            files.Write("merges.txt", "#version: 0.2\n" + string.Join('\n', pairs) + "\n"));
    }

    /// <summary>The characters that stand for the bytes of a text.</summary>
    public static List<string> Bytes(string text) => [.. Encoding.UTF8.GetBytes(text).Select(value => Character(value).ToString())];

    // Those that are not printable are numbered from U+0100 on.
    private static char Character(byte value)
    {
        static bool IsPrintable(int value) => value is (>= 33 and <= 126) or (>= 161 and <= 172) or (>= 174 and <= 255);
        return IsPrintable(value) ? (char)value : (char)(256 + Enumerable.Range(0, value).Count(other => !IsPrintable(other)));
    }
}
