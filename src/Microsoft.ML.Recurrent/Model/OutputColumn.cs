namespace Microsoft.ML.Recurrent.Model;

/// <summary>One output of the graph.</summary>
internal sealed record OutputColumn(string Name, OutputKind Kind, int Size = 1)
{
    /// <summary>Whether there is an answer for each step: [batch, time, Size] instead of [batch, Size].</summary>
    public bool PerStep { get; init; }

    /// <summary>Where the answer is one for each of a fixed number of steps, that number (Size counts all its numbers); else 0.</summary>
    public int Steps { get; init; }
}
