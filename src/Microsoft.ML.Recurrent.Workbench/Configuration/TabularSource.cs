using System.Text.Json.Nodes;

namespace Microsoft.ML.Recurrent.Workbench.Configuration;

/// <summary>A table in a text file, as the data of a training.</summary>
public sealed class TabularSource
{
    internal const string TypeName = "TabularFile";

    private readonly JsonObject _node;

    internal TabularSource(JsonObject node) => _node = node;

    /// <summary>The path as the file has it; relative to the configuration's folder in those written here, absolute in Model Builder's.</summary>
    public string Path
    {
        get => _node.Text("FilePath") ?? "";
        set => _node["FilePath"] = value;
    }

    /// <summary>The separator of columns. Default: a comma.</summary>
    public string Delimiter
    {
        get => _node.Text("Delimiter") ?? ",";
        set => _node["Delimiter"] = value;
    }

    /// <summary>The decimal marker of numbers. Default: a point.</summary>
    public string DecimalMarker
    {
        get => _node.Text("DecimalMarker") ?? ".";
        set => _node["DecimalMarker"] = value;
    }

    /// <summary>Whether the first line has the names of the columns. Default: true.</summary>
    public bool HasHeader
    {
        get => _node.Bool("HasHeader") ?? true;
        set => _node["HasHeader"] = value;
    }

    /// <summary>Whether quotes around a value are no part of it. Default: false.</summary>
    public bool AllowQuoting
    {
        get => _node.Bool("AllowQuoting") ?? false;
        set => _node["AllowQuoting"] = value;
    }

    /// <summary>The columns, in the order of the file.</summary>
    public IReadOnlyList<ConfigColumn> Columns
    {
        get => [.. _node.Objects("ColumnProperties")
            .Select(static node => new ConfigColumn(node.Text("ColumnName") ?? "", node.Text("ColumnPurpose") ?? "Feature",
            node.Text("ColumnDataFormat") ?? "String", node.Bool("IsCategorical") ?? false))];
        set => _node["ColumnProperties"] = new JsonArray([.. value.Select(static column => (JsonNode)column.ToJson())]);
    }

    /// <summary>The file of the data: at its path, or beside the configuration by its name where the path does not exist.</summary>
    /// <param name="configPath">The file of the configuration.</param>
    /// <returns>A full path; that of the configuration itself where neither exists.</returns>
    public string Find(string configPath)
    {
        var folder = System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(configPath))!;
        // Paths of Windows are read on other systems, too.
        var given = OperatingSystem.IsWindows() ? Path : Path.Replace('\\', '/');
        var direct = System.IO.Path.GetFullPath(given, folder);
        if (File.Exists(direct)) return direct;
        var beside = System.IO.Path.Combine(folder, given[(given.LastIndexOf('/') + 1)..]);
        return File.Exists(beside) ? beside : direct;
    }

    internal static JsonObject Create() => new()
    {
        ["Version"] = 3,
        ["EscapeCharacter"] = "\"",
        ["ReadMultiLines"] = false,
        ["KeepDiacritics"] = false,
        ["KeepPunctuations"] = false,
        ["AllowQuoting"] = false,
        ["Type"] = TypeName,
        ["FilePath"] = "",
        ["Delimiter"] = ",",
        ["DecimalMarker"] = ".",
        ["HasHeader"] = true,
        ["ColumnProperties"] = new JsonArray(),
    };
}
