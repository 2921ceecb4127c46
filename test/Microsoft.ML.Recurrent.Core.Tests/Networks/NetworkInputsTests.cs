using System.Text.Json;
using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Networks.Inputs;
using Microsoft.ML.Recurrent.Tensors;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Core.Tests.Networks;

/// <summary>Network inputs besides the sequence: static features, future features, and categories of all places.</summary>
[TestClass]
public class NetworkInputsTests
{
    private static readonly NetworkDescription Description = new()
    {
        Features = 3, Time = 5, Statics = 1, FutureFeatures = 1, Horizon = 2, UnscaledFeatures = 1, WindowNormalization = WindowNormalization.LastValue,
        Outputs = 2,
        Categories = [new("category_1", CategoryPlace.Past, 4, 2), new("category_2", CategoryPlace.Future, 3, 2),
            new("category_3", CategoryPlace.Static, 5, 3)],
        Layers = SequenceNetwork.Create().Gru(6).Layers(),
    };

    private static SequenceBatch Batch(int rows, ulong seed)
    {
        var (random, batch) = (new RandomStream(seed), new SequenceBatch());
        batch.Resize(rows, 5, 3, statics: 1, future: 1, horizon: 2);
        foreach (var tensor in new[] { batch.Values!, batch.Statics!, batch.Future! })
            foreach (ref var value in tensor.Span) value = (float)random.NextGaussian();
        foreach (ref var id in batch.Categories(0, 5 * rows).AsSpan()) id = random.NextInt32(4);
        foreach (ref var id in batch.Categories(1, 5 * rows).AsSpan()) id = random.NextInt32(3);
        foreach (ref var id in batch.FutureCategories(1, 2 * rows).AsSpan()) id = random.NextInt32(3);
        foreach (ref var id in batch.Categories(2, rows).AsSpan()) id = random.NextInt32(5);
        return batch;
    }

    [TestMethod]
    public void Widths_count_vectors()
    {
        Assert.AreEqual((7, 4, 3), (Description.SequenceWidth, Description.StaticWidth, Description.FutureWidth));
        using var network = new Network(Description, 1);
        Assert.AreEqual(6 + 4 + 2 * 3, network["head.weight"].Shape[1]);
        var again = JsonSerializer.Deserialize<NetworkDescription>(JsonSerializer.Serialize(Description))!;
        Assert.IsTrue(again.Categories.SequenceEqual(Description.Categories));
    }

    [TestMethod]
    public void Averages_weigh_earlier_steps_less_and_leave_missing_ones_out()
    {
        using var tape = new Tape { Recording = false };
        using var window = Tensor.Rent(new Shape(4, 1, 2));
        float[] values = [1, 9, 5, 9, float.NaN, 9, 3, 9];
        values.CopyTo(window.Span);
        var distances = RelativeAverages.Apply(tape, window, 1, [2, 4]);
        // Halves: (5 + 1 / 2) / (1 + 1 / 2), then (3 + 5 / 4 + 1 / 8) / (1 + 1 / 4 + 1 / 8); three quarters likewise.
        double[] halves = [0, 5 - 5.5 / 1.5, double.NaN, 3 - 4.375 / 1.375];
        double[] quarters = [0, 5 - 5.75 / 1.75, double.NaN, 3 - (3 + 5 * .5625 + .421875) / (1 + .5625 + .421875)];
        for (var t = 0; t < 4; t++)
        {
            Assert.AreEqual(halves[t], distances[2 * t], 1e-6);
            Assert.AreEqual(quarters[t], distances[2 * t + 1], 1e-6);
        }
    }

    [TestMethod]
    public void Tables_of_all_places_learn()
    {
        using var network = new Network(Description, 1);
        using var batch = Batch(4, 3);
        using var tape = new Tape();
        var values = network.Forward(tape, batch).Values;
        var upstream = Tape.GradientOf(values)!;
        for (var i = 0; i < upstream.Length; i++) upstream[i] = 0.3f * (i + 1);
        tape.Backward();
        var random = new RandomStream(4);
        foreach (var name in new[] { "category_1.weight", "category_2.weight", "category_3.weight" })
        {
            var parameter = network[name];
            var direction = Enumerable.Range(0, parameter.Value.Length).Select(_ => (float)random.NextGaussian()).ToArray();
            double slope = 0;
            for (var i = 0; i < direction.Length; i++) slope += direction[i] * parameter.Gradient!.Span[i];
            var difference = (Along(1e-2f) - Along(-1e-2f)) / 2e-2;
            Assert.AreEqual(difference, slope, 2e-3 * Math.Max(1, Math.Abs(difference)), name);

            double Along(float step)
            {
                for (var i = 0; i < direction.Length; i++) parameter.Value[i] += step * direction[i];
                using var plain = new Tape { Recording = false };
                var answer = network.Forward(plain, batch).Values;
                double sum = 0;
                for (var i = 0; i < answer.Length; i++) sum += 0.3f * (i + 1) * answer[i];
                for (var i = 0; i < direction.Length; i++) parameter.Value[i] -= step * direction[i];
                return sum;
            }
        }
    }

    [TestMethod]
    public void What_training_did_not_meet_is_the_mean_of_the_others()
    {
        using var network = new Network(Description, 1);
        var table = network["category_2.weight"].Value;
        new float[] { 9, 9, 1, 2, 3, 6 }.CopyTo(table.Span);
        network.Inputs.FillUnknown([[true, true, true, true], [false, true, true], [true, true, true, true, true]]);
        CollectionAssert.AreEqual(new float[] { 2, 4, 1, 2, 3, 6 }, table.Span.ToArray());
    }

    [TestMethod]
    public void Missing_inputs_are_named()
    {
        using var network = new Network(Description, 1);
        using var tape = new Tape();
        using var batch = new SequenceBatch();
        batch.Resize(2, 5, 3, statics: 1);
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => network.Forward(tape, batch)).Message, "'category_1'");
        using var other = new Network(Description with { Categories = [] }, 1);
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => other.Forward(tape, batch)).Message, "future features for each of 2 steps");
    }

    [TestMethod]
    public void Lags_look_back_from_the_window_and_from_the_horizon()
    {
        using var tape = new Tape { Recording = false };
        // Two rows of five steps, two features of which the first is lagged: 10 x step + row.
        using var window = Tensor.From(new Shape(5, 2, 2), [.. Enumerable.Range(0, 20).Select(i => i % 2 == 1 ? -1f : 10 * (i / 4) + i / 2 % 2)]);
        var lagged = LaggedInputs.OfWindow(tape, window, 1, [1, 3]);
        var ahead = LaggedInputs.OfFuture(tape, window, 1, [1, 3], 4);
        for (var row = 0; row < 2; row++)
        {
            for (var t = 0; t < 5; t++)
                CollectionAssert.AreEqual(new float[] { t < 1 ? 0 : 10 * (t - 1) + row, t < 3 ? 0 : 10 * (t - 3) + row },
                    lagged.Span.Slice((t * 2 + row) * 2, 2).ToArray());
            // At lag 1, the horizon's steps read the last step of the window; at lag 3, its third, fourth and last, then the third again.
            int[] third = [2, 3, 4, 2];
            for (var step = 0; step < 4; step++)
                CollectionAssert.AreEqual(new float[] { 40 + row, 10 * third[step] + row }, ahead.Span.Slice((step * 2 + row) * 2, 2).ToArray());
        }
    }
}
