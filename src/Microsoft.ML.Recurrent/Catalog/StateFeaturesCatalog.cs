using Microsoft.ML.Data;
using Microsoft.ML.Recurrent;
using Microsoft.ML.Recurrent.States;

namespace Microsoft.ML;

/// <summary>Adds what a trained recurrent network has read as features for other trainers to <c>mlContext.Transforms</c>.</summary>
public static class StateFeaturesCatalog
{
    /// <summary>
    /// Adds a vector of states of a trained recurrent network: what it has read of the sequence, as features for any other trainer of ML.NET. The vector has a
    /// fixed size n, the width of the layer (twice the state of a bidirectional one): <c>Vector&lt;Single, n&gt;</c>. The columns that the model reads have
    /// the names of its training; of the rows of series, a state is that after the window that ends at the row. A row without an answer has NaN.
    /// </summary>
    /// <remarks><code>
    /// var pipeline = mlContext.Transforms.AppendStateFeatures("States", languageModel.Model)
    ///     .Append(mlContext.BinaryClassification.Trainers.FastTree("Label", "States"));
    /// </code></remarks>
    /// <param name="catalog">The catalog.</param>
    /// <param name="outputColumnName">The column to add.</param>
    /// <param name="model">The trained model, of any trainer of this library: a transformer's <see cref="RecurrentTransformer.Model"/>.</param>
    /// <param name="pooling">How the states of the steps become one vector: the last one, their mean or maximum. Without effect for a layer that has one vector
    /// per row already.</param>
    /// <param name="layerName">The layer, as the summary of the model lists it; null for the last one that has a state at each step.</param>
    /// <exception cref="ArgumentException">The model has no layers of its own, or none of this name; or the pooling would have to be learned.</exception>
    public static StateFeaturesEstimator AppendStateFeatures(this TransformsCatalog catalog, string outputColumnName, RecurrentModel model,
        SequencePooling pooling = SequencePooling.Last, string? layerName = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentException.ThrowIfNullOrWhiteSpace(outputColumnName);
        ArgumentNullException.ThrowIfNull(model);
        return new(CatalogUtils.GetEnvironment(catalog), StatesModel.Create(model, outputColumnName, pooling, layerName));
    }

    /// <summary>
    /// Adds the weights that attention pooling gives to the steps of a sequence: <c>Vector&lt;Single, *, 1&gt;</c>, one number a step; they add up to 1. A row
    /// without an answer has NaN.
    /// </summary>
    /// <remarks><code>var weighted = mlContext.Transforms.AppendAttentionWeights("Weights", classifier.Model).Fit(data).Transform(data);</code></remarks>
    /// <param name="catalog">The catalog.</param>
    /// <param name="outputColumnName">The column to add.</param>
    /// <param name="model">A trained classifier or regression with <see cref="SequencePooling.Attention"/>.</param>
    /// <param name="layerName">The pooling layer, as the summary of the model lists it; null for the only one.</param>
    /// <exception cref="ArgumentException">The model has no attention pooling, or none of this name.</exception>
    public static StateFeaturesEstimator AppendAttentionWeights(this TransformsCatalog catalog, string outputColumnName, RecurrentModel model,
        string? layerName = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentException.ThrowIfNullOrWhiteSpace(outputColumnName);
        ArgumentNullException.ThrowIfNull(model);
        return new(CatalogUtils.GetEnvironment(catalog), StatesModel.CreateAttention(model, outputColumnName, layerName));
    }
}
