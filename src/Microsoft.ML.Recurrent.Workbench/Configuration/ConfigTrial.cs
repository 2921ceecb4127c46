using System.Text.Json.Nodes;

namespace Microsoft.ML.Recurrent.Workbench.Configuration;

/// <summary>A trial of a search.</summary>
/// <param name="TrainerName">The trainer.</param>
/// <param name="Score">Its score by the metric of the run; not a number if it failed.</param>
/// <param name="Seconds">Its duration.</param>
public sealed record ConfigTrial(string TrainerName, double Score, double Seconds)
{
    /// <summary>Options of the trainer by name, as text; empty in trials that are read.</summary>
    public IReadOnlyDictionary<string, string> Parameters { get; init; } = new Dictionary<string, string>();

    internal JsonObject ToJson() => new()
    {
        ["Version"] = 1,
        ["Type"] = "Trial",
        ["TrainerName"] = TrainerName,
        ["Score"] = JsonValues.FromNumber(Score),
        ["RuntimeInSeconds"] = Seconds,
        ["Parameter"] = new JsonObject(Parameters.Select(static option => KeyValuePair.Create(option.Key, (JsonNode?)JsonValue.Create(option.Value)))),
    };
}
