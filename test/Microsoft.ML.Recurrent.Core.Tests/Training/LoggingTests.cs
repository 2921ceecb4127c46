using System.Globalization;
using System.Text.Json;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Training;
using Microsoft.ML.Recurrent.Training.Logging;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Core.Tests.Training;

[TestClass]
public class LoggingTests
{
    /// <summary>All loggers receive the same run: 2 epochs of 8 updates, an entry every 4 updates and one per epoch.</summary>
    [TestMethod]
    public void Every_logger_writes_what_happened()
    {
        var folder = Directory.CreateTempSubdirectory("recurrent-log-").FullName;
        try
        {
            var (csv, json, board, own) = (Path.Combine(folder, "new", "log.csv"), Path.Combine(folder, "log.jsonl"), Path.Combine(folder, "board"), new Own());
            TrainingHistory history;
            using (TrainingLogger a = TrainingLogger.Csv(csv), b = TrainingLogger.JsonLines(json), c = TrainingLogger.TensorBoard(board))
                history = Train([a, b, c, own], statistics: false);

            CollectionAssert.AreEqual(new long[] { 4, 8, 8, 12, 16, 16 }, own.Entries.Select(entry => entry.Step).ToArray());
            var last = own.Entries[^1].Values.ToDictionary();
            Assert.AreEqual((history.Epochs[1].Loss, history.Epochs[1].ValidationLoss!.Value), (last["epoch/train_loss"], last["epoch/validation_loss"]));

            // Text has all digits, TensorBoard single precision.
            var expected = own.Entries.SelectMany(entry => entry.Values.Select(value => (entry.Step, value.Key, value.Value))).ToArray();
            var rows = File.ReadAllLines(csv).Skip(1).Select(line => line.Split(',')).ToArray();
            CollectionAssert.AreEqual(expected, rows.Select(row => (long.Parse(row[0]), row[3], double.Parse(row[4], CultureInfo.InvariantCulture))).ToArray());
            var objects = File.ReadAllLines(json).Select(line => JsonSerializer.Deserialize<JsonElement>(line)).ToArray();
            CollectionAssert.AreEqual(expected,
                objects.SelectMany(o => o.EnumerateObject().Skip(3).Select(p => (o.GetProperty("step").GetInt64(), p.Name, p.Value.GetDouble()))).ToArray());
            var events = Directory.GetFiles(board);
            Assert.HasCount(1, events);
            CollectionAssert.AreEqual(expected.Select(e => (e.Step, e.Key, (float)e.Value)).ToArray(), EventFile.Read(events[0]).ToArray());
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [TestMethod]
    public void Statistics_tell_of_every_parameter_and_layer_and_change_nothing()
    {
        var own = new Own();
        var with = Train([own], statistics: true);
        var without = Train([], statistics: false);
        CollectionAssert.AreEqual(without.Epochs.Select(epoch => epoch.Loss).ToArray(), with.Epochs.Select(epoch => epoch.Loss).ToArray());
        var values = own.Entries[0].Values.ToDictionary();
        foreach (var name in new[] { "gradient_norm/lstm_1.weight_hh", "weight_norm/head.bias", "activation_mean/gru_1", "activation_deviation/lstm_1",
            "activation_saturated/lstm_1", "gradient_flow/gru_1" })
            Assert.IsTrue(values.TryGetValue(name, out var value) && double.IsFinite(value)
                && (value > 0 || name.Contains("mean") || name.Contains("saturated") || name.Contains("bias")), name);
    }

    [TestMethod]
    public void A_text_file_is_continued()
    {
        var path = Path.GetTempFileName();
        try
        {
            foreach (var step in new[] { 1, 2 })
            {
                using var logger = TrainingLogger.Csv(path);
                logger.Log(new TrainingLogEntry
                {
                    Step = step, Epoch = 1, Time = DateTimeOffset.UnixEpoch, Elapsed = TimeSpan.FromSeconds(1.5),
                    Values = [new("x", 0.1)]
                });
            }

            Assert.AreEqual("step,epoch,seconds,name,value\n1,1,1.5,x,0.1\n2,1,1.5,x,0.1\n", File.ReadAllText(path));
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static TrainingHistory Train(IReadOnlyList<TrainingLogger> loggers, bool statistics)
    {
        using var network = TrainingLoopTests.Build(TrainingLoopTests.Body().Lstm(6).Gru(5), outputs: 2);
        var settings = new TrainingSettings { Seed = 3, MaximumNumberOfEpochs = 2, Loggers = loggers, LogEverySteps = 4, LogStatistics = statistics };
        return new TrainingLoop(network, new ClassHead(2), settings).Run(new TestBatches(TestBatches.Sums(128), 16), new TestBatches(TestBatches.Sums(32), 32));
    }

    private sealed class Own : TrainingLogger
    {
        public List<TrainingLogEntry> Entries { get; } = [];

        public override void Log(TrainingLogEntry entry) => Entries.Add(entry);
    }
}
