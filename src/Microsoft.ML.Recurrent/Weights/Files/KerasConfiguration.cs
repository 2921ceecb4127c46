using System.Text.Json;
using System.Text.RegularExpressions;

namespace Microsoft.ML.Recurrent.Weights.Files;

/// <summary>A layer of a Keras configuration.</summary>
/// <param name="Class">The class: LSTM, Dense and so on; of a wrapper, that of the layer inside.</param>
/// <param name="Path">The path of its group in the file of weights.</param>
/// <param name="Settings">Its configuration.</param>
internal sealed record KerasLayer(string Class, string Path, JsonElement Settings)
{
    /// <summary>A text of the configuration; null if it is absent.</summary>
    public string? Text(string name) => Find(name) is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;

    /// <summary>A number of the configuration; null if it is absent.</summary>
    public double? Number(string name) => Find(name) is { ValueKind: JsonValueKind.Number } number ? number.GetDouble() : null;

    /// <summary>Whether a switch of the configuration is on.</summary>
    public bool Is(string name) => Find(name) is { ValueKind: JsonValueKind.True };

    private JsonElement? Find(string name) => Settings.ValueKind is JsonValueKind.Object && Settings.TryGetProperty(name, out var value) ? value : null;
}

/// <summary>The layers of a Keras model in their order, from the configuration that a saved model has.</summary>
internal sealed record KerasConfiguration(IReadOnlyList<KerasLayer> Layers)
{
    private static readonly Regex s_words = new("(.)([A-Z][a-z]+)", RegexOptions.CultureInvariant);
    private static readonly Regex s_humps = new("([a-z])([A-Z])", RegexOptions.CultureInvariant);

    // Models inside models.
    private const int DepthLimit = 8;

    /// <summary>Reads the configuration of a model.</summary>
    /// <param name="json">The configuration.</param>
    /// <param name="byName">Whether groups of weights have the names of the layers, as in files of Keras 2; otherwise those of their classes, counted.</param>
    /// <exception cref="JsonException">The text is not JSON.</exception>
    public static KerasConfiguration Read(ReadOnlyMemory<byte> json, bool byName)
    {
        using var document = JsonDocument.Parse(json, new() { MaxDepth = 64 });
        var layers = new List<KerasLayer>();
        Collect(document.RootElement, "", byName, layers, 0);
        return new(layers);
    }

    private static void Collect(JsonElement model, string folder, bool byName, List<KerasLayer> layers, int depth)
    {
        if (depth > DepthLimit || Property(Property(model, "config"), "layers") is not { ValueKind: JsonValueKind.Array } list) return;
        var counts = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var layer in list.EnumerateArray())
        {
            if (Property(layer, "class_name") is not { ValueKind: JsonValueKind.String } name || Property(layer, "config") is not { } settings) continue;
            var group = SnakeCase(name.GetString()!);
            var count = counts[group] = counts.GetValueOrDefault(group, -1) + 1;
            if (count > 0) group += $"_{count}";
            var path = byName ? Property(settings, "name") is { ValueKind: JsonValueKind.String } own ? own.GetString()! : group : $"{folder}layers/{group}";
            var inside = Property(settings, "layer") is { ValueKind: JsonValueKind.Object } wrapped ? wrapped : layer;
            layers.Add(new(Property(inside, "class_name") is { ValueKind: JsonValueKind.String } kind ? kind.GetString()! : "", path,
                Property(inside, "config") is { } own2 ? own2.Clone() : default));
            Collect(layer, path + "/", byName, layers, depth + 1);
        }
    }

    private static JsonElement? Property(JsonElement? element, string name) =>
        element is { ValueKind: JsonValueKind.Object } some && some.TryGetProperty(name, out var value) ? value : null;

    // As Keras names the groups.
    private static string SnakeCase(string name) => s_humps.Replace(s_words.Replace(name, "$1_$2"), "$1_$2").ToLowerInvariant();
}
