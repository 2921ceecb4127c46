using Microsoft.ML.Data;
using Microsoft.ML.Recurrent;

namespace Microsoft.ML;

/// <summary>Adds pools of prediction engines to <c>mlContext.Model</c>.</summary>
public static class PredictionPoolCatalog
{
    /// <summary>Creates a thread-safe pool of prediction engines. Accepts any ML.NET model that scores rows independently.</summary>
    /// <remarks>
    /// <code>
    /// builder.Services.AddSingleton(mlContext.Model.CreatePredictionPool&lt;Input, Output&gt;(mlContext.Model.Load("model.zip", out _)));
    /// </code>
    /// </remarks>
    /// <typeparam name="TSource">The input class.</typeparam>
    /// <typeparam name="TResult">The prediction class.</typeparam>
    /// <param name="catalog">The catalog.</param>
    /// <param name="transformer">The model: a transformer or a chain. The caller keeps ownership.</param>
    /// <param name="ignoreMissingColumns">Whether to ignore members of <typeparamref name="TResult"/> without a column in the model; false throws.</param>
    /// <param name="inputSchemaDefinition">Maps members of <typeparamref name="TSource"/> to columns; null to use their attributes.</param>
    /// <param name="outputSchemaDefinition">Maps columns to members of <typeparamref name="TResult"/>; null to use their attributes.</param>
    /// <exception cref="ArgumentException">The model's predictions depend on previous rows, or it does not match the classes.</exception>
    public static PredictionPool<TSource, TResult> CreatePredictionPool<TSource, TResult>(this ModelOperationsCatalog catalog, ITransformer transformer,
        bool ignoreMissingColumns = true,
        SchemaDefinition? inputSchemaDefinition = null, SchemaDefinition? outputSchemaDefinition = null)
        where TSource : class
        where TResult : class, new()
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(transformer);
        return new(transformer,
            model => catalog.CreatePredictionEngine<TSource, TResult>(model, ignoreMissingColumns, inputSchemaDefinition, outputSchemaDefinition));
    }
}
