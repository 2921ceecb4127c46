using System.Text;

namespace Microsoft.ML.Recurrent.Benchmarks;

/// <summary>The parts of a documentation page that benchmarks write: what lies between the lines "&lt;!-- NAME --&gt;" and "&lt;!-- /NAME --&gt;".</summary>
internal static class MarkdownBlock
{
    /// <summary>Replaces a part of a page.</summary>
    /// <exception cref="InvalidDataException">The page has no such part; it is left as it is.</exception>
    public static void Replace(string file, string name, string text)
    {
        string page = File.ReadAllText(file), opening = $"<!-- {name} -->\n", closing = $"<!-- /{name} -->";
        int start = page.IndexOf(opening, StringComparison.Ordinal), end = start < 0 ? -1 : page.IndexOf(closing, start, StringComparison.Ordinal);
        if (end < 0)
            throw new InvalidDataException($"{file} has no lines {opening.Trim()} and {closing} between which to write.");
        File.WriteAllText(file, page[..(start + opening.Length)] + text.TrimEnd() + "\n" + page[end..]);
    }

    /// <summary>A table: its first row holds the headings.</summary>
    public static string Table(IEnumerable<IEnumerable<string>> rows)
    {
        var table = new StringBuilder();
        foreach ((int index, IEnumerable<string> row) in rows.Index())
        {
            string[] cells = [.. row];
            table.Append("| ").AppendJoin(" | ", cells).Append(" |\n");
            if (index == 0)
                table.Append('|').Insert(table.Length, "---|", cells.Length).Append('\n');
        }
        return table.ToString();
    }
}
