using System.Text.RegularExpressions;

namespace Microsoft.ML.Recurrent.Architecture.Tests.Folders;

/// <summary>
/// The circles that docs/architecture.md names with a reason: below the heading <c>## Circles</c> one list item each, which begins with the folders in
/// backticks (<c>- `Hosting`, `Scoring`: the reason</c>).
/// </summary>
internal static partial class DocumentedCircles
{
    /// <summary>The folders of each.</summary>
    public static string[][] Read()
    {
        var lines = File.ReadAllLines(Path.Combine(SharedFolder.Repository, "docs", "architecture.md"));
        var section = lines.SkipWhile(line => line != "## Circles").Skip(1).TakeWhile(line => !line.StartsWith("## ", StringComparison.Ordinal));
        return [.. section.Select(line => Item().Match(line)).Where(match => match.Success)
            .Select(match => match.Groups["folder"].Captures.Select(capture => capture.Value).ToArray())];
    }

    [GeneratedRegex(@"^- `(?<folder>[^`]+)`(, `(?<folder>[^`]+)`)+: \S+")]
    private static partial Regex Item();
}
