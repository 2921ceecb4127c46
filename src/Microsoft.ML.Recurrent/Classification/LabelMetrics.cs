namespace Microsoft.ML.Recurrent;

/// <summary>The metrics of one label of a multi-label classification.</summary>
/// <param name="Name">The label's name, or its index.</param>
/// <param name="Labeled">Rows that have the label.</param>
/// <param name="Predicted">Rows of which it was predicted.</param>
/// <param name="Correct">Rows of which it was predicted and that have it.</param>
/// <param name="AreaUnderRocCurve">The area under the ROC curve of its probability, ties counting half; NaN if no row has it, or all have.</param>
public sealed record LabelMetrics(string Name, long Labeled, long Predicted, long Correct, double AreaUnderRocCurve)
{
    /// <summary>The share of the predictions that are correct; 0 if there is none.</summary>
    public double Precision => Predicted == 0 ? 0 : (double)Correct / Predicted;

    /// <summary>The share of the rows with the label of which it was predicted; 0 if there is none.</summary>
    public double Recall => Labeled == 0 ? 0 : (double)Correct / Labeled;

    /// <summary>The harmonic mean of <see cref="Precision"/> and <see cref="Recall"/>; 0 if both are.</summary>
    public double F1Score => Labeled + Predicted == 0 ? 0 : 2.0 * Correct / (Labeled + Predicted);
}
