using Microsoft.ML.Data;
using Microsoft.ML.Recurrent;
using Microsoft.ML.Recurrent.Foreign;
using Microsoft.ML.Recurrent.Hosting;

namespace Microsoft.ML;

/// <summary>Adds streams of steps through ONNX files to <c>mlContext.Model</c>.</summary>
public static class SequenceStreamCatalog
{
    /// <summary>
    /// Creates a stream of steps through an ONNX model of any framework whose states are inputs and outputs: it keeps the states of each key, and scores the
    /// steps of many keys together where the model takes several rows, one by one where it takes one.
    /// </summary>
    /// <remarks>
    /// A step has the numbers of the inputs that are neither states nor constants, in the order of <see cref="RecurrentOnnxOptions.InputColumnNames"/> (by
    /// default that of the graph), and its answer those of the outputs that are no states (or of <see cref="RecurrentOnnxOptions.OutputColumnNames"/>). States
    /// begin with zeros. They are kept as Singles, also those of other types.
    /// <code>
    /// using var stream = mlContext.Model.CreateSequenceStream&lt;string&gt;(new()
    /// {
    ///     ModelFile = "silero_vad.onnx",
    ///     Constants = { ["sr"] = 16000L },
    ///     StepShapes = { ["input"] = [576] },
    /// });
    /// stream.Step(["line 1", "line 2"], samples, probabilities);
    /// </code>
    /// </remarks>
    /// <typeparam name="TKey">The key type.</typeparam>
    /// <param name="catalog">The catalog.</param>
    /// <param name="options">The file, its constants, its states where their names do not tell them, and the sizes of a step where the graph leaves them open.
    /// An input of lengths, which <see cref="RecurrentOnnxOptions.LengthColumnName"/> names, is 1. <see cref="RecurrentOnnxOptions.SeriesColumnNames"/> has no
    /// effect.</param>
    /// <param name="comparer">The key comparer; null for the default.</param>
    /// <exception cref="ArgumentException">The model has no states, or what it takes is not clear; the message says what to do.</exception>
    /// <exception cref="FileNotFoundException">The model file does not exist.</exception>
    public static SequenceStream<TKey> CreateSequenceStream<TKey>(this ModelOperationsCatalog catalog, RecurrentOnnxOptions options,
        IEqualityComparer<TKey>? comparer = null)
        where TKey : notnull
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(options);
        options = options.Checked();
        options.SeriesColumnNames = null;
        return new(StatefulModel.Steps(options), EnvironmentSettings.Create(CatalogUtils.GetEnvironment(catalog)).Apply(options.Scoring), comparer);
    }
}
