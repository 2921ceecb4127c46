using Microsoft.ML.Recurrent.Layers;
using Microsoft.ML.Recurrent.Model;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Scoring;
using Microsoft.ML.Recurrent.Tests.Onnx;

namespace Microsoft.ML.Recurrent.Tests.Scoring;

[TestClass]
public sealed class RunSizeTests
{
    private const int Steps = (1 << 24) / 64, Cheap = 1 << 13;

    private static readonly RunSize Size = new(TestModels.Manifest(TestModels.Describe([new PoolingDescription("pool", SequencePooling.Last)], time: null)),
        256);

    [TestMethod]
    [DataRow(1000, 50, 256)]
    [DataRow(100, 50, 100)]
    [DataRow(256, 1024, 256)]
    [DataRow(256, 2048, 128)]
    [DataRow(256, Steps, 1)]
    [DataRow(256, 10 * Steps, 1)]
    public void Rows_of_one_length_stay_within_the_budget(int rows, int time, int expected) => Assert.AreEqual(expected, Size.OfOneLength(rows, time));

    [TestMethod]
    [DataRow(256, 50, 81)]
    [DataRow(256, 10, 256)]
    [DataRow(1024, 50, 20)]
    [DataRow(4096, 50, 16)]
    public void The_gates_of_a_run_on_one_thread_stay_in_the_cache(int gates, int time, int expected)
    {
        var manifest = TestModels.Manifest(TestModels.Describe([new PoolingDescription("pool", SequencePooling.Last)], time: null));
        Assert.AreEqual(expected, new RunSize(manifest, 256, gates).OfOneLength(256, time));
        Assert.AreEqual(10, new RunSize(manifest, 10, gates).OfOneLength(256, time));
    }

    [TestMethod]
    public void Answers_at_every_step_count()
    {
        var manifest = new ModelManifest
        {
            Task = ModelTask.Foreign, Inputs = [new("Words", InputKind.Tokens, null, 1, 10_000)],
            Outputs = [new("Score", OutputKind.Single, 10_000) { PerStep = true }],
        };
        Assert.AreEqual((1 << 24) / 10_001 / 35, new RunSize(manifest, 256).OfOneLength(256, 35));
    }

    [TestMethod]
    public void Ordinary_lengths_are_left_together()
    {
        var random = new Random(1);
        int[] times = [.. Enumerable.Range(0, 256).Select(_ => random.Next(1, 101))];
        Assert.IsFalse(Size.IsTooUneven(times));
        Array.Sort(times);
        Assert.AreEqual(256, Size.OfLengths(times, [.. Enumerable.Range(0, 256)]));
    }

    [TestMethod]
    public void Any_lengths_run_once_each_with_little_padding()
    {
        var random = new Random(2);
        for (var trial = 0; trial < 300; trial++)
        {
            // From even to wild: a few rows may be thousands of times as long as the others.
            var spread = 12 * random.NextDouble();
            int[] times = [.. Enumerable.Range(0, random.Next(2, 1025)).Select(_ => 1 + (int)Math.Exp(spread * Math.Pow(random.NextDouble(), 4)))];
            int[] order = [.. Enumerable.Range(0, times.Length).OrderBy(row => times[row])];
            var start = 0;
            while (start < order.Length)
            {
                var count = Size.OfLengths(times, order.AsSpan(start));
                Assert.IsTrue(count is >= 1 and <= 256);
                long padded = (long)count * times[order[start + count - 1]], sum = order.Skip(start).Take(count).Sum(row => (long)times[row]);
                Assert.IsTrue(count == 1 || padded <= Steps, $"{padded} steps in a run");
                NumberAssert.IsLessThanOrEqualTo(Math.Max(4 * sum, sum + Cheap), padded);
                start += count;
            }
            Assert.AreEqual(order.Length, start);
        }
    }
}
