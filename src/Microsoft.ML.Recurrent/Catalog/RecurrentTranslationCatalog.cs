using Microsoft.ML.Data;
using Microsoft.ML.Recurrent;
using Microsoft.ML.Recurrent.Translation;

namespace Microsoft.ML;

/// <summary>Translation and other texts for texts, in <c>mlContext.Transforms.Text</c>.</summary>
public static class RecurrentTranslationCatalog
{
    /// <summary>Trains an LSTM encoder and decoder with attention that write a target text for a source text.</summary>
    /// <remarks><code>
    /// var pipeline = mlContext.Transforms.Text.TokenizeForRecurrent("SourceTokens", "English")
    ///     .Append(mlContext.Transforms.Text.BuildVocabulary("Source", "SourceTokens", minimumCount: 2))
    ///     .Append(mlContext.Transforms.Text.TranslateByLstm("Translation", "Source", "Target"));
    /// </code></remarks>
    /// <param name="catalog">The catalog.</param>
    /// <param name="outputColumnName">The column to add: the best text found, <c>Text</c>, its tokens joined by blanks.</param>
    /// <param name="sourceColumnName">The source tokens, a vector of keys with text as key values.</param>
    /// <param name="targetColumnName">The target tokens, likewise. It is read in training only.</param>
    /// <param name="hiddenSize">Hidden size of each of the two directions of an encoder layer; that of the decoder's is twice as large.</param>
    /// <param name="numberOfLayers">Number of stacked recurrent layers of the encoder, and of the decoder.</param>
    /// <param name="maximumNumberOfEpochs">Maximum number of epochs; training stops early when the validation loss stops improving.</param>
    /// <exception cref="ArgumentException">An argument is out of range; the message names it.</exception>
    public static RecurrentTranslationEstimator TranslateByLstm(this TransformsCatalog.TextTransforms catalog, string outputColumnName = "Translation",
        string sourceColumnName = "Source", string targetColumnName = "Target", int hiddenSize = RecurrentTranslationEstimator.Options.DefaultStateSize,
        int numberOfLayers = RecurrentTrainerOptions.DefaultNumberOfLayers,
        int maximumNumberOfEpochs = RecurrentTrainerOptions.DefaultMaximumNumberOfEpochs) => TranslateByRecurrentNetwork(catalog,
            Options(RecurrentCell.Lstm, outputColumnName, sourceColumnName, targetColumnName, hiddenSize, numberOfLayers, maximumNumberOfEpochs));

    /// <summary>Trains a GRU encoder and decoder with attention that write a target text for a source text.</summary>
    /// <inheritdoc cref="TranslateByLstm"/>
    public static RecurrentTranslationEstimator TranslateByGru(this TransformsCatalog.TextTransforms catalog, string outputColumnName = "Translation",
        string sourceColumnName = "Source", string targetColumnName = "Target", int hiddenSize = RecurrentTranslationEstimator.Options.DefaultStateSize,
        int numberOfLayers = RecurrentTrainerOptions.DefaultNumberOfLayers,
        int maximumNumberOfEpochs = RecurrentTrainerOptions.DefaultMaximumNumberOfEpochs) => TranslateByRecurrentNetwork(catalog,
            Options(RecurrentCell.Gru, outputColumnName, sourceColumnName, targetColumnName, hiddenSize, numberOfLayers, maximumNumberOfEpochs));

    /// <summary>Trains a simple RNN (tanh) encoder and decoder with attention that write a target text for a source text.</summary>
    /// <inheritdoc cref="TranslateByLstm"/>
    public static RecurrentTranslationEstimator TranslateBySimpleRnn(this TransformsCatalog.TextTransforms catalog, string outputColumnName = "Translation",
        string sourceColumnName = "Source", string targetColumnName = "Target", int hiddenSize = RecurrentTranslationEstimator.Options.DefaultStateSize,
        int numberOfLayers = RecurrentTrainerOptions.DefaultNumberOfLayers,
        int maximumNumberOfEpochs = RecurrentTrainerOptions.DefaultMaximumNumberOfEpochs) => TranslateByRecurrentNetwork(catalog,
            Options(RecurrentCell.SimpleRnn, outputColumnName, sourceColumnName, targetColumnName, hiddenSize, numberOfLayers, maximumNumberOfEpochs));

    /// <summary>Trains a recurrent encoder and decoder that write a target text for a source text, configured by options.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="options">The options; they are copied.</param>
    /// <exception cref="ArgumentException">An option is out of range; the message names it.</exception>
    public static RecurrentTranslationEstimator TranslateByRecurrentNetwork(this TransformsCatalog.TextTransforms catalog,
        RecurrentTranslationEstimator.Options options)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        return new(CatalogUtils.GetEnvironment(catalog), options);
    }

    /// <summary>Creates a translator of tokens from a trained pipeline.</summary>
    /// <param name="transformer">The transformer of a translation, or a pipeline that contains one.</param>
    /// <param name="options">Scoring options for ONNX Runtime; null for the defaults, and batches of 64.</param>
    /// <exception cref="ArgumentException">There is no translation.</exception>
    public static RecurrentTranslator CreateTranslator(this ITransformer transformer, ScoringOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(transformer);
        var model = RecurrentTransformer.Flatten(transformer).OfType<RecurrentTranslationTransformer>().LastOrDefault()
            ?? throw new ArgumentException($"A translator needs a translation, or a pipeline that contains one; this is a {transformer.GetType().Name} without "
                + "one.", nameof(transformer));
        return new(TranslationGraphs.Create(model.Model), options, model.Search);
    }

    /// <summary>
    /// Loads a translator from a folder that <see cref="RecurrentModelExport.ExportToOnnx(RecurrentModel, string, OnnxExportOptions?)"/> has written.
    /// </summary>
    /// <param name="catalog">The catalog <c>mlContext.Model</c>.</param>
    /// <param name="folder">The folder.</param>
    /// <param name="options">Scoring options for ONNX Runtime; null for the defaults, and batches of 64.</param>
    /// <exception cref="DirectoryNotFoundException">The folder does not exist.</exception>
    /// <exception cref="InvalidDataException">A file of the folder is missing, damaged, or not one of a translation; the message names it.</exception>
    public static RecurrentTranslator LoadTranslator(this ModelOperationsCatalog catalog, string folder, ScoringOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentException.ThrowIfNullOrWhiteSpace(folder);
        return TranslationFolder.Load(folder, options);
    }

    private static RecurrentTranslationEstimator.Options Options(RecurrentCell cell, string output, string source, string target, int hiddenSize,
        int numberOfLayers, int maximumNumberOfEpochs) => new()
        {
            Network = { Cell = cell, HiddenSize = hiddenSize, NumberOfLayers = numberOfLayers },
            Output = { TextColumnName = output },
            SourceColumnName = source,
            TargetColumnName = target,
            Stopping = { MaximumNumberOfEpochs = maximumNumberOfEpochs },
        };
}
