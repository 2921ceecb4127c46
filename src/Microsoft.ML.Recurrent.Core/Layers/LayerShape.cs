namespace Microsoft.ML.Recurrent.Layers;

/// <summary>The shape of data between layers.</summary>
/// <param name="Sequence">Whether there is a vector per time step ([time, rows, features]) or one per row ([rows, features]).</param>
/// <param name="Features">Length of a vector; 0 for tokens that are not embedded yet.</param>
/// <param name="Time">Steps; null if they vary or there are none.</param>
internal readonly record struct LayerShape(bool Sequence, int Features, int? Time = null)
{
    /// <summary>Size of the vocabulary for tokens, otherwise 0.</summary>
    public int Vocabulary { get; init; }

    /// <summary>The first feature of the reverse direction of a bidirectional layer; <see cref="Features"/> if there is none.</summary>
    public int ReverseFrom
    {
        get => field == 0 ? Features : field;
        init;
    }

    /// <summary>
    /// Whether the last states are merged from two directions. No step of the sequence then holds them, so a layer that is the identity in inference must pass
    /// them on.
    /// </summary>
    public bool MergesLast { get; init; }

    /// <summary>In Keras notation: rows (None), steps (None if they vary), features.</summary>
    public override string ToString()
    {
        var time = Time?.ToString() ?? "None";
        return !Sequence ? $"(None, {Features})" : Vocabulary > 0 ? $"(None, {time})" : $"(None, {time}, {Features})";
    }
}
