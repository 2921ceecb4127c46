using Microsoft.ML.Data;
using Microsoft.ML.Recurrent;

namespace Microsoft.ML;

/// <summary>Recurrent trainers in <c>mlContext.BinaryClassification.Trainers</c>.</summary>
public static class RecurrentBinaryClassificationCatalog
{
    /// <summary>Learns one of two classes from a sequence by an LSTM.</summary>
    /// <remarks><code>var pipeline = mlContext.BinaryClassification.Trainers.Lstm("Label", "Features");</code></remarks>
    /// <param name="catalog">The catalog.</param>
    /// <param name="labelColumnName">The label's column, <c>Boolean</c>.</param>
    /// <param name="featureColumnName">The sequence column: <c>Vector&lt;Single, T, k&gt;</c>, <c>Vector&lt;Single, *, k&gt;</c> (lengths vary),
    /// <c>Vector&lt;Single&gt;</c> (one number a step), or a vector of keys (tokens).</param>
    /// <param name="exampleWeightColumnName">A column of <c>Single</c> with each row's weight; null where all rows count the same.</param>
    /// <param name="hiddenSize">Size of each recurrent layer's state.</param>
    /// <param name="numberOfLayers">Recurrent layers, one upon the other.</param>
    /// <param name="maximumNumberOfEpochs">Passes over the data at the most; training stops before that when the validation loss no longer falls.</param>
    /// <exception cref="ArgumentException">An argument is out of range; the message names it.</exception>
    public static RecurrentBinaryTrainer Lstm(this BinaryClassificationCatalog.BinaryClassificationTrainers catalog,
        string labelColumnName = SequenceTrainerOptions.DefaultLabel,
        string featureColumnName = SequenceTrainerOptions.DefaultFeatures, string? exampleWeightColumnName = null,
        int hiddenSize = RecurrentTrainerOptions.DefaultHiddenSize,
        int numberOfLayers = RecurrentTrainerOptions.DefaultNumberOfLayers, int maximumNumberOfEpochs = RecurrentTrainerOptions.DefaultMaximumNumberOfEpochs) =>
        RecurrentNetwork(catalog, SequenceTrainerOptions.Lstm<RecurrentBinaryTrainer.Options>(
            labelColumnName, featureColumnName, exampleWeightColumnName, hiddenSize, numberOfLayers, maximumNumberOfEpochs));

    /// <summary>Learns one of two classes from a sequence by a GRU.</summary>
    /// <remarks><code>var pipeline = mlContext.BinaryClassification.Trainers.Gru("Label", "Features");</code></remarks>
    /// <param name="catalog">The catalog.</param>
    /// <param name="labelColumnName">The label's column, <c>Boolean</c>.</param>
    /// <param name="featureColumnName">The sequence column: <c>Vector&lt;Single, T, k&gt;</c>, <c>Vector&lt;Single, *, k&gt;</c> (lengths vary),
    /// <c>Vector&lt;Single&gt;</c> (one number a step), or a vector of keys (tokens).</param>
    /// <param name="exampleWeightColumnName">A column of <c>Single</c> with each row's weight; null where all rows count the same.</param>
    /// <param name="hiddenSize">Size of each recurrent layer's state.</param>
    /// <param name="numberOfLayers">Recurrent layers, one upon the other.</param>
    /// <param name="maximumNumberOfEpochs">Passes over the data at the most; training stops before that when the validation loss no longer falls.</param>
    /// <exception cref="ArgumentException">An argument is out of range; the message names it.</exception>
    public static RecurrentBinaryTrainer Gru(this BinaryClassificationCatalog.BinaryClassificationTrainers catalog,
        string labelColumnName = SequenceTrainerOptions.DefaultLabel,
        string featureColumnName = SequenceTrainerOptions.DefaultFeatures, string? exampleWeightColumnName = null,
        int hiddenSize = RecurrentTrainerOptions.DefaultHiddenSize,
        int numberOfLayers = RecurrentTrainerOptions.DefaultNumberOfLayers, int maximumNumberOfEpochs = RecurrentTrainerOptions.DefaultMaximumNumberOfEpochs) =>
        RecurrentNetwork(catalog, SequenceTrainerOptions.Gru<RecurrentBinaryTrainer.Options>(
            labelColumnName, featureColumnName, exampleWeightColumnName, hiddenSize, numberOfLayers, maximumNumberOfEpochs));

    /// <summary>Learns one of two classes from a sequence by a simple recurrent network (tanh).</summary>
    /// <remarks><code>var pipeline = mlContext.BinaryClassification.Trainers.SimpleRnn("Label", "Features");</code></remarks>
    /// <param name="catalog">The catalog.</param>
    /// <param name="labelColumnName">The label's column, <c>Boolean</c>.</param>
    /// <param name="featureColumnName">The sequence column: <c>Vector&lt;Single, T, k&gt;</c>, <c>Vector&lt;Single, *, k&gt;</c> (lengths vary),
    /// <c>Vector&lt;Single&gt;</c> (one number a step), or a vector of keys (tokens).</param>
    /// <param name="exampleWeightColumnName">A column of <c>Single</c> with each row's weight; null where all rows count the same.</param>
    /// <param name="hiddenSize">Size of each recurrent layer's state.</param>
    /// <param name="numberOfLayers">Recurrent layers, one upon the other.</param>
    /// <param name="maximumNumberOfEpochs">Passes over the data at the most; training stops before that when the validation loss no longer falls.</param>
    /// <exception cref="ArgumentException">An argument is out of range; the message names it.</exception>
    public static RecurrentBinaryTrainer SimpleRnn(this BinaryClassificationCatalog.BinaryClassificationTrainers catalog,
        string labelColumnName = SequenceTrainerOptions.DefaultLabel,
        string featureColumnName = SequenceTrainerOptions.DefaultFeatures, string? exampleWeightColumnName = null,
        int hiddenSize = RecurrentTrainerOptions.DefaultHiddenSize,
        int numberOfLayers = RecurrentTrainerOptions.DefaultNumberOfLayers, int maximumNumberOfEpochs = RecurrentTrainerOptions.DefaultMaximumNumberOfEpochs) =>
        RecurrentNetwork(catalog, SequenceTrainerOptions.SimpleRnn<RecurrentBinaryTrainer.Options>(
            labelColumnName, featureColumnName, exampleWeightColumnName, hiddenSize, numberOfLayers, maximumNumberOfEpochs));

    /// <summary>Learns one of two classes from a sequence by a recurrent network, everything being set by options.</summary>
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
