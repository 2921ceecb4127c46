using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace Microsoft.ML.Recurrent;

/// <summary>Metrics of a multi-label classification. Labels that are not known (NaN) are left out.</summary>
public sealed class MultiLabelMetrics
{
    internal MultiLabelMetrics(long rows, long exact, long wrong, long known, ImmutableArray<LabelMetrics> labels)
    {
        (Rows, Labels) = (rows, labels);
        (SubsetAccuracy, HammingLoss) = (rows == 0 ? double.NaN : (double)exact / rows, known == 0 ? double.NaN : (double)wrong / known);
        MicroF1Score = F1(labels.Sum(label => label.Correct), labels.Sum(label => label.Labeled + label.Predicted));
        double[] areas = [.. labels.Select(label => label.AreaUnderRocCurve).Where(area => !double.IsNaN(area))];
        MacroAreaUnderRocCurve = areas.Length == 0 ? double.NaN : areas.Average();
        LabelMetrics[] there = [.. labels.Where(label => label.Labeled + label.Predicted > 0)];
        MacroF1Score = there.Length == 0 ? 0 : there.Average(label => label.F1Score);

        static double F1(long correct, long all) => all == 0 ? 0 : 2.0 * correct / all;
    }

    /// <summary>The rows.</summary>
    public long Rows { get; }

    /// <summary>The metrics of each label.</summary>
    public ImmutableArray<LabelMetrics> Labels { get; }

    /// <summary>The share of the rows of which all labels are predicted rightly; NaN without rows.</summary>
    public double SubsetAccuracy { get; }

    /// <summary>The share of the labels, over all rows, that are predicted wrongly; NaN without any.</summary>
    public double HammingLoss { get; }

    /// <summary>The F1 score over all labels of all rows.</summary>
    public double MicroF1Score { get; }

    /// <summary>The mean of the F1 scores of the labels, without those that no row has and none was predicted.</summary>
    public double MacroF1Score { get; }

    /// <summary>The mean of the areas under the ROC curves of the labels that have one; NaN if none has.</summary>
    public double MacroAreaUnderRocCurve { get; }

    /// <summary>A table with a line per label.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture,
            $"{Rows} rows, micro F1 {MicroF1Score:F4}, macro F1 {MacroF1Score:F4}, subset accuracy {SubsetAccuracy:F4}, Hamming loss {HammingLoss:F4}, "
                + $"macro AUC {MacroAreaUnderRocCurve:F4}");
        foreach (var label in Labels)
        {
            text.Append('\n').Append(CultureInfo.InvariantCulture,
                $"{label.Name,-17} precision {label.Precision,6:F4}  recall {label.Recall,6:F4}  F1 {label.F1Score,6:F4}  AUC "
                    + $"{label.AreaUnderRocCurve,6:F4}  {label.Labeled} rows");
        }
        return text.ToString();
    }
}
