using Microsoft.ML.Recurrent;
using Microsoft.ML.Recurrent.Classification;

namespace Microsoft.ML;

/// <summary>Evaluation of multi-label classifiers, in <c>mlContext.BinaryClassification</c>.</summary>
public static class MultiLabelCatalog
{
    /// <summary>
    /// Evaluates a multi-label classifier: F1 score and area under the ROC curve of each label, micro and macro averages, subset accuracy and Hamming loss.
    /// </summary>
    /// <remarks><code>Console.WriteLine(mlContext.BinaryClassification.EvaluateMultiLabel(model.Transform(test)));</code></remarks>
    /// <param name="catalog">The catalog.</param>
    /// <param name="data">The scored data.</param>
    /// <param name="labelColumnName">
    /// The label column: <c>Vector&lt;Boolean, n&gt;</c>, <c>Vector&lt;Single, n&gt;</c> of 0, 1 and NaN (not known), or a vector of keys. Labels are matched
    /// to those of the model by their names, or without names by their order; one that the model does not know counts as not predicted.
    /// </param>
    /// <param name="predictedLabelColumnName">The predicted labels, <c>Vector&lt;Boolean, n&gt;</c>.</param>
    /// <param name="probabilityColumnName">Their probabilities, <c>Vector&lt;Single, n&gt;</c>.</param>
    /// <exception cref="ArgumentException">A column is missing or of another type.</exception>
    public static MultiLabelMetrics EvaluateMultiLabel(this BinaryClassificationCatalog catalog, IDataView data,
        string labelColumnName = SequenceTrainerOptions.DefaultLabel, string predictedLabelColumnName = "PredictedLabel",
        string probabilityColumnName = "Probability")
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(data);
        ArgumentException.ThrowIfNullOrEmpty(labelColumnName);
        ArgumentException.ThrowIfNullOrEmpty(predictedLabelColumnName);
        ArgumentException.ThrowIfNullOrEmpty(probabilityColumnName);
        return MultiLabelEvaluation.Run(data, labelColumnName, predictedLabelColumnName, probabilityColumnName);
    }
}
