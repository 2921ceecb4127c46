namespace Microsoft.ML.Recurrent.Benchmarks;

/// <summary>A part of a documentation page that a benchmark writes: what lies between <c>&lt;!-- NAME --&gt;</c> and <c>&lt;!-- /NAME --&gt;</c>.</summary>
internal static class MarkedSection
{
    /// <summary>Replaces the part's text; the rest of the page stays as it is.</summary>
    /// <exception cref="InvalidDataException">The page has no such part.</exception>
    public static void Replace(string path, string name, string text)
    {
        string page = File.ReadAllText(path), begin = $"<!-- {name} -->\n", end = $"<!-- /{name} -->";
        int from = page.IndexOf(begin, StringComparison.Ordinal) + begin.Length, to = page.IndexOf(end, StringComparison.Ordinal);
        if (from < begin.Length || to < from)
            throw new InvalidDataException($"'{path}' has no lines '{begin.TrimEnd()}' and '{end}' for the figures to stand between.");
        File.WriteAllText(path, page[..from] + text.ReplaceLineEndings("\n").TrimEnd('\n') + "\n" + page[to..]);
    }

    /// <summary>A table in Markdown.</summary>
    public static string Table(IReadOnlyList<string> header, IEnumerable<IReadOnlyList<string>> rows) =>
        string.Join('\n', [Row(header), "|" + string.Concat(header.Select((_, i) => i == 0 ? " --- |" : " ---: |")), .. rows.Select(Row)]) + "\n";

    private static string Row(IReadOnlyList<string> cells) => $"| {string.Join(" | ", cells)} |";
}
