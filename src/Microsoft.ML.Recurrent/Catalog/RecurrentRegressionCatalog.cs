using Microsoft.ML.Data;
using Microsoft.ML.Recurrent;

namespace Microsoft.ML;

/// <summary>Recurrent trainers in <c>mlContext.Regression.Trainers</c>.</summary>
public static class RecurrentRegressionCatalog
{
    /// <summary>Trains an LSTM for regression on sequences.</summary>
    /// <remarks><code>var pipeline = mlContext.Regression.Trainers.Lstm("Label", "Features");</code></remarks>
    /// <param name="catalog">The catalog.</param>
    /// <param name="labelColumnName">The label column, <c>Single</c>.</param>
    /// <param name="featureColumnName">The sequence column: <c>Vector&lt;Single, T, k&gt;</c>, <c>Vector&lt;Single, *, k&gt;</c> (lengths vary),
    /// <c>Vector&lt;Single&gt;</c> (one number per step), or a vector of keys (tokens).</param>
    /// <param name="exampleWeightColumnName">The column of row weights, <c>Single</c>; null to weight all rows equally.</param>
    /// <param name="hiddenSize">Hidden size of each recurrent layer.</param>
    /// <param name="numberOfLayers">Number of stacked recurrent layers.</param>
    /// <param name="maximumNumberOfEpochs">Maximum number of epochs; training stops early when the validation loss stops improving.</param>
    /// <exception cref="ArgumentException">An argument is out of range; the message names it.</exception>
    public static RecurrentRegressionTrainer Lstm(this RegressionCatalog.RegressionTrainers catalog,
        string labelColumnName = SequenceTrainerOptions.DefaultLabel,
        string featureColumnName = SequenceTrainerOptions.DefaultFeatures, string? exampleWeightColumnName = null,
        int hiddenSize = RecurrentTrainerOptions.DefaultHiddenSize,
        int numberOfLayers = RecurrentTrainerOptions.DefaultNumberOfLayers, int maximumNumberOfEpochs = RecurrentTrainerOptions.DefaultMaximumNumberOfEpochs) =>
        RecurrentNetwork(catalog, SequenceTrainerOptions.Lstm<RecurrentRegressionTrainer.Options>(
            labelColumnName, featureColumnName, exampleWeightColumnName, hiddenSize, numberOfLayers, maximumNumberOfEpochs));

    /// <summary>Trains a GRU for regression on sequences.</summary>
    /// <remarks><code>var pipeline = mlContext.Regression.Trainers.Gru("Label", "Features");</code></remarks>
    /// <param name="catalog">The catalog.</param>
    /// <param name="labelColumnName">The label column, <c>Single</c>.</param>
    /// <param name="featureColumnName">The sequence column: <c>Vector&lt;Single, T, k&gt;</c>, <c>Vector&lt;Single, *, k&gt;</c> (lengths vary),
    /// <c>Vector&lt;Single&gt;</c> (one number per step), or a vector of keys (tokens).</param>
    /// <param name="exampleWeightColumnName">The column of row weights, <c>Single</c>; null to weight all rows equally.</param>
    /// <param name="hiddenSize">Hidden size of each recurrent layer.</param>
    /// <param name="numberOfLayers">Number of stacked recurrent layers.</param>
    /// <param name="maximumNumberOfEpochs">Maximum number of epochs; training stops early when the validation loss stops improving.</param>
    /// <exception cref="ArgumentException">An argument is out of range; the message names it.</exception>
    public static RecurrentRegressionTrainer Gru(this RegressionCatalog.RegressionTrainers catalog,
        string labelColumnName = SequenceTrainerOptions.DefaultLabel,
        string featureColumnName = SequenceTrainerOptions.DefaultFeatures, string? exampleWeightColumnName = null,
        int hiddenSize = RecurrentTrainerOptions.DefaultHiddenSize,
        int numberOfLayers = RecurrentTrainerOptions.DefaultNumberOfLayers, int maximumNumberOfEpochs = RecurrentTrainerOptions.DefaultMaximumNumberOfEpochs) =>
        RecurrentNetwork(catalog, SequenceTrainerOptions.Gru<RecurrentRegressionTrainer.Options>(
            labelColumnName, featureColumnName, exampleWeightColumnName, hiddenSize, numberOfLayers, maximumNumberOfEpochs));

    /// <summary>Trains a simple RNN (tanh) for regression on sequences.</summary>
    /// <remarks><code>var pipeline = mlContext.Regression.Trainers.SimpleRnn("Label", "Features");</code></remarks>
    /// <param name="catalog">The catalog.</param>
    /// <param name="labelColumnName">The label column, <c>Single</c>.</param>
    /// <param name="featureColumnName">The sequence column: <c>Vector&lt;Single, T, k&gt;</c>, <c>Vector&lt;Single, *, k&gt;</c> (lengths vary),
    /// <c>Vector&lt;Single&gt;</c> (one number per step), or a vector of keys (tokens).</param>
    /// <param name="exampleWeightColumnName">The column of row weights, <c>Single</c>; null to weight all rows equally.</param>
    /// <param name="hiddenSize">Hidden size of each recurrent layer.</param>
    /// <param name="numberOfLayers">Number of stacked recurrent layers.</param>
    /// <param name="maximumNumberOfEpochs">Maximum number of epochs; training stops early when the validation loss stops improving.</param>
    /// <exception cref="ArgumentException">An argument is out of range; the message names it.</exception>
    public static RecurrentRegressionTrainer SimpleRnn(this RegressionCatalog.RegressionTrainers catalog,
        string labelColumnName = SequenceTrainerOptions.DefaultLabel,
        string featureColumnName = SequenceTrainerOptions.DefaultFeatures, string? exampleWeightColumnName = null,
        int hiddenSize = RecurrentTrainerOptions.DefaultHiddenSize,
        int numberOfLayers = RecurrentTrainerOptions.DefaultNumberOfLayers, int maximumNumberOfEpochs = RecurrentTrainerOptions.DefaultMaximumNumberOfEpochs) =>
        RecurrentNetwork(catalog, SequenceTrainerOptions.SimpleRnn<RecurrentRegressionTrainer.Options>(
            labelColumnName, featureColumnName, exampleWeightColumnName, hiddenSize, numberOfLayers, maximumNumberOfEpochs));

    /// <summary>Trains a recurrent network for regression on sequences, configured by options.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="options">The options; they are copied.</param>
    /// <exception cref="ArgumentException">An option is out of range; the message names it.</exception>
    public static RecurrentRegressionTrainer RecurrentNetwork(this RegressionCatalog.RegressionTrainers catalog, RecurrentRegressionTrainer.Options options)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        return new(CatalogUtils.GetEnvironment(catalog), options);
    }
}
