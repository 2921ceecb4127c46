namespace Microsoft.ML.Recurrent.Layers;

/// <summary>The shape of what goes from layer to layer.</summary>
/// <param name="Sequence">Whether there is a vector for each time step ([time, rows, features]), or one for each row ([rows, features]).</param>
/// <param name="Features">Length of a vector; of tokens that no embedding has met yet, 0.</param>
/// <param name="Time">Steps, or null where they vary or there are none.</param>
internal readonly record struct LayerShape(bool Sequence, int Features, int? Time = null)
{
    /// <summary>Size of the vocabulary where the vectors are still tokens, else 0.</summary>
    public int Vocabulary { get; init; }

    /// <summary>The first feature of the reverse direction of a bidirectional layer; <see cref="Features"/> where there is none.</summary>
    public int ReverseFrom
    {
        get => field == 0 ? Features : field;
        init;
    }

    /// <summary>
    /// Whether the last states are merged ones of two directions, so that no step of the sequence holds them: what keeps the states as they are at inference
    /// has to carry the last ones along.
    /// </summary>
    public bool MergesLast { get; init; }

    /// <summary>As Keras writes it: rows (None), steps (None where they vary), features.</summary>
    public override string ToString()
    {
        var time = Time?.ToString() ?? "None";
        return !Sequence ? $"(None, {Features})" : Vocabulary > 0 ? $"(None, {time})" : $"(None, {time}, {Features})";
    }
}
