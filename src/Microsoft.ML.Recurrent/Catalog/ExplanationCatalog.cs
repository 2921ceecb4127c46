using Microsoft.ML.Data;
using Microsoft.ML.Recurrent;

namespace Microsoft.ML;

/// <summary>Adds explanations of recurrent models to <c>mlContext.Transforms</c>.</summary>
public static class ExplanationCatalog
{
    /// <summary>
    /// Adds the contribution of each step of a sequence to a score of a trained model, by integrated gradients (Sundararajan et al. 2017): what
    /// <c>CalculateFeatureContribution</c> is for ML.NET's linear models and trees. The contributions add up to the score less that of a baseline, within 1%.
    /// </summary>
    /// <remarks>
    /// The score is that of a class before the soft-max (the column Score of two classes, the emission score of a tagger with a conditional random field), or
    /// the number of a regression in the unit of its label. The baseline is a sequence of the same length whose steps are means of the training data (0 after
    /// standardization), or unknown tokens (key 0, as padding). Static columns keep their values. The column is <c>Vector&lt;Single, *&gt;</c>, one number a
    /// step; a row without an answer has NaN.
    /// <code>
    /// var explained = mlContext.Transforms.CalculateStepContributions(classifier.Model).Fit(data).Transform(data);
    /// </code>
    /// </remarks>
    /// <param name="catalog">The catalog.</param>
    /// <param name="model">The trained model of a classifier, a regression or a tagger.</param>
    /// <param name="outputColumnName">The column to add.</param>
    /// <param name="options">Which score is explained, and further columns; null for the defaults. They are copied.</param>
    /// <exception cref="ArgumentException">The model has no such scores, or an option does not go with it; the message names it.</exception>
    public static StepContributionsEstimator CalculateStepContributions(this TransformsCatalog catalog, RecurrentModel model,
        string outputColumnName = "StepContributions", StepContributionOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(model);
        ArgumentException.ThrowIfNullOrWhiteSpace(outputColumnName);
        return new(CatalogUtils.GetEnvironment(catalog), outputColumnName, model, options?.Copy() ?? new());
    }
}
