using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Recurrent;
using Microsoft.ML.Recurrent.Autoencoding;
using Microsoft.ML.Recurrent.Hosting;
using Microsoft.ML.Runtime;

[assembly: LoadableClass(typeof(RecurrentAutoencoderTransformer), null, typeof(SignatureLoadModel), "Recurrent autoencoder",
    RecurrentAutoencoderTransformer.LoaderSignature)]

namespace Microsoft.ML.Recurrent;

/// <summary>
/// Scores a recurrent autoencoder in a pipeline: adds the code of each sequence, the sequence that is decoded of it, and its error
/// (<see cref="AutoencoderOutputOptions"/>). It also makes new sequences, and evaluates the evidence lower bound.
/// </summary>
public sealed class RecurrentAutoencoderTransformer : RecurrentTransformer
{
    internal const string LoaderSignature = "RecurrentAutoencoder";

    internal RecurrentAutoencoderTransformer(IHostEnvironment environment, RecurrentModel model)
        : base(environment, model)
    {
    }

    // Called by ML.NET's component catalog when a model is loaded.
    private RecurrentAutoencoderTransformer(IHostEnvironment environment, ModelLoadContext context)
        : base(environment, context)
    {
    }

    private protected override VersionInfo Version =>
        new(modelSignature: "RECRAUTO", verWrittenCur: 0x00010001, verReadableCur: 0x00010001, verWeCanReadBack: 0x00010001,
        loaderSignature: LoaderSignature, loaderAssemblyName: typeof(RecurrentAutoencoderTransformer).Assembly.FullName);

    /// <summary>
    /// Draws new sequences: codes from the standard normal distribution, decoded. The same seed gives the same sequences in any process, and the first of many
    /// are those of few.
    /// </summary>
    /// <remarks><code>var drawn = autoencoder.Sample(100, seed: 1).GetColumn&lt;float[]&gt;("Features").ToArray();</code></remarks>
    /// <param name="count">The number of sequences, at least 0.</param>
    /// <param name="length">Steps of each; needed if the sequences of the model vary in length, and left out otherwise.</param>
    /// <param name="seed">The seed; null for that of the MLContext, or a random one.</param>
    /// <param name="addNoise">Whether the noise of the likelihood is added to the numbers, with its standard deviation for each channel
    /// (<see cref="ReconstructionOptions.Scale"/>), as the model says that data have it; otherwise they are the decoded means.</param>
    /// <returns>A row for each sequence, with the columns that the model reads, in the unit of the data.</returns>
    /// <exception cref="ArgumentException">The count or the length is out of range, or a length is missing.</exception>
    public IDataView Sample(int count, int? length = null, int? seed = null, bool addNoise = false)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        var generator = new SequenceGenerator(Model);
        var (steps, key) = (generator.LengthFor(length), EnvironmentSettings.ChooseSeed(Host, seed));
        return generator.Decode(generator.Draw(count, key), steps, addNoise ? key : null);
    }

    /// <summary>Decodes codes, such as points between those of two sequences.</summary>
    /// <param name="latents">The codes, each of as many finite numbers as the model has latent variables.</param>
    /// <param name="length">Steps of each sequence, as for <see cref="Sample"/>.</param>
    /// <returns>A row for each code, with the columns that the model reads, in the unit of the data.</returns>
    /// <exception cref="ArgumentException">A code has another size or holds NaN, or the length is missing or out of range.</exception>
    public IDataView Decode(IEnumerable<float[]> latents, int? length = null)
    {
        ArgumentNullException.ThrowIfNull(latents);
        var (codes, size) = (latents.ToArray(), Model.Description.Latent!.Size);
        for (var i = 0; i < codes.Length; i++)
        {
            if (codes[i] is null || codes[i].Length != size || !codes[i].All(float.IsFinite))
                throw new ArgumentException($"Code {i} must hold {size} finite numbers, one for each latent variable.", nameof(latents));
        }
        var generator = new SequenceGenerator(Model);
        return generator.Decode(codes, generator.LengthFor(length), null);
    }

    /// <summary>
    /// Evaluates the evidence lower bound (ELBO) of sequences, in nats: the mean log-likelihood given latent variables that are drawn from their distribution,
    /// less the divergence of that distribution from the standard normal one; and the tighter importance-weighted bound.
    /// </summary>
    /// <param name="data">The rows, with the columns that the model reads.</param>
    /// <param name="numberOfSamples">Draws for each row, at least 1.</param>
    /// <param name="seed">The seed of the draws. The draws of a row depend on it and on the place of the row.</param>
    /// <exception cref="ArgumentException">A column is missing or of another type, there are no rows, or a row has no steps or holds NaN.</exception>
    public RecurrentAutoencoderMetrics Evaluate(IDataView data, int numberOfSamples = 16, int seed = 0)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentOutOfRangeException.ThrowIfLessThan(numberOfSamples, 1);
        return AutoencoderEvaluation.Run(Model, data, numberOfSamples, (ulong)(uint)seed);
    }
}
