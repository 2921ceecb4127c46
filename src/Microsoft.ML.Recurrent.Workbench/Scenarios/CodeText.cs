namespace Microsoft.ML.Recurrent.Workbench.Scenarios;

/// <summary>Values as expressions of C#.</summary>
internal static class CodeText
{
    /// <summary>A text as a literal on one line.</summary>
    public static string Literal(string? value) => value is null ? "null" : Code.Literals.Text(value);

    /// <summary>Texts as a collection.</summary>
    public static string Literals(IEnumerable<string> values) => $"[{string.Join(", ", values.Select(Literal))}]";

    /// <summary>A number that reads back as it is.</summary>
    public static string Literal(double value) => Code.Literals.Number(value);
}
