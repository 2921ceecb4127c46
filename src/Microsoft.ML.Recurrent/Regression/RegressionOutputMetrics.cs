namespace Microsoft.ML.Recurrent;

/// <summary>The metrics of one output of a regression.</summary>
/// <param name="Name">The output's slot name, or its index.</param>
/// <param name="Count">Labels that are not missing.</param>
/// <param name="MeanAbsoluteError">The mean of the absolute errors, in the unit of the label; NaN without labels.</param>
/// <param name="RootMeanSquaredError">The root of the mean of the squared errors, in the unit of the label; NaN without labels.</param>
/// <param name="RSquared">
/// The coefficient of determination: 1 less the sum of the squared errors over that of the distances from the mean label. 1 is best; 0 is as good as the mean.
/// NaN if all labels are equal.
/// </param>
public sealed record RegressionOutputMetrics(string Name, long Count, double MeanAbsoluteError, double RootMeanSquaredError, double RSquared);
