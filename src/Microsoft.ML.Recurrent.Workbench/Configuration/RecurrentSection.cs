using System.Text.Json.Nodes;

namespace Microsoft.ML.Recurrent.Workbench.Configuration;

/// <summary>Options of this project in a configuration, which Model Builder does not know and keeps.</summary>
public sealed class RecurrentSection
{
    internal const string Key = "MicrosoftMLRecurrent";

    private readonly JsonObject _root;

    internal RecurrentSection(JsonObject root) => _root = root;

    /// <summary>Whether the file has this section.</summary>
    public bool Exists => Known is not null;

    // Read without a trace: the section is added with its first option.
    private JsonObject? Known => _root[Key] as JsonObject;

    /// <summary>Columns by which rows are series.</summary>
    public IReadOnlyList<string> SeriesColumns
    {
        get => Texts("SeriesColumns");
        set => Set("SeriesColumns", value);
    }

    /// <summary>Columns that are known in advance.</summary>
    public IReadOnlyList<string> FutureColumns
    {
        get => Texts("FutureColumns");
        set => Set("FutureColumns", value);
    }

    /// <summary>Columns that are known up to now.</summary>
    public IReadOnlyList<string> PastColumns
    {
        get => Texts("PastColumns");
        set => Set("PastColumns", value);
    }

    /// <summary>Columns that are constant within a series.</summary>
    public IReadOnlyList<string> StaticColumns
    {
        get => Texts("StaticColumns");
        set => Set("StaticColumns", value);
    }

    /// <summary>The kinds of the columns of the table, in the order of the configuration's columns.</summary>
    public IReadOnlyList<string> ColumnKinds
    {
        get => Texts("ColumnKinds");
        set => Set("ColumnKinds", value);
    }

    /// <summary>A further option by its name; null if it is absent.</summary>
    public string? this[string name]
    {
        get => Known.Text(name);
        set => _root.Child(Key)[name] = value;
    }

    private string[] Texts(string key) => Known?[key] is JsonArray array ? [.. array.OfType<JsonValue>().Select(static value => value.GetValue<string>())] : [];

    private void Set(string key, IReadOnlyList<string> values)
    {
        if (values.Count == 0) Known?.Remove(key);
        else _root.Child(Key)[key] = new JsonArray([.. values.Select(static value => (JsonNode)JsonValue.Create(value))]);
    }
}
