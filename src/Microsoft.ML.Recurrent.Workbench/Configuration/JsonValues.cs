using System.Text.Json;
using System.Text.Json.Nodes;

namespace Microsoft.ML.Recurrent.Workbench.Configuration;

/// <summary>Values of JSON objects by key; null where the key is absent, null or of another kind.</summary>
internal static class JsonValues
{
    public static string? Text(this JsonObject? node, string key) => node?[key] is JsonValue value && value.TryGetValue(out string? text) ? text : null;

    public static bool? Bool(this JsonObject? node, string key) => node?[key] is JsonValue value && value.TryGetValue(out bool flag) ? flag : null;

    public static int? Int(this JsonObject? node, string key) => node.Number(key) is { } number and >= int.MinValue and <= int.MaxValue ? (int)number : null;

    /// <summary>A number; not a number where the text says so, as JSON has no other way.</summary>
    public static double? Number(this JsonObject? node, string key) => node?[key] is not JsonValue value ? null
        : value.TryGetValue(out double number) ? number
        : value.TryGetValue(out int whole) ? whole
        : value.GetValueKind() == JsonValueKind.String && value.GetValue<string>() == "NaN" ? double.NaN
        : null;

    /// <summary>A number, or the text NaN.</summary>
    public static JsonNode FromNumber(double number) => double.IsFinite(number) ? JsonValue.Create(number) : JsonValue.Create("NaN");

    /// <summary>The object at a key; it is added at the end if it is absent.</summary>
    public static JsonObject Child(this JsonObject node, string key)
    {
        if (node[key] is JsonObject child) return child;
        child = [];
        node[key] = child;
        return child;
    }

    /// <summary>The objects of an array; none if it is absent.</summary>
    public static IEnumerable<JsonObject> Objects(this JsonObject? node, string key) => node?[key] is JsonArray array ? array.OfType<JsonObject>() : [];

    /// <summary>Sets a value: in its place where the key is known, else before another key, or at the end.</summary>
    public static void Insert(this JsonObject node, string key, JsonNode value, string before)
    {
        if (node.ContainsKey(key) || node.IndexOf(before) is not (>= 0 and var index)) node[key] = value;
        else node.Insert(index, key, value);
    }
}
