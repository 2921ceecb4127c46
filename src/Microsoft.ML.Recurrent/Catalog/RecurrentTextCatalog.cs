using Microsoft.ML.Data;
using Microsoft.ML.Recurrent;

namespace Microsoft.ML;

/// <summary>Recurrent models of texts in <c>mlContext.Transforms.Text</c>.</summary>
public static class RecurrentTextCatalog
{
    /// <summary>Trains an LSTM language model.</summary>
    /// <remarks><code>
    /// var pipeline = mlContext.Transforms.Conversion.MapValueToKey("Tokens")
    ///     .Append(mlContext.Transforms.Text.LanguageModelByLstm("LogProbabilities"));
    /// </code></remarks>
    /// <param name="catalog">The catalog.</param>
    /// <param name="outputColumnName">The column to add: the log-probability of each token given the previous tokens of the row,
    /// <c>Vector&lt;Single&gt;</c>.</param>
    /// <param name="inputColumnName">The tokens, a vector of keys. Rows are consecutive sentences, or one row holds the whole text.</param>
    /// <param name="hiddenSize">Hidden size of each recurrent layer, and size of the token embedding.</param>
    /// <param name="numberOfLayers">Number of stacked recurrent layers.</param>
    /// <param name="maximumNumberOfEpochs">Maximum number of epochs; training stops early when the validation loss stops improving.</param>
    /// <exception cref="ArgumentException">An argument is out of range; the message names it.</exception>
    public static RecurrentLanguageModelEstimator LanguageModelByLstm(this TransformsCatalog.TextTransforms catalog, string outputColumnName,
        string inputColumnName = "Tokens",
        int hiddenSize = RecurrentTrainerOptions.DefaultHiddenSize, int numberOfLayers = RecurrentTrainerOptions.DefaultNumberOfLayers,
        int maximumNumberOfEpochs = RecurrentTrainerOptions.DefaultMaximumNumberOfEpochs) =>
        LanguageModelByRecurrentNetwork(catalog,
            Options(RecurrentCell.Lstm, outputColumnName, inputColumnName, hiddenSize, numberOfLayers, maximumNumberOfEpochs));

    /// <summary>Trains a GRU language model.</summary>
    /// <remarks><code>
    /// var pipeline = mlContext.Transforms.Conversion.MapValueToKey("Tokens")
    ///     .Append(mlContext.Transforms.Text.LanguageModelByGru("LogProbabilities"));
    /// </code></remarks>
    /// <param name="catalog">The catalog.</param>
    /// <param name="outputColumnName">The column to add: the log-probability of each token given the previous tokens of the row,
    /// <c>Vector&lt;Single&gt;</c>.</param>
    /// <param name="inputColumnName">The tokens, a vector of keys. Rows are consecutive sentences, or one row holds the whole text.</param>
    /// <param name="hiddenSize">Hidden size of each recurrent layer, and size of the token embedding.</param>
    /// <param name="numberOfLayers">Number of stacked recurrent layers.</param>
    /// <param name="maximumNumberOfEpochs">Maximum number of epochs; training stops early when the validation loss stops improving.</param>
    /// <exception cref="ArgumentException">An argument is out of range; the message names it.</exception>
    public static RecurrentLanguageModelEstimator LanguageModelByGru(this TransformsCatalog.TextTransforms catalog, string outputColumnName,
        string inputColumnName = "Tokens",
        int hiddenSize = RecurrentTrainerOptions.DefaultHiddenSize, int numberOfLayers = RecurrentTrainerOptions.DefaultNumberOfLayers,
        int maximumNumberOfEpochs = RecurrentTrainerOptions.DefaultMaximumNumberOfEpochs) =>
        LanguageModelByRecurrentNetwork(catalog,
            Options(RecurrentCell.Gru, outputColumnName, inputColumnName, hiddenSize, numberOfLayers, maximumNumberOfEpochs));

