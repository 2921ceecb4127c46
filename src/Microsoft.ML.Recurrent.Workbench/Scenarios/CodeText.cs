using System.Globalization;

namespace Microsoft.ML.Recurrent.Workbench.Scenarios;

/// <summary>Values as expressions of C#.</summary>
internal static class CodeText
{
    /// <summary>A text as a verbatim literal, which holds any character.</summary>
    public static string Literal(string? value) => value is null ? "null" : $"@\"{value.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    /// <summary>Texts as a collection.</summary>
    public static string Literals(IEnumerable<string> values) => $"[{string.Join(", ", values.Select(Literal))}]";

    /// <summary>A number that reads back as it is.</summary>
    public static string Literal(double value) => value.ToString("R", CultureInfo.InvariantCulture);
}
