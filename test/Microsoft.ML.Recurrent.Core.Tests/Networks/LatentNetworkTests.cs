using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Autograd.Operations;
using Microsoft.ML.Recurrent.Layers;
using Microsoft.ML.Recurrent.Losses;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Networks.Decoding;
using Microsoft.ML.Recurrent.Tensors;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Core.Tests.Networks;

/// <summary>Networks of autoencoders: the bound and its gradients against PyTorch's, the noise, and what is refused.</summary>
[TestClass]
public class LatentNetworkTests
{
    private const int Hidden = 3, Size = 2, Channels = 2, Time = 4, Rows = 3;

    private static readonly int[] s_lengths = [4, 2, 3];

    private static readonly float[] s_weights = [1, 0.5f, 2];

    // The terms of each row by PyTorch 1.13 in double precision: LSTM encoder and decoder with the weights and the noise of Fill.
    private static readonly double[] s_likelihoods = [17.73889056797379, 3.934773798259402, 13.288833195734291],
        s_divergences = [0.34133353551436635, 0.37233015861691043, 0.36393819524183474];

    // The gradients of the mean of likelihood + divergence / 2, weighted by s_weights, times Fill(40).
    private static readonly Dictionary<string, double> s_gradients = new()
    {
        ["encoder.weight_ih"] = -0.00975500501901811,
        ["encoder.weight_hh"] = 0.0002930150630498054,
        ["encoder.bias_ih"] = 0.05140893425193301,
        ["head.weight"] = -0.10768040460606734,
        ["head.bias"] = -0.20597934115056324,
        ["decoder.weight_ih"] = -0.08400850333008283,
        ["decoder.weight_hh"] = -0.045377309859177956,
        ["decoder.bias_hh"] = -0.08771673501401557,
        ["decoder_output.weight"] = 0.019822088214964208,
        ["decoder_output.bias"] = 1.0223991851279963,
        [LatentDecoder.ScaleName] = -3.2551224223955986,
    };

    [TestMethod]
    public void Bound_and_gradients_are_those_of_PyTorch()
    {
        using var network = Create();
        using var batch = Batch();
        using var tape = new Tape { Training = true };
        var output = network.Forward(tape, batch);
        var latent = network.Latent!;
        var noise = tape.Rent(new Shape(Rows, Size));
        Fill(noise.Span, 30, 1.2);
        var means = latent.Decode(tape, LatentDecoder.Draw(tape, output.Values, noise), Time, s_lengths);
        var floor = latent.Description.VarianceFloor;
        for (var row = 0; row < Rows; row++)
        {
            Assert.AreEqual(-s_likelihoods[row],
                GaussianReconstructionLoss.LogLikelihood(means, output.Window!, row, s_lengths[row], latent.LogScale.Value, floor), 1e-5);
            ReadOnlySpan<float> posterior = output.Values.Span.Slice(2 * row * Size, 2 * Size);
            Assert.AreEqual(s_divergences[row], GaussianKlLoss.OfDimension(posterior, 0) + GaussianKlLoss.OfDimension(posterior, 1), 1e-5);
        }
        var likelihood = GaussianReconstructionLoss.Apply(tape, means, output.Window!, s_lengths, batch.Weights, latent.LogScale.Value, floor);
        var divergence = GaussianKlLoss.Apply(tape, output.Values, batch.Weights);
        var loss = AddScaledOperation.Apply(tape, likelihood, divergence, 1, 0.5f);
        Assert.AreEqual(13.403323246064376, loss.Span[0], 1e-5);
        tape.Backward(loss);
        foreach (var (name, expected) in s_gradients)
        {
            var gradient = network[name].Gradient.Span;
            var along = new float[gradient.Length];
            Fill(along, 40);
            double sum = 0;
            for (var i = 0; i < along.Length; i++) sum += gradient[i] * (double)along[i];
            Assert.AreEqual(expected, sum, 1e-5 + 1e-5 * Math.Abs(expected), name);
        }
    }

