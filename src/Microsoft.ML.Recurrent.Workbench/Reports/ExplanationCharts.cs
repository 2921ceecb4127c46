using System.Collections.Immutable;
using System.Globalization;
using Microsoft.ML.Recurrent.Workbench.Charts;

namespace Microsoft.ML.Recurrent.Workbench.Reports;

/// <summary>The pictures of explanations.</summary>
public static class ExplanationCharts
{
    /// <summary>The contributions of the steps of all sequences; cells after the end of a sequence are empty.</summary>
    /// <param name="report">The report.</param>
    public static HeatMap Contributions(ExplanationReport report) => Map(report, report.Sequences, sequence => sequence.Contributions,
        "Contributions of the steps", "contribution", "What each step adds to the score, or takes from it, against the baseline.");

    /// <summary>The weights of the steps in attention pooling; null if no sequence has any.</summary>
    /// <param name="report">The report.</param>
    public static HeatMap? Attention(ExplanationReport report) => report.Sequences.All(sequence => sequence.Attention.IsEmpty) ? null
        : Map(report, report.Sequences, sequence => sequence.Attention, "Attention to the steps", "weight", "The weight of each step in the pooled vector.");

    /// <summary>The share of the strongest contribution of the sequence, from -1 to 1, by which a step is colored.</summary>
    internal static double Strength(ExplainedSequence sequence, int step)
    {
        var strongest = sequence.Contributions.Where(double.IsFinite).Select(Math.Abs).DefaultIfEmpty(0).Max();
        return strongest > 0 && double.IsFinite(sequence.Contributions[step]) ? sequence.Contributions[step] / strongest : 0;
    }

    private static HeatMap Map(ExplanationReport report, ImmutableArray<ExplainedSequence> sequences,
        Func<ExplainedSequence, ImmutableArray<double>> values, string title, string value, string description)
    {
        foreach (var sequence in sequences)
        {
            if (sequence.Contributions.Length != sequence.Steps.Length
                || !sequence.Attention.IsEmpty && sequence.Attention.Length != sequence.Steps.Length)
            {
                throw new ArgumentException($"The sequence '{sequence.Name}' has {sequence.Steps.Length} steps, but {sequence.Contributions.Length} "
                    + $"contributions and {sequence.Attention.Length} weights.", nameof(report));
            }
        }
        var longest = sequences.Max(sequence => sequence.Steps.Length);
        return new()
        {
            Title = title,
            Description = description,
            ColumnTitle = "step",
            RowTitle = "sequence",
            ValueTitle = value,
            Columns = [.. Enumerable.Range(1, longest).Select(step => step.ToString(CultureInfo.InvariantCulture))],
            Rows = [.. sequences.Select(sequence => sequence.Name)],
            Values = [.. sequences.Select(sequence =>
                values(sequence).Concat(Enumerable.Repeat(double.NaN, longest - values(sequence).Length)).ToImmutableArray())],
        };
    }
}
