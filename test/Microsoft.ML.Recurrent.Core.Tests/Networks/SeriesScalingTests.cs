using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Networks.Inputs;
using Microsoft.ML.Recurrent.Tensors;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Core.Tests.Networks;

/// <summary>Levels and scales per series, which replace those of the windows.</summary>
[TestClass]
public class SeriesScalingTests
{
    private const int Time = 6;

    private static Network Create(WindowNormalization normalization, bool ids = true)
    {
        var network = new Network(new()
        {
            Features = 3, Time = Time, FutureFeatures = 1, Horizon = 1, UnscaledFeatures = 1, WindowNormalization = normalization,
            SeriesScaling = new(ids ? 3 : 1, ids), Standardize = false, Outputs = 1,
            Layers = SequenceNetwork.Create().Gru(2).Layers(),
        }, 1);
        // Series 1 has statistics of both features, series 2 of the first one only.
        var rows = ids ? new[] { 0f, 0, 0, 10, 20, 0, 5, 0, 0 } : [10, 20, 0];
        rows.CopyTo(network[SeriesScaling.ScaleName].Value.Span);
        if (SeriesScaling.HasLevel(normalization)) rows.Select(value => value * 10).ToArray().CopyTo(network[SeriesScaling.LevelName].Value.Span);
        return network;
    }

    private static SequenceBatch Batch(params int[] series)
    {
        var batch = new SequenceBatch();
        batch.Resize(series.Length, Time, 3, future: 1, horizon: 1, series: true);
        var random = new RandomStream(2);
        foreach (ref var value in batch.Values!.Span) value = 100 + 30 * (float)random.NextGaussian();
        series.CopyTo(batch.Series!, 0);
        return batch;
    }

    private static (float Level, float Scale) Figures(NetworkOutput output, int row, int feature) =>
        (output.WindowLevel![row * 3 + feature], output.WindowScale![row * 3 + feature]);

    [TestMethod]
    [DataRow(WindowNormalization.Standard)]
    [DataRow(WindowNormalization.Robust)]
    [DataRow(WindowNormalization.Mean)]
    [DataRow(WindowNormalization.LastValue)]
    [DataRow(WindowNormalization.Difference)]
    public void Known_figures_take_the_windows_place(WindowNormalization normalization)
    {
        using var network = Create(normalization);
        using var tape = new Tape { Recording = false };
        using var batch = Batch(0, 1, 2);
        var output = network.Normalize(tape, batch);
        var last = normalization is WindowNormalization.LastValue or WindowNormalization.Difference;
        // With last-value normalization, a window without series statistics uses its standard deviation.
        var (own, ownLevel, ownScale) = InputNormalization.Window(tape, batch.Values!, last ? WindowNormalization.Standard : normalization, null, 1);
        for (var row = 0; row < 3; row++)
        {
            for (var feature = 0; feature < 3; feature++)
            {
                var (level, scale) = Figures(output, row, feature);
                var known = (row, feature) switch { (1, 0) => 10, (1, 1) => 20, (2, 0) => 5, _ => 0f };
                var lastValue = batch.Values![((Time - 1) * 3 + row) * 3 + feature];
                Assert.AreEqual(known > 0 ? known : ownScale![row * 3 + feature], scale, $"{row}, {feature}");
                Assert.AreEqual(feature == 2 ? 0 : last ? lastValue : known > 0 ? SeriesScaling.HasLevel(normalization)
                    ? 10 * known
                    : 0 : ownLevel![row * 3 + feature], level, $"{row}, {feature}");
                for (var t = 0; t < Time; t++)
                    Assert.AreEqual((batch.Values[(t * 3 + row) * 3 + feature] - level) / scale, output.Window![(t * 3 + row) * 3 + feature]);
            }
        }
    }

    [TestMethod]
    public void The_only_series_needs_no_ids()
    {
        using var network = Create(WindowNormalization.Standard, ids: false);
        using var tape = new Tape { Recording = false };
        using var batch = Batch(0, 0);
        var output = network.Normalize(tape, batch);
        for (var row = 0; row < 2; row++) Assert.AreEqual((100f, 10f), Figures(output, row, 0));
        Assert.Contains("series (Standard by series)", network.Summary());
    }

    /// <summary>
    /// Training normalizes some rows by the statistics of their windows, different ones in each batch, but not flat windows; scoring normalizes all by series.
    /// </summary>
    [TestMethod]
    public void Training_hides_some_series()
    {
        using var network = Create(WindowNormalization.LastValue);
        using var batch = Batch([.. Enumerable.Repeat(1, 2000)]);
        // Every other window is flat in the first feature.
        for (var row = 0; row < 2000; row += 2)
            for (var t = 0; t < Time; t++) batch.Values![(t * 2000 + row) * 3] = 7 + 0.1f * t;
        bool[] first = Hidden(1), again = Hidden(1), other = Hidden(2);
        CollectionAssert.AreEqual(first, again);
        CollectionAssert.AreNotEqual(first, other);
        Assert.AreEqual(SeriesScaling.HiddenShare * 1000, first.Count(hidden => hidden), 60);
        Assert.IsFalse(first.Where((_, row) => row % 2 == 0).Any(hidden => hidden));
        Assert.IsFalse(Hidden(1, training: false).Any(hidden => hidden));

        bool[] Hidden(ulong seed, bool training = true)
        {
            using var tape = new Tape { Training = training, Seed = seed };
            var output = network.Normalize(tape, batch);
            return [.. Enumerable.Range(0, 2000).Select(row => Figures(output, row, 0).Scale != 10)];
        }
    }

    [TestMethod]
    public void Faults_are_named()
    {
        using var network = Create(WindowNormalization.Mean);
        using var tape = new Tape { Recording = false };
        using var batch = new SequenceBatch();
        batch.Resize(1, Time, 3, future: 1, horizon: 1);
        Assert.Contains("does not give the series of its rows", Assert.ThrowsExactly<ArgumentException>(() => network.Normalize(tape, batch)).Message);
        Assert.ThrowsExactly<ArgumentException>(() => Create(WindowNormalization.None));
    }
}