    [TestMethod]
    public void Noise_depends_on_seed_stream_and_place_alone()
    {
        using var network = Create();
        using var tape = new Tape(7);
        float[] few = network.Latent!.Noise(tape, 2).Span.ToArray(), next = network.Latent.Noise(tape, 2).Span.ToArray();
        tape.StreamsDrawn = 0;
        CollectionAssert.AreEqual(few, network.Latent.Noise(tape, 5).Span[..few.Length].ToArray());
        CollectionAssert.AreNotEqual(few, next);
        tape.Seed = 8;
        tape.StreamsDrawn = 0;
        CollectionAssert.AreNotEqual(few, network.Latent.Noise(tape, 2).Span.ToArray());
    }

    [TestMethod]
    public void Scoring_decodes_the_means_and_validation_a_draw()
    {
        using var network = Create();
        using var batch = Batch();
        using var tape = new Tape { Recording = false };
        var output = network.Forward(tape, batch);
        var means = network.Latent!.Decode(tape, LatentDecoder.Draw(tape, output.Values, null), Time, s_lengths);
        CollectionAssert.AreEqual(means.Span.ToArray(), output.Reconstruction!.Span.ToArray());
        Assert.AreEqual(0UL, tape.StreamsDrawn);
        var drawn = network.Forward(tape, batch, new() { DrawsLatent = true }).Reconstruction!.Span.ToArray();
        CollectionAssert.AreNotEqual(means.Span.ToArray(), drawn);
        tape.StreamsDrawn = 0;
        CollectionAssert.AreEqual(drawn, network.Forward(tape, batch, new() { DrawsLatent = true }).Reconstruction!.Span.ToArray());
    }

    [TestMethod]
    public void Other_inputs_and_sizes_are_refused()
    {
        Assert.Contains("twice", Assert.Throws<ArgumentException>(() => new Network(Description() with { Outputs = 3 }, 1)).Message);
        foreach (var other in new[]
        {
            Description() with { Statics = 1 }, Description() with { WindowNormalization = WindowNormalization.LastValue, Time = 4 },
        })
            Assert.Contains("nothing else", Assert.Throws<ArgumentException>(() => new Network(other, 1)).Message);
    }

    [TestMethod]
    public void A_fixed_scale_is_not_learned()
    {
        using var network = new Network(Description() with { Latent = Description().Latent! with { Scale = 0.5f } }, 1);
        Assert.IsFalse(network.Latent!.LogScale.Trainable);
        Assert.AreEqual(0.25, GaussianReconstructionLoss.Variance(network.Latent.LogScale.Value[0], network.Latent.Description.VarianceFloor), 1e-7);
        StringAssert.Contains(network.Summary(), "decoder_output (Scales)");
    }

    private static NetworkDescription Description() => new()
    {
        Features = Channels,
        Standardize = false,
        Layers = [new RecurrentDescription("encoder", RecurrentCell.Lstm, Hidden), new PoolingDescription("pooling", SequencePooling.Last)],
        Outputs = 2 * Size,
        Latent = new() { Size = Size, Layers = [new RecurrentDescription("decoder", RecurrentCell.Lstm, Hidden)] },
    };

    private static Network Create()
    {
        var network = new Network(Description(), 1);
        foreach (var (layer, offset) in new[] { ("encoder", 0.1), ("decoder", 8.3) })
        {
            foreach (var (name, i) in new[] { "weight_ih", "weight_hh", "bias_ih", "bias_hh" }.Select((name, i) => (name, i)))
                Fill(network[$"{layer}.{name}"].Value.Span, offset + i);
        }
        foreach (var (layer, offset) in new[] { ("head", 5.2), ("decoder_output", 13.4) })
        {
            Fill(network[layer + ".weight"].Value.Span, offset);
            Fill(network[layer + ".bias"].Value.Span, offset + 1);
        }
        Fill(network[LatentDecoder.ScaleName].Value.Span, 16.5);
        return network;
    }

    private static SequenceBatch Batch()
    {
        var batch = new SequenceBatch();
        batch.Resize(Rows, Time, Channels, lengths: true, weights: true);
        Fill(batch.Values!.Span, 20, 1.5);
        s_lengths.CopyTo(batch.Lengths!, 0);
        s_weights.CopyTo(batch.Weights!.Span);
        return batch;
    }

    private static void Fill(Span<float> values, double offset, double scale = 0.6)
    {
        for (var i = 0; i < values.Length; i++) values[i] = (float)(scale * Math.Sin(offset + 0.7 * i));
    }
}
