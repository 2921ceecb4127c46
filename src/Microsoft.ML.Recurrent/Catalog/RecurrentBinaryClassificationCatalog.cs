using Microsoft.ML.Data;
using Microsoft.ML.Recurrent;

namespace Microsoft.ML;

/// <summary>Recurrent trainers in <c>mlContext.BinaryClassification.Trainers</c>.</summary>
public static class RecurrentBinaryClassificationCatalog
{
    /// <summary>Trains an LSTM for binary classification of sequences.</summary>
    /// <remarks><code>var pipeline = mlContext.BinaryClassification.Trainers.Lstm("Label", "Features");</code></remarks>
    /// <param name="catalog">The catalog.</param>
    /// <param name="labelColumnName">The label column, <c>Boolean</c>.</param>
    /// <param name="featureColumnName">The sequence column: <c>Vector&lt;Single, T, k&gt;</c>, <c>Vector&lt;Single, *, k&gt;</c> (lengths vary),
    /// <c>Vector&lt;Single&gt;</c> (one number per step), or a vector of keys (tokens).</param>
    /// <param name="exampleWeightColumnName">The column of row weights, <c>Single</c>; null to weight all rows equally.</param>
    /// <param name="hiddenSize">Hidden size of each recurrent layer.</param>
    /// <param name="numberOfLayers">Number of stacked recurrent layers.</param>
    /// <param name="maximumNumberOfEpochs">Maximum number of epochs; training stops early when the validation loss stops improving.</param>
    /// <exception cref="ArgumentException">An argument is out of range; the message names it.</exception>
    public static RecurrentBinaryTrainer Lstm(this BinaryClassificationCatalog.BinaryClassificationTrainers catalog,
        string labelColumnName = SequenceTrainerOptions.DefaultLabel,
        string featureColumnName = SequenceTrainerOptions.DefaultFeatures, string? exampleWeightColumnName = null,
        int hiddenSize = RecurrentTrainerOptions.DefaultHiddenSize,
        int numberOfLayers = RecurrentTrainerOptions.DefaultNumberOfLayers, int maximumNumberOfEpochs = RecurrentTrainerOptions.DefaultMaximumNumberOfEpochs) =>
        RecurrentNetwork(catalog, SequenceTrainerOptions.Lstm<RecurrentBinaryTrainer.Options>(
            labelColumnName, featureColumnName, exampleWeightColumnName, hiddenSize, numberOfLayers, maximumNumberOfEpochs));

    /// <summary>Trains a GRU for binary classification of sequences.</summary>
    /// <remarks><code>var pipeline = mlContext.BinaryClassification.Trainers.Gru("Label", "Features");</code></remarks>
    /// <param name="catalog">The catalog.</param>
    /// <param name="labelColumnName">The label column, <c>Boolean</c>.</param>
    /// <param name="featureColumnName">The sequence column: <c>Vector&lt;Single, T, k&gt;</c>, <c>Vector&lt;Single, *, k&gt;</c> (lengths vary),
    /// <c>Vector&lt;Single&gt;</c> (one number per step), or a vector of keys (tokens).</param>
    /// <param name="exampleWeightColumnName">The column of row weights, <c>Single</c>; null to weight all rows equally.</param>
    /// <param name="hiddenSize">Hidden size of each recurrent layer.</param>
    /// <param name="numberOfLayers">Number of stacked recurrent layers.</param>
    /// <param name="maximumNumberOfEpochs">Maximum number of epochs; training stops early when the validation loss stops improving.</param>
    /// <exception cref="ArgumentException">An argument is out of range; the message names it.</exception>
    public static RecurrentBinaryTrainer Gru(this BinaryClassificationCatalog.BinaryClassificationTrainers catalog,
        string labelColumnName = SequenceTrainerOptions.DefaultLabel,
        string featureColumnName = SequenceTrainerOptions.DefaultFeatures, string? exampleWeightColumnName = null,
        int hiddenSize = RecurrentTrainerOptions.DefaultHiddenSize,
        int numberOfLayers = RecurrentTrainerOptions.DefaultNumberOfLayers, int maximumNumberOfEpochs = RecurrentTrainerOptions.DefaultMaximumNumberOfEpochs) =>
        RecurrentNetwork(catalog, SequenceTrainerOptions.Gru<RecurrentBinaryTrainer.Options>(
            labelColumnName, featureColumnName, exampleWeightColumnName, hiddenSize, numberOfLayers, maximumNumberOfEpochs));

    /// <summary>Trains a simple RNN (tanh) for binary classification of sequences.</summary>
    /// <remarks><code>var pipeline = mlContext.BinaryClassification.Trainers.SimpleRnn("Label", "Features");</code></remarks>
    /// <param name="catalog">The catalog.</param>
    /// <param name="labelColumnName">The label column, <c>Boolean</c>.</param>
    /// <param name="featureColumnName">The sequence column: <c>Vector&lt;Single, T, k&gt;</c>, <c>Vector&lt;Single, *, k&gt;</c> (lengths vary),
    /// <c>Vector&lt;Single&gt;</c> (one number per step), or a vector of keys (tokens).</param>
    /// <param name="exampleWeightColumnName">The column of row weights, <c>Single</c>; null to weight all rows equally.</param>
    /// <param name="hiddenSize">Hidden size of each recurrent layer.</param>
    /// <param name="numberOfLayers">Number of stacked recurrent layers.</param>
    /// <param name="maximumNumberOfEpochs">Maximum number of epochs; training stops early when the validation loss stops improving.</param>
    /// <exception cref="ArgumentException">An argument is out of range; the message names it.</exception>
    public static RecurrentBinaryTrainer SimpleRnn(this BinaryClassificationCatalog.BinaryClassificationTrainers catalog,
        string labelColumnName = SequenceTrainerOptions.DefaultLabel,
        string featureColumnName = SequenceTrainerOptions.DefaultFeatures, string? exampleWeightColumnName = null,
        int hiddenSize = RecurrentTrainerOptions.DefaultHiddenSize,
        int numberOfLayers = RecurrentTrainerOptions.DefaultNumberOfLayers, int maximumNumberOfEpochs = RecurrentTrainerOptions.DefaultMaximumNumberOfEpochs) =>
        RecurrentNetwork(catalog, SequenceTrainerOptions.SimpleRnn<RecurrentBinaryTrainer.Options>(
            labelColumnName, featureColumnName, exampleWeightColumnName, hiddenSize, numberOfLayers, maximumNumberOfEpochs));

    /// <summary>Trains a recurrent network for binary classification of sequences, configured by options.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="options">The options; they are copied.</param>
    /// <exception cref="ArgumentException">An option is out of range; the message names it.</exception>
    public static RecurrentBinaryTrainer RecurrentNetwork(this BinaryClassificationCatalog.BinaryClassificationTrainers catalog,
        RecurrentBinaryTrainer.Options options)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        return new(CatalogUtils.GetEnvironment(catalog), options);
    }
}
