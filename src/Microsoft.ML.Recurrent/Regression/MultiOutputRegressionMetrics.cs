using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace Microsoft.ML.Recurrent;

/// <summary>Metrics of a regression whose label is a vector: several outputs, or numbers per step.</summary>
public sealed class MultiOutputRegressionMetrics
{
    internal MultiOutputRegressionMetrics(ImmutableArray<RegressionOutputMetrics> outputs) => Outputs = outputs;

    /// <summary>The metrics of each output, in the order of the label. Of one number per step there is one output, over all steps of all rows.</summary>
    public ImmutableArray<RegressionOutputMetrics> Outputs { get; }

    /// <summary>The mean over the outputs of <see cref="RegressionOutputMetrics.MeanAbsoluteError"/>; says little if their units differ.</summary>
    public double MeanAbsoluteError => Outputs.Average(output => output.MeanAbsoluteError);

    /// <summary>The mean over the outputs of <see cref="RegressionOutputMetrics.RootMeanSquaredError"/>; says little if their units differ.</summary>
    public double RootMeanSquaredError => Outputs.Average(output => output.RootMeanSquaredError);

    /// <summary>The mean over the outputs of <see cref="RegressionOutputMetrics.RSquared"/>.</summary>
    public double RSquared => Outputs.Average(output => output.RSquared);

    /// <summary>A table with a line per output.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"R2 {RSquared:F4}");
        foreach (var output in Outputs)
        {
            text.Append('\n').Append(CultureInfo.InvariantCulture,
                $"{output.Name,-17} R2 {output.RSquared,7:F4}  MAE {output.MeanAbsoluteError,9:G5}  "
                    + $"RMSE {output.RootMeanSquaredError,9:G5}  {output.Count} labels");
        }
        return text.ToString();
    }
}
