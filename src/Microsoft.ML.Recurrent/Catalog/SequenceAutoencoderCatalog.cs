using Microsoft.ML.Data;
using Microsoft.ML.Recurrent;

namespace Microsoft.ML;

/// <summary>Adds autoencoders of sequences to <c>mlContext.Transforms</c>.</summary>
public static class SequenceAutoencoderCatalog
{
    /// <summary>
    /// Trains a variational autoencoder with LSTM layers that makes a code of each sequence, without labels: features for any other trainer of ML.NET. Its
    /// transformer also adds the decoded sequence and its error, and draws new sequences. See <see cref="RecurrentAutoencoderTrainer"/>.
    /// </summary>
    /// <remarks><code>
    /// var pipeline = mlContext.Transforms.EncodeBySequenceAutoencoder("Latent", "Series", latentSize: 8)
    ///     .Append(mlContext.MulticlassClassification.Trainers.LbfgsMaximumEntropy("Label", "Latent"));
    /// </code></remarks>
    /// <param name="catalog">The catalog.</param>
    /// <param name="outputColumnName">The column of the code to add, <c>Vector&lt;Single, latentSize&gt;</c>.</param>
    /// <param name="inputColumnName">The sequence column: <c>Vector&lt;Single, T, k&gt;</c>, or <c>Vector&lt;Single, *, k&gt;</c> where lengths vary.</param>
    /// <param name="exampleWeightColumnName">The column of row weights, <c>Single</c>; null to weight all rows equally.</param>
    /// <param name="latentSize">Latent variables: numbers of the code, at least 1.</param>
    /// <param name="hiddenSize">Size of the state of the encoder and of the decoder, at least 1.</param>
    /// <param name="numberOfLayers">Recurrent layers of the encoder, and of the decoder, at least 1.</param>
    /// <param name="maximumNumberOfEpochs">Maximum number of epochs; training stops early when the loss of the validation part stops improving.</param>
    /// <exception cref="ArgumentException">An argument is out of range; the message names it.</exception>
    public static RecurrentAutoencoderTrainer EncodeBySequenceAutoencoder(this TransformsCatalog catalog, string outputColumnName, string inputColumnName,
        string? exampleWeightColumnName = null, int latentSize = LatentOptions.DefaultSize, int hiddenSize = RecurrentTrainerOptions.DefaultHiddenSize,
        int numberOfLayers = RecurrentTrainerOptions.DefaultNumberOfLayers,
        int maximumNumberOfEpochs = RecurrentTrainerOptions.DefaultMaximumNumberOfEpochs) => EncodeBySequenceAutoencoder(catalog,
            new RecurrentAutoencoderTrainer.Options
            {
                InputColumnName = inputColumnName,
                ExampleWeightColumnName = exampleWeightColumnName,
                Network = { HiddenSize = hiddenSize, NumberOfLayers = numberOfLayers },
                Latent = { Size = latentSize },
                Output = { LatentColumnName = outputColumnName },
                Stopping = { MaximumNumberOfEpochs = maximumNumberOfEpochs },
            });

    /// <summary>Trains an autoencoder of sequences, configured by options.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="options">The options; they are copied.</param>
    /// <exception cref="ArgumentException">An option is out of range; the message names it.</exception>
    public static RecurrentAutoencoderTrainer EncodeBySequenceAutoencoder(this TransformsCatalog catalog, RecurrentAutoencoderTrainer.Options options)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        return new(CatalogUtils.GetEnvironment(catalog), options);
    }
}
