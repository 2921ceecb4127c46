using Microsoft.ML.Data;
using Microsoft.ML.Recurrent;

namespace Microsoft.ML;

/// <summary>Pools of prediction engines in <c>mlContext.Model</c>.</summary>
public static class PredictionPoolCatalog
{
    /// <summary>
    /// Makes a pool of prediction engines, for predictions from any number of threads. It takes any model of ML.NET whose rows are scored one by one.
    /// </summary>
    /// <remarks>
    /// <code>
    /// builder.Services.AddSingleton(mlContext.Model.CreatePredictionPool&lt;Input, Output&gt;(mlContext.Model.Load("model.zip", out _)));
    /// </code>
    /// </remarks>
    /// <typeparam name="TSource">The class of examples.</typeparam>
    /// <typeparam name="TResult">The class of predictions.</typeparam>
    /// <param name="catalog">The catalog.</param>
    /// <param name="transformer">The model: a transformer, or a chain of them. It stays the caller's.</param>
    /// <param name="ignoreMissingColumns">Whether members of <typeparamref name="TResult"/> that the model has no column for are left alone; else they are an
    /// error.</param>
    /// <param name="inputSchemaDefinition">How <typeparamref name="TSource"/>'s members become columns, where attributes do not say it.</param>
    /// <param name="outputSchemaDefinition">How columns become <typeparamref name="TResult"/>'s members, where attributes do not say it.</param>
    /// <exception cref="ArgumentException">The model needs the rows before a row, or does not fit the classes.</exception>
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
