using Microsoft.ML.Data;
using Microsoft.ML.Recurrent;

namespace Microsoft.ML;

/// <summary>Recurrent models of texts in <c>mlContext.Transforms.Text</c>.</summary>
public static class RecurrentTextCatalog
{
    /// <summary>Learns a language model by an LSTM.</summary>
    /// <remarks><code>
    /// var pipeline = mlContext.Transforms.Conversion.MapValueToKey("Tokens")
    ///     .Append(mlContext.Transforms.Text.LanguageModelByLstm("LogProbabilities"));
    /// </code></remarks>
    /// <param name="catalog">The catalog.</param>
    /// <param name="outputColumnName">The column to add: the log-probability of each token given those before it in the row,
    /// <c>Vector&lt;Single&gt;</c>.</param>
    /// <param name="inputColumnName">The tokens, a vector of keys. Rows are sentences that follow each other, or there is one row with the whole text.</param>
    /// <param name="hiddenSize">Size of each recurrent layer's state, and of a token's vector.</param>
    /// <param name="numberOfLayers">Recurrent layers, one upon the other.</param>
    /// <param name="maximumNumberOfEpochs">Passes over the data at the most; training stops before that when the validation loss no longer falls.</param>
    /// <exception cref="ArgumentException">An argument is out of range; the message names it.</exception>
    public static RecurrentLanguageModelEstimator LanguageModelByLstm(this TransformsCatalog.TextTransforms catalog, string outputColumnName,
        string inputColumnName = "Tokens",
        int hiddenSize = RecurrentTrainerOptions.DefaultHiddenSize, int numberOfLayers = RecurrentTrainerOptions.DefaultNumberOfLayers,
        int maximumNumberOfEpochs = RecurrentTrainerOptions.DefaultMaximumNumberOfEpochs) =>
        LanguageModelByRecurrentNetwork(catalog,
            Options(RecurrentCell.Lstm, outputColumnName, inputColumnName, hiddenSize, numberOfLayers, maximumNumberOfEpochs));

    /// <summary>Learns a language model by a GRU.</summary>
    /// <remarks><code>
    /// var pipeline = mlContext.Transforms.Conversion.MapValueToKey("Tokens")
    ///     .Append(mlContext.Transforms.Text.LanguageModelByGru("LogProbabilities"));
    /// </code></remarks>
    /// <param name="catalog">The catalog.</param>
    /// <param name="outputColumnName">The column to add: the log-probability of each token given those before it in the row,
    /// <c>Vector&lt;Single&gt;</c>.</param>
    /// <param name="inputColumnName">The tokens, a vector of keys. Rows are sentences that follow each other, or there is one row with the whole text.</param>
    /// <param name="hiddenSize">Size of each recurrent layer's state, and of a token's vector.</param>
    /// <param name="numberOfLayers">Recurrent layers, one upon the other.</param>
    /// <param name="maximumNumberOfEpochs">Passes over the data at the most; training stops before that when the validation loss no longer falls.</param>
    /// <exception cref="ArgumentException">An argument is out of range; the message names it.</exception>
    public static RecurrentLanguageModelEstimator LanguageModelByGru(this TransformsCatalog.TextTransforms catalog, string outputColumnName,
        string inputColumnName = "Tokens",
        int hiddenSize = RecurrentTrainerOptions.DefaultHiddenSize, int numberOfLayers = RecurrentTrainerOptions.DefaultNumberOfLayers,
        int maximumNumberOfEpochs = RecurrentTrainerOptions.DefaultMaximumNumberOfEpochs) =>
        LanguageModelByRecurrentNetwork(catalog,
            Options(RecurrentCell.Gru, outputColumnName, inputColumnName, hiddenSize, numberOfLayers, maximumNumberOfEpochs));

    /// <summary>Learns a language model by a simple recurrent network (tanh).</summary>
    /// <remarks><code>
    /// var pipeline = mlContext.Transforms.Conversion.MapValueToKey("Tokens")
    ///     .Append(mlContext.Transforms.Text.LanguageModelBySimpleRnn("LogProbabilities"));
    /// </code></remarks>
    /// <param name="catalog">The catalog.</param>
    /// <param name="outputColumnName">The column to add: the log-probability of each token given those before it in the row,
    /// <c>Vector&lt;Single&gt;</c>.</param>
    /// <param name="inputColumnName">The tokens, a vector of keys. Rows are sentences that follow each other, or there is one row with the whole text.</param>
    /// <param name="hiddenSize">Size of each recurrent layer's state, and of a token's vector.</param>
    /// <param name="numberOfLayers">Recurrent layers, one upon the other.</param>
    /// <param name="maximumNumberOfEpochs">Passes over the data at the most; training stops before that when the validation loss no longer falls.</param>
    /// <exception cref="ArgumentException">An argument is out of range; the message names it.</exception>
    public static RecurrentLanguageModelEstimator LanguageModelBySimpleRnn(this TransformsCatalog.TextTransforms catalog, string outputColumnName,
        string inputColumnName = "Tokens",
        int hiddenSize = RecurrentTrainerOptions.DefaultHiddenSize, int numberOfLayers = RecurrentTrainerOptions.DefaultNumberOfLayers,
        int maximumNumberOfEpochs = RecurrentTrainerOptions.DefaultMaximumNumberOfEpochs) =>
        LanguageModelByRecurrentNetwork(catalog,
            Options(RecurrentCell.SimpleRnn, outputColumnName, inputColumnName, hiddenSize, numberOfLayers, maximumNumberOfEpochs));

    /// <summary>Learns a language model by a recurrent network, everything being set by options.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="options">The options; they are copied.</param>
    /// <exception cref="ArgumentException">An option is out of range; the message names it.</exception>
    public static RecurrentLanguageModelEstimator LanguageModelByRecurrentNetwork(this TransformsCatalog.TextTransforms catalog,
        RecurrentLanguageModelEstimator.Options options)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        return new(CatalogUtils.GetEnvironment(catalog), options);
    }

    /// <summary>Makes a generator of texts from a trained language model.</summary>
    /// <param name="transformer">The model: the transformer of a language model, or a pipeline that holds one.</param>
    /// <param name="options">How ONNX Runtime scores; null for the defaults.</param>
    /// <exception cref="ArgumentException">There is no language model, or it does not know what its keys stand for.</exception>
    public static RecurrentTextGenerator CreateTextGenerator(this ITransformer transformer, ScoringOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(transformer);
        var model = Flatten(transformer).OfType<RecurrentLanguageModelTransformer>().LastOrDefault()
            ?? throw new ArgumentException($"A text generator needs a language model, or a pipeline that holds one; this is "
                + $"a {transformer.GetType().Name} without one.", nameof(transformer));
        return new(model.Model, options);
    }

    private static IEnumerable<ITransformer> Flatten(ITransformer transformer) =>
        transformer is IEnumerable<ITransformer> chain ? chain.SelectMany(Flatten) : [transformer];

    // What the short forms set; the rest has its defaults.
    private static RecurrentLanguageModelEstimator.Options Options(RecurrentCell cell, string output, string input, int hiddenSize, int numberOfLayers,
        int maximumNumberOfEpochs) => new()
    {
        Network = { Cell = cell, HiddenSize = hiddenSize, NumberOfLayers = numberOfLayers },
        Output = { LogProbabilitiesColumnName = output },
        InputColumnName = input,
        Stopping = { MaximumNumberOfEpochs = maximumNumberOfEpochs },
    };
}
