using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Training;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Core.Tests.Training;

/// <summary>The statistics that show vanishing and exploding gradients, for all ways in which a recurrent layer runs.</summary>
[TestClass]
public class GradientFlowTests
{
    public enum Way
    {
        Fused,
        Segmented,
        Stepped,
        Dilated,
        Merged,
        Residual,
    }

    public static IEnumerable<object[]> Ways =>
        from way in Enum.GetValues<Way>()
        from figures in new[] { (0.5f, 0.0, 0.03), (1f, 0.99, 1.01), (2f, 30, double.PositiveInfinity) }
        select new object[] { way, figures.Item1, figures.Item2, figures.Item3 };

    /// <summary>
    /// Gradients of a simple RNN vanish with a small recurrent weight and explode with a large one; those of a plain sum do neither. Also for the reverse
    /// direction.
    /// </summary>
    [TestMethod]
    [DynamicData(nameof(Ways))]
    public void The_flow_shows_vanishing_and_explosion(Way way, float recurrentWeight, double least, double greatest)
    {
        var options = new RecurrentLayerOptions
        {
            Activation = RecurrentActivation.LeakyRelu, Bidirectional = true,
            Merge = way is Way.Merged or Way.Residual ? BidirectionalMerge.Sum : BidirectionalMerge.Concat,
            ZoneoutHidden = way is Way.Stepped ? 1e-6f : 0, Dilation = way is Way.Dilated ? 2 : 1, Residual = way is Way.Residual,
        };
        using var network = TrainingLoopTests.Build(TrainingLoopTests.Body().SimpleRnn(1, options), outputs: 1, features: 1);
        foreach (var direction in new[] { "", "_reverse" })
        {
            network["rnn_1.weight_hh" + direction].Value.Span.Fill(recurrentWeight);
            network["rnn_1.weight_ih" + direction].Value.Span.Fill(1);
        }

        network["head.weight"].Value.Span.Fill(1);
        // With rows of different lengths, each row's own quarters are measured.
        Example[] examples = [.. new[] { 16, 14, 1, 13 }.Select(length => new Example([.. Enumerable.Repeat(new[] { 1f }, length)], Targets: [-1]))];
        var values = Statistics(network, examples, way is Way.Segmented ? 5 : null);
        // The head of a residual layer reads the last step only, where the reverse direction starts.
        Assert.AreEqual(way is not Way.Residual, values.ContainsKey("gradient_flow/rnn_1_reverse"));
        foreach (var direction in way is Way.Residual ? new[] { "" } : ["", "_reverse"])
        {
            var flow = values["gradient_flow/rnn_1" + direction];
            Assert.IsTrue(flow >= least && flow <= greatest, $"{direction}: {flow}");
        }
    }

    /// <summary>Segmented and stepped runs give the same statistics.</summary>
    [TestMethod]
    [DataRow(RecurrentCell.SimpleRnn)]
    [DataRow(RecurrentCell.Lstm)]
    [DataRow(RecurrentCell.Gru)]
    [DataRow(RecurrentCell.MinimalGated)]
    public void Every_way_has_the_same_flow(RecurrentCell cell)
    {
        foreach (var resetAfter in cell is RecurrentCell.Gru ? new[] { true, false } : [true])
        {
            var plain = Flows(cell, resetAfter, null, 0);
            Assert.HasCount(2, plain);
            foreach (var other in new[] { Flows(cell, resetAfter, 3, 0), Flows(cell, resetAfter, null, 1e-7f) })
            {
                CollectionAssert.AreEquivalent(plain.Keys.ToArray(), other.Keys.ToArray());
                foreach (var (name, value) in plain) Assert.AreEqual(value, other[name], 1e-4 * value, $"{cell} {name}");
            }
        }
    }

    [TestMethod]
    public void Every_other_form_of_layer_is_told()
    {
        var body = TrainingLoopTests.Body().Lstm(4, new RecurrentLayerOptions { Projection = 3 })
            .Lstm(4, new RecurrentLayerOptions { LayerNormalization = true }).Gru(4, new RecurrentLayerOptions { RecurrentDropout = 0.2f });
        using var network = TrainingLoopTests.Build(body, outputs: 2);
        var values = Statistics(network, TestBatches.Sums(16, varying: true), null);
        foreach (var layer in new[] { "lstm_1", "lstm_2", "gru_1" })
            foreach (var figure in new[] { "gradient_flow", "activation_mean", "activation_deviation", "activation_saturated" })
                Assert.IsTrue(values.TryGetValue($"{figure}/{layer}", out var value) && double.IsFinite(value), $"{figure}/{layer}");
    }

    /// <summary>Padding is not an activation: a short row next to a long one changes only its own share.</summary>
    [TestMethod]
    public void Activations_leave_padding_out()
    {
        using var network = TrainingLoopTests.Build(TrainingLoopTests.Body().Lstm(3), outputs: 2);
        Example Row(int length) => new([.. Enumerable.Repeat(new[] { 0.5f, -0.5f }, length)]);
        var same = Statistics(network, [Row(1), Row(1)], null);
        using var again = TrainingLoopTests.Build(TrainingLoopTests.Body().Lstm(3), outputs: 2);
        var mixed = Statistics(again, [Row(1), Row(9)], null);
        using var alone = TrainingLoopTests.Build(TrainingLoopTests.Body().Lstm(3), outputs: 2);
        var longer = Statistics(alone, [Row(9)], null);
        Assert.AreEqual((same["activation_mean/lstm_1"] + 9 * longer["activation_mean/lstm_1"]) / 10, mixed["activation_mean/lstm_1"], 1e-6);
    }

    private static Dictionary<string, double> Flows(RecurrentCell cell, bool resetAfter, int? segment, float zoneout)
    {
        var options = new RecurrentLayerOptions { Bidirectional = true, ZoneoutHidden = zoneout, ResetAfter = resetAfter };
        using var network = TrainingLoopTests.Build(TrainingLoopTests.Body().Recurrent(cell, 7, options), outputs: 2);
        return Statistics(network, TestBatches.Sums(11, time: 17, varying: true), segment)
            .Where(pair => pair.Key.StartsWith("gradient_flow/", StringComparison.Ordinal)).ToDictionary();
    }

    private static Dictionary<string, double> Statistics(Network network, Example[] examples, int? segment)
    {
        var first = new FirstEntry();
        var settings = new TrainingSettings
        {
            Seed = 1, MaximumNumberOfEpochs = 1, Loggers = [first], LogEverySteps = 1, LogStatistics = true,
            SegmentSteps = segment
        };
        new TrainingLoop(network, network.Description.Outputs == 1 ? new NumberHead(1) : new ClassHead(2), settings)
            .Run(new TestBatches(examples, examples.Length));
        return first.Values!;
    }

    private sealed class FirstEntry : TrainingLogger
    {
        public Dictionary<string, double>? Values { get; private set; }

        public override void Log(TrainingLogEntry entry) => Values ??= entry.Values.ToDictionary();
    }
}
