using Microsoft.ML.Recurrent;
using Microsoft.ML.Recurrent.Regression;

namespace Microsoft.ML;

/// <summary>Evaluation of regressions with vectors as labels, in <c>mlContext.Regression</c>.</summary>
public static class RegressionEvaluationCatalog
{
    /// <summary>
    /// Evaluates a regression whose label is a vector: each of several outputs, or the numbers of all steps. ML.NET's own Evaluate takes one number per row.
    /// </summary>
    /// <remarks><code>Console.WriteLine(mlContext.Regression.EvaluateMultiOutput(model.Transform(test)));</code></remarks>
    /// <param name="catalog">The catalog.</param>
    /// <param name="data">The scored data.</param>
    /// <param name="labelColumnName">The label column, a vector of numbers; those that are NaN are left out.</param>
    /// <param name="scoreColumnName">The predicted numbers, as many in each row.</param>
    /// <exception cref="ArgumentException">A column is missing or of another type, or the two differ in length; the message names the row.</exception>
    public static MultiOutputRegressionMetrics EvaluateMultiOutput(this RegressionCatalog catalog, IDataView data,
        string labelColumnName = SequenceTrainerOptions.DefaultLabel, string scoreColumnName = "Score")
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(data);
        ArgumentException.ThrowIfNullOrEmpty(labelColumnName);
        ArgumentException.ThrowIfNullOrEmpty(scoreColumnName);
        return MultiOutputEvaluation.Run(data, labelColumnName, scoreColumnName);
    }
}
