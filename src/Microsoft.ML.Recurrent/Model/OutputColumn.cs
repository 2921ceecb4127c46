using System.Text.Json.Serialization;

namespace Microsoft.ML.Recurrent.Model;

/// <summary>One output of the graph.</summary>
internal sealed record OutputColumn(string Name, OutputKind Kind, int Size = 1)
{
    /// <summary>Whether there is an output per step: [batch, time, Size] instead of [batch, Size].</summary>
    public bool PerStep { get; init; }

    /// <summary>Whether the column is a vector even if it has one number.</summary>
    public bool IsVector { get; init; }

    /// <summary>Whether each row has a number of values of its own, which no graph writes.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Varies { get; init; }

    /// <summary>For an output of a foreign graph: whether the column is one value instead of a vector of one.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool IsScalar { get; init; }

    /// <summary>For an output of a foreign graph that was exported by this library: its name in the file.</summary>
    public string? Answer { get; init; }

    /// <summary>For an output per step with a fixed number of steps: that number (Size counts all values); otherwise 0.</summary>
    public int Steps { get; init; }
}
