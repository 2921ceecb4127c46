using System.Text.Json.Nodes;

namespace Microsoft.ML.Recurrent.Workbench.Configuration;

/// <summary>A column of a table in a configuration.</summary>
/// <param name="Name">Its name; <c>col0</c>, <c>col1</c> in tables without a header.</param>
/// <param name="Purpose">What it serves for: Feature, Label, Ignore or Text. In forecasting the time and the label are features, too.</param>
/// <param name="DataFormat">The kind of its values: String, Single or Boolean.</param>
/// <param name="IsCategorical">Whether its values are categories.</param>
public sealed record ConfigColumn(string Name, string Purpose, string DataFormat, bool IsCategorical)
{
    private const int Version = 5;

    internal JsonObject ToJson() => new()
    {
        ["ColumnName"] = Name,
        ["ColumnPurpose"] = Purpose,
        ["ColumnDataFormat"] = DataFormat,
        ["IsCategorical"] = IsCategorical,
        ["Type"] = "Column",
        ["Version"] = Version,
    };
}
