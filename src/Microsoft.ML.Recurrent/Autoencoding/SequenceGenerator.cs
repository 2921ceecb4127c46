using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Files;
using Microsoft.ML.Recurrent.Losses;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Tensors;

namespace Microsoft.ML.Recurrent.Autoencoding;

/// <summary>Makes sequences of latent variables, as rows with the columns that the model reads.</summary>
/// <param name="model">The model of an autoencoder.</param>
internal sealed class SequenceGenerator(RecurrentModel model)
{
    // Rows that are decoded at once: the numbers of a row do not depend on others.
    private const int BatchSize = 64;

    /// <summary>Steps of a sequence.</summary>
    /// <exception cref="ArgumentException">The length is missing, or is not that of the model.</exception>
    public int LengthFor(int? length)
    {
        var known = model.Description.Time;
        if (length is null && known is null)
            throw new ArgumentNullException(nameof(length), "The sequences of this model vary in length: say how many steps the new ones have.");
        if (length < 1 || length is not null && known is not null && length != known)
        {
            throw new ArgumentOutOfRangeException(nameof(length), length,
                known is null ? "A sequence has at least one step." : $"All sequences of this model have {known} steps: leave the length out.");
        }
        return length ?? known!.Value;
    }

    /// <summary>Codes from the standard normal distribution. Each depends on the seed and its place alone.</summary>
    public IReadOnlyList<float[]> Draw(int count, ulong seed)
    {
        var codes = new float[count][];
        for (var row = 0; row < count; row++)
        {
            codes[row] = new float[model.Description.Latent!.Size];
            new RandomStream(Philox.Mix(seed, (ulong)row), "latent").FillGaussian(codes[row]);
        }
        return codes;
    }

    /// <summary>Decodes codes.</summary>
    /// <param name="codes">The codes.</param>
    /// <param name="length">Steps of a sequence.</param>
    /// <param name="noise">The seed of noise of the likelihood, to be added; null for the means.</param>
    public IDataView Decode(IReadOnlyList<float[]> codes, int length, ulong? noise)
    {
        var rows = new List<object[]>(codes.Count);
        using var network = model.ToNetwork();
        using var head = (AutoencodingHead)AutoencodingTask.Instance.ScoringHead(model, network)!;
        using var tape = new Tape { Recording = false };
        for (var start = 0; start < codes.Count; start += BatchSize)
        {
            var count = Math.Min(BatchSize, codes.Count - start);
            var latent = tape.Rent(new Shape(count, network.Latent!.Description.Size));
            for (var row = 0; row < count; row++) codes[start + row].CopyTo(latent.Span[(row * latent.Shape.Columns)..]);
            var decoded = network.Latent.Decode(tape, latent, length, null);
            for (var row = 0; row < count; row++)
                rows.Add(Columns(network, head, decoded, row, noise is { } seed ? Philox.Mix(seed, (ulong)(start + row)) : null));
            tape.Reset();
        }
        var schema = new DataViewSchema.Builder();
        foreach (var input in model.Manifest.Inputs)
            schema.AddColumn(input.Name, new VectorDataViewType(NumberDataViewType.Single, input.Time ?? 0, input.Features));
        return new FileDataView(schema.ToSchema(), () => rows);
    }

    // The channels of each input column.
    private object[] Columns(Network network, AutoencodingHead head, Tensor decoded, int row, ulong? seed)
    {
        var (time, rows, features) = (decoded.Shape[0], decoded.Shape[1], decoded.Shape[2]);
        var numbers = new float[time * features];
        var noise = new float[numbers.Length];
        if (seed is { } key) new RandomStream(key, "likelihood").FillGaussian(noise);
        for (var t = 0; t < time; t++)
        {
            var step = decoded.Span.Slice((t * rows + row) * features, features);
            for (var channel = 0; channel < features && seed is not null; channel++)
                step[channel] += noise[t * features + channel] * (float)Math.Sqrt(GaussianReconstructionLoss.Variance(network.Latent!.LogScale.Value[channel],
                    network.Latent.Description.VarianceFloor));
            head.ToData(step, numbers.AsSpan(t * features, features));
        }
        var (columns, first) = (new object[model.Manifest.Inputs.Length], 0);
        for (var i = 0; i < columns.Length; i++)
        {
            var width = model.Manifest.Inputs[i].Features;
            var own = new float[time * width];
            for (var t = 0; t < time; t++) numbers.AsSpan(t * features + first, width).CopyTo(own.AsSpan(t * width));
            (columns[i], first) = (FileDataView.Vector(own), first + width);
        }
        return columns;
    }
}
