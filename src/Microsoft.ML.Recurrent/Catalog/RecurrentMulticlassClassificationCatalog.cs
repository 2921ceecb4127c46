using Microsoft.ML.Data;
using Microsoft.ML.Recurrent;

namespace Microsoft.ML;

/// <summary>Recurrent trainers in <c>mlContext.MulticlassClassification.Trainers</c>.</summary>
public static class RecurrentMulticlassClassificationCatalog
{
    /// <summary>Trains an LSTM for multiclass classification of sequences.</summary>
    /// <remarks><code>var pipeline = mlContext.MulticlassClassification.Trainers.Lstm("Label", "Features");</code></remarks>
    /// <param name="catalog">The catalog.</param>
    /// <param name="labelColumnName">The label column, a key.</param>
    /// <param name="featureColumnName">The sequence column: <c>Vector&lt;Single, T, k&gt;</c>, <c>Vector&lt;Single, *, k&gt;</c> (lengths vary),
    /// <c>Vector&lt;Single&gt;</c> (one number per step), or a vector of keys (tokens).</param>
    /// <param name="exampleWeightColumnName">The column of row weights, <c>Single</c>; null to weight all rows equally.</param>
    /// <param name="hiddenSize">Hidden size of each recurrent layer.</param>
    /// <param name="numberOfLayers">Number of stacked recurrent layers.</param>
    /// <param name="maximumNumberOfEpochs">Maximum number of epochs; training stops early when the validation loss stops improving.</param>
    /// <exception cref="ArgumentException">An argument is out of range; the message names it.</exception>
    public static RecurrentMulticlassTrainer Lstm(this MulticlassClassificationCatalog.MulticlassClassificationTrainers catalog,
        string labelColumnName = SequenceTrainerOptions.DefaultLabel,
        string featureColumnName = SequenceTrainerOptions.DefaultFeatures, string? exampleWeightColumnName = null,
        int hiddenSize = RecurrentTrainerOptions.DefaultHiddenSize,
        int numberOfLayers = RecurrentTrainerOptions.DefaultNumberOfLayers, int maximumNumberOfEpochs = RecurrentTrainerOptions.DefaultMaximumNumberOfEpochs) =>
        RecurrentNetwork(catalog, SequenceTrainerOptions.Lstm<RecurrentMulticlassTrainer.Options>(
            labelColumnName, featureColumnName, exampleWeightColumnName, hiddenSize, numberOfLayers, maximumNumberOfEpochs));

    /// <summary>Trains a GRU for multiclass classification of sequences.</summary>
    /// <remarks><code>var pipeline = mlContext.MulticlassClassification.Trainers.Gru("Label", "Features");</code></remarks>
    /// <param name="catalog">The catalog.</param>
    /// <param name="labelColumnName">The label column, a key.</param>
    /// <param name="featureColumnName">The sequence column: <c>Vector&lt;Single, T, k&gt;</c>, <c>Vector&lt;Single, *, k&gt;</c> (lengths vary),
    /// <c>Vector&lt;Single&gt;</c> (one number per step), or a vector of keys (tokens).</param>
    /// <param name="exampleWeightColumnName">The column of row weights, <c>Single</c>; null to weight all rows equally.</param>
    /// <param name="hiddenSize">Hidden size of each recurrent layer.</param>
    /// <param name="numberOfLayers">Number of stacked recurrent layers.</param>
    /// <param name="maximumNumberOfEpochs">Maximum number of epochs; training stops early when the validation loss stops improving.</param>
    /// <exception cref="ArgumentException">An argument is out of range; the message names it.</exception>
    public static RecurrentMulticlassTrainer Gru(this MulticlassClassificationCatalog.MulticlassClassificationTrainers catalog,
        string labelColumnName = SequenceTrainerOptions.DefaultLabel,
        string featureColumnName = SequenceTrainerOptions.DefaultFeatures, string? exampleWeightColumnName = null,
        int hiddenSize = RecurrentTrainerOptions.DefaultHiddenSize,
        int numberOfLayers = RecurrentTrainerOptions.DefaultNumberOfLayers, int maximumNumberOfEpochs = RecurrentTrainerOptions.DefaultMaximumNumberOfEpochs) =>
        RecurrentNetwork(catalog, SequenceTrainerOptions.Gru<RecurrentMulticlassTrainer.Options>(
            labelColumnName, featureColumnName, exampleWeightColumnName, hiddenSize, numberOfLayers, maximumNumberOfEpochs));

    /// <summary>Trains a simple RNN (tanh) for multiclass classification of sequences.</summary>
    /// <remarks><code>var pipeline = mlContext.MulticlassClassification.Trainers.SimpleRnn("Label", "Features");</code></remarks>
    /// <param name="catalog">The catalog.</param>
    /// <param name="labelColumnName">The label column, a key.</param>
    /// <param name="featureColumnName">The sequence column: <c>Vector&lt;Single, T, k&gt;</c>, <c>Vector&lt;Single, *, k&gt;</c> (lengths vary),
    /// <c>Vector&lt;Single&gt;</c> (one number per step), or a vector of keys (tokens).</param>
    /// <param name="exampleWeightColumnName">The column of row weights, <c>Single</c>; null to weight all rows equally.</param>
    /// <param name="hiddenSize">Hidden size of each recurrent layer.</param>
    /// <param name="numberOfLayers">Number of stacked recurrent layers.</param>
    /// <param name="maximumNumberOfEpochs">Maximum number of epochs; training stops early when the validation loss stops improving.</param>
    /// <exception cref="ArgumentException">An argument is out of range; the message names it.</exception>
    public static RecurrentMulticlassTrainer SimpleRnn(this MulticlassClassificationCatalog.MulticlassClassificationTrainers catalog,
        string labelColumnName = SequenceTrainerOptions.DefaultLabel,
        string featureColumnName = SequenceTrainerOptions.DefaultFeatures, string? exampleWeightColumnName = null,
        int hiddenSize = RecurrentTrainerOptions.DefaultHiddenSize,
        int numberOfLayers = RecurrentTrainerOptions.DefaultNumberOfLayers, int maximumNumberOfEpochs = RecurrentTrainerOptions.DefaultMaximumNumberOfEpochs) =>
        RecurrentNetwork(catalog, SequenceTrainerOptions.SimpleRnn<RecurrentMulticlassTrainer.Options>(
            labelColumnName, featureColumnName, exampleWeightColumnName, hiddenSize, numberOfLayers, maximumNumberOfEpochs));

    /// <summary>Trains a recurrent network for multiclass classification of sequences, configured by options.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="options">The options; they are copied.</param>
    /// <exception cref="ArgumentException">An option is out of range; the message names it.</exception>
    public static RecurrentMulticlassTrainer RecurrentNetwork(this MulticlassClassificationCatalog.MulticlassClassificationTrainers catalog,
        RecurrentMulticlassTrainer.Options options)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        return new(CatalogUtils.GetEnvironment(catalog), options);
    }
}
