using Microsoft.ML.Data;
using Microsoft.ML.Recurrent;
using Microsoft.ML.Recurrent.Tagging;

namespace Microsoft.ML;

/// <summary>Taggers in <c>mlContext.MulticlassClassification</c>.</summary>
public static class SequenceTaggingCatalog
{
    /// <summary>
    /// Trains a bidirectional LSTM that gives each step of a sequence a class: named entities, parts of speech, slots. See
    /// <see cref="RecurrentTaggingTrainer"/>.
    /// </summary>
    /// <remarks><code>
    /// var pipeline = mlContext.Transforms.Conversion.MapValueToKey("Tokens", "Words").Append(mlContext.Transforms.Conversion.MapValueToKey("Label", "Tags"))
    ///     .Append(mlContext.MulticlassClassification.Trainers.SequenceTagging("Label", "Tokens"));
    /// </code></remarks>
    /// <param name="catalog">The catalog.</param>
    /// <param name="labelColumnName">The label column: a vector of keys, one per step. A missing key is left out of the loss.</param>
    /// <param name="featureColumnName">The sequence column: a vector of keys (tokens) or numbers, <c>Vector&lt;Single, *, k&gt;</c>.</param>
    /// <param name="exampleWeightColumnName">The column of row weights, <c>Single</c>; null to weight all rows equally.</param>
    /// <param name="textColumnName">The column of the tokens' texts, for character features; null for none.</param>
    /// <param name="useConditionalRandomField">Whether a conditional random field scores whole paths of tags.</param>
    /// <param name="maximumNumberOfEpochs">Maximum number of epochs; training stops early when the F1 score of the validation part stops improving.</param>
    /// <exception cref="ArgumentException">An argument is out of range; the message names it.</exception>
    public static RecurrentTaggingTrainer SequenceTagging(this MulticlassClassificationCatalog.MulticlassClassificationTrainers catalog,
        string labelColumnName = SequenceTrainerOptions.DefaultLabel, string featureColumnName = SequenceTrainerOptions.DefaultFeatures,
        string? exampleWeightColumnName = null, string? textColumnName = null, bool useConditionalRandomField = false,
        int maximumNumberOfEpochs = RecurrentTrainerOptions.DefaultMaximumNumberOfEpochs) => SequenceTagging(catalog, new RecurrentTaggingTrainer.Options
        {
            LabelColumnName = labelColumnName,
            FeatureColumnName = featureColumnName,
            ExampleWeightColumnName = exampleWeightColumnName,
            Tags = { UseConditionalRandomField = useConditionalRandomField },
            Characters = { TextColumnName = textColumnName },
            Stopping = { MaximumNumberOfEpochs = maximumNumberOfEpochs },
        });

    /// <summary>Trains a recurrent tagger, configured by options.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="options">The options; they are copied.</param>
    /// <exception cref="ArgumentException">An option is out of range; the message names it.</exception>
    public static RecurrentTaggingTrainer SequenceTagging(this MulticlassClassificationCatalog.MulticlassClassificationTrainers catalog,
        RecurrentTaggingTrainer.Options options)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        return new(CatalogUtils.GetEnvironment(catalog), options);
    }

    /// <summary>Evaluates a tagger: accuracy of the tags, and precision, recall and F1 score of entities, counted as by conlleval.</summary>
    /// <remarks><code>Console.WriteLine(mlContext.MulticlassClassification.EvaluateSequences(model.Transform(test)));</code></remarks>
    /// <param name="catalog">The catalog.</param>
    /// <param name="data">The scored data.</param>
    /// <param name="labelColumnName">The label column: a vector of keys, one per step. Steps with a missing key are left out; they end an entity.</param>
    /// <param name="predictedLabelColumnName">The predicted tags: a vector of keys. They are matched to the labels by key values, or without these by
    /// number.</param>
    /// <exception cref="ArgumentException">A column is missing or of another type, or the two differ in length; the message names the row.</exception>
    public static SequenceTaggingMetrics EvaluateSequences(this MulticlassClassificationCatalog catalog, IDataView data,
        string labelColumnName = SequenceTrainerOptions.DefaultLabel, string predictedLabelColumnName = "PredictedLabel")
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(data);
        ArgumentException.ThrowIfNullOrEmpty(labelColumnName);
        ArgumentException.ThrowIfNullOrEmpty(predictedLabelColumnName);
        return TaggingEvaluation.Run(data, labelColumnName, predictedLabelColumnName);
    }
}
