namespace Microsoft.ML.Recurrent;

/// <summary>How well entities of one type, or of all types, were found. An entity is correct if its first step, its last one and its type are.</summary>
/// <param name="Type">The type; null for all types together.</param>
/// <param name="Labeled">Entities of the labels.</param>
/// <param name="Predicted">Entities of the predictions.</param>
/// <param name="Correct">Correctly predicted entities.</param>
public sealed record EntityMetrics(string? Type, long Labeled, long Predicted, long Correct)
{
    /// <summary>The share of the predicted entities that are correct; 0 if none was predicted.</summary>
    public double Precision => Predicted == 0 ? 0 : (double)Correct / Predicted;

    /// <summary>The share of the labeled entities that were predicted; 0 if there is none.</summary>
    public double Recall => Labeled == 0 ? 0 : (double)Correct / Labeled;

    /// <summary>The harmonic mean of <see cref="Precision"/> and <see cref="Recall"/>; 0 if both are.</summary>
    public double F1Score => Labeled + Predicted == 0 ? 0 : 2.0 * Correct / (Labeled + Predicted);
}
