using System.Text.Json.Nodes;

namespace Microsoft.ML.Recurrent.Workbench.Configuration;

/// <summary>The result of a search: its trials, best first, and the model.</summary>
public sealed class RunHistory
{
    private readonly JsonObject _node;

    internal RunHistory(JsonObject node) => _node = node;

    /// <summary>The name of the metric of the trials' scores.</summary>
    public string? MetricName
    {
        get => _node.Text("MetricName");
        set => _node["MetricName"] = value;
    }

    /// <summary>The file of the model.</summary>
    public string? ModelPath
    {
        get => _node.Text("ModelFilePath");
        set => _node["ModelFilePath"] = value;
    }

    /// <summary>The trials, best first.</summary>
    public IReadOnlyList<ConfigTrial> Trials
    {
        get => [.. _node.Objects("Trials").Select(static node => new ConfigTrial(node.Text("TrainerName") ?? "", node.Number("Score") ?? double.NaN,
            node.Number("RuntimeInSeconds") ?? 0))];
        set => _node["Trials"] = new JsonArray([.. value.Select(static trial => (JsonNode)trial.ToJson())]);
    }

    internal static JsonObject Create() => new() { ["Version"] = 3, ["Type"] = "Result", ["Trials"] = new JsonArray() };
}
