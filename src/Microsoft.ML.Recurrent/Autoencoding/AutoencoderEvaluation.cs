using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Losses;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Networks.Decoding;
using Microsoft.ML.Recurrent.Tensors;
using Microsoft.ML.Recurrent.Training;

namespace Microsoft.ML.Recurrent.Autoencoding;

/// <summary>The evidence lower bound of sequences, row by row.</summary>
internal static class AutoencoderEvaluation
{
    public static RecurrentAutoencoderMetrics Run(RecurrentModel model, IDataView data, int samples, ulong seed)
    {
        RowCollector.Check(model.Manifest, data.Schema);
        RowColumnNames names = new([.. model.Manifest.Inputs.Select(input => input.Name)], [], "", LabelRole.None, null);
        var columns = RowColumns.Resolve(data.Schema, names).WithOrigins(model.Manifest.Inputs);
        var examples = RowExamples.Read(data, columns, nameof(data), CancellationToken.None);
        using var network = model.ToNetwork();
        var size = network.Latent!.Description.Size;
        var rows = new SequenceEvidence[examples.Count];
        var (divergences, moments) = (new double[size], new Moments(size));
        var unit = LogUnit(network);
        int[] order = [.. Enumerable.Range(0, examples.Count)];
        using var tape = new Tape { Recording = false };
        using var batch = new SequenceBatch();
        for (var start = 0; start < order.Length; start += NetworkFit.ValidationBatchSize)
        {
            var some = order.AsSpan(start, Math.Min(NetworkFit.ValidationBatchSize, order.Length - start));
            examples.Fill(batch, some);
            var output = network.Forward(tape, batch);
            var drawn = Draws(tape, network, output, batch, samples, seed, start);
            for (var row = 0; row < some.Length; row++)
            {
                var posterior = output.Values.Span.Slice(2 * row * size, 2 * size);
                moments.Add(posterior[..size]);
                double divergence = 0;
                for (var j = 0; j < size; j++)
                {
                    var own = GaussianKlLoss.OfDimension(posterior, j);
                    (divergences[j], divergence) = (divergences[j] + own / order.Length, divergence + own);
                }
                var shift = unit * examples.Length(start + row);
                rows[start + row] = new(drawn.Likelihoods[row].Average() - shift, divergence, LogMeanExp(drawn.Weights[row]) - shift);
            }
            tape.Reset();
        }
        return new([.. rows], [.. divergences], [.. Enumerable.Range(0, size).Select(moments.Variance)]);
    }

    // The log-likelihoods of the rows given each draw, and with the logarithm of p(z) / q(z) added.
    private static (double[][] Likelihoods, double[][] Weights) Draws(Tape tape, Network network, in NetworkOutput output, SequenceBatch batch, int samples,
        ulong seed, int first)
    {
        var (decoder, size) = (network.Latent!, network.Latent!.Description.Size);
        double[][] likelihoods = [.. Enumerable.Range(0, batch.Rows).Select(_ => new double[samples])],
            weights = [.. likelihoods.Select(_ => new double[samples])];
        for (var sample = 0; sample < samples; sample++)
        {
            using var noise = Tensor.Rent(new Shape(batch.Rows, size));
            for (var row = 0; row < batch.Rows; row++)
                new RandomStream(Philox.Mix(seed, (ulong)(first + row)), (ulong)sample).FillGaussian(noise.Span.Slice(row * size, size));
            var latent = LatentDecoder.Draw(tape, output.Values, noise);
            var means = decoder.Decode(tape, latent, batch.Time, batch.Lengths);
            for (var row = 0; row < batch.Rows; row++)
            {
                likelihoods[row][sample] = weights[row][sample] = GaussianReconstructionLoss.LogLikelihood(means, output.Window!, row,
                    batch.Lengths?[row] ?? batch.Time, decoder.LogScale.Value, decoder.Description.VarianceFloor);
                for (var j = 0; j < size; j++)
                {
                    double z = latent[row * size + j], e = noise[row * size + j], logVariance = output.Values[(2 * row + 1) * size + j];
                    weights[row][sample] += 0.5 * (e * e + logVariance - z * z);
                }
            }
        }
        return (likelihoods, weights);
    }

    // Densities of standardized numbers become those of numbers in their unit.
    private static double LogUnit(Network network)
    {
        double sum = 0;
        if (network.Inputs.Standardization.Scale is { } scale)
            foreach (var value in scale.Value.Span) sum += Math.Log(value);
        return sum;
    }

    private static double LogMeanExp(double[] values)
    {
        var greatest = values.Max();
        return greatest + Math.Log(values.Average(value => Math.Exp(value - greatest)));
    }
}