    /// <summary>Trains a simple RNN (tanh) language model.</summary>
    /// <remarks><code>
    /// var pipeline = mlContext.Transforms.Conversion.MapValueToKey("Tokens")
    ///     .Append(mlContext.Transforms.Text.LanguageModelBySimpleRnn("LogProbabilities"));
    /// </code></remarks>
    /// <param name="catalog">The catalog.</param>
    /// <param name="outputColumnName">The column to add: the log-probability of each token given the previous tokens of the row,
    /// <c>Vector&lt;Single&gt;</c>.</param>
    /// <param name="inputColumnName">The tokens, a vector of keys. Rows are consecutive sentences, or one row holds the whole text.</param>
    /// <param name="hiddenSize">Hidden size of each recurrent layer, and size of the token embedding.</param>
    /// <param name="numberOfLayers">Number of stacked recurrent layers.</param>
    /// <param name="maximumNumberOfEpochs">Maximum number of epochs; training stops early when the validation loss stops improving.</param>
    /// <exception cref="ArgumentException">An argument is out of range; the message names it.</exception>
    public static RecurrentLanguageModelEstimator LanguageModelBySimpleRnn(this TransformsCatalog.TextTransforms catalog, string outputColumnName,
        string inputColumnName = "Tokens",
        int hiddenSize = RecurrentTrainerOptions.DefaultHiddenSize, int numberOfLayers = RecurrentTrainerOptions.DefaultNumberOfLayers,
        int maximumNumberOfEpochs = RecurrentTrainerOptions.DefaultMaximumNumberOfEpochs) =>
        LanguageModelByRecurrentNetwork(catalog,
            Options(RecurrentCell.SimpleRnn, outputColumnName, inputColumnName, hiddenSize, numberOfLayers, maximumNumberOfEpochs));

    /// <summary>Trains a recurrent language model, configured by options.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="options">The options; they are copied.</param>
    /// <exception cref="ArgumentException">An option is out of range; the message names it.</exception>
    public static RecurrentLanguageModelEstimator LanguageModelByRecurrentNetwork(this TransformsCatalog.TextTransforms catalog,
        RecurrentLanguageModelEstimator.Options options)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        return new(CatalogUtils.GetEnvironment(catalog), options);
    }

    /// <summary>Creates a text generator from a trained language model.</summary>
    /// <param name="transformer">The transformer of a language model, or a pipeline that contains one.</param>
    /// <param name="options">Scoring options for ONNX Runtime; null for the defaults.</param>
    /// <exception cref="ArgumentException">There is no language model, or the model has no key values.</exception>
    public static RecurrentTextGenerator CreateTextGenerator(this ITransformer transformer, ScoringOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(transformer);
        ITransformer[] steps = [.. RecurrentTransformer.Flatten(transformer)];
        var model = steps.OfType<RecurrentLanguageModelTransformer>().LastOrDefault()
            ?? throw new ArgumentException($"A text generator needs a language model, or a pipeline that contains one; this is "
                + $"a {transformer.GetType().Name} without one.", nameof(transformer));
        // The keys may be made in place, or of another column.
        var column = model.Model.Manifest.Inputs[0].Column;
        var tokens = steps.OfType<VocabularyTransformer>().LastOrDefault(step => step.OutputColumnName == column)?.InputColumnName;
        TextTokenizingTransformer[] tokenizing = [.. steps.OfType<TextTokenizingTransformer>()];
        return new(model.Model, options, tokenizing.LastOrDefault(step => step.OutputColumnName == (tokens ?? column))
            ?? (tokenizing.Length == 1 && tokens is null ? tokenizing[0] : null));
    }

    private static RecurrentLanguageModelEstimator.Options Options(RecurrentCell cell, string output, string input, int hiddenSize, int numberOfLayers,
        int maximumNumberOfEpochs) => new()
        {
            Network = { Cell = cell, HiddenSize = hiddenSize, NumberOfLayers = numberOfLayers },
            Output = { LogProbabilitiesColumnName = output },
            InputColumnName = input,
            Stopping = { MaximumNumberOfEpochs = maximumNumberOfEpochs },
        };
}
