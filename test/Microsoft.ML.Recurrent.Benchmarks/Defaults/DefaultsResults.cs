using System.Text.Json;

namespace Microsoft.ML.Recurrent.Benchmarks.Defaults;

/// <summary>Results in a file: JSON lines that only grow while they are measured, or one list.</summary>
internal static class DefaultsResults
{
    /// <summary>The names and forms of the files.</summary>
    public static JsonSerializerOptions Format { get; } = new(JsonSerializerOptions.Web);

    /// <summary>What a file holds; nothing where there is none.</summary>
    public static List<SelectionResult> Read(string path)
    {
        if (!File.Exists(path)) return [];
        var text = File.ReadAllText(path);
        return text.StartsWith('[')
            ? JsonSerializer.Deserialize<List<SelectionResult>>(text, Format)!
            : [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonSerializer.Deserialize<SelectionResult>(line, Format)!)];
    }

    public static void Append(string path, SelectionResult result) => File.AppendAllText(path, JsonSerializer.Serialize(result, Format) + "\n");
}
