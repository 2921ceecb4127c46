using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.Recurrent.Layers;
using Microsoft.ML.Recurrent.Networks;

namespace Microsoft.ML.Recurrent.Tests.Onnx.Precision;

/// <summary>
/// Rows that are scored together by an export in 8 bits: whatever stands beside a row moves its answer by no more than the stated error. Before inputs were
/// clipped a neighbour x1000 took all precision, and an infinite one left a number that had nothing to do with the row.
/// </summary>
[TestClass]
public sealed class NeighbourTests
{
    private const int Steps = 12, Features = 8;

    public TestContext TestContext { get; set; } = null!;

    public static IEnumerable<object[]> Cases =>
        from kind in (string[])["lstm", "two directions", "stack", "dense", "decoder"]
        from varying in new[] { false, true }
        where kind != "decoder" || !varying
        select new object[] { kind, varying };

    [TestMethod]
    [DynamicData(nameof(Cases))]
    public void Move_an_answer_by_no_more_than_the_stated_error(string kind, bool varying)
    {
        var pool = new PoolingDescription("pool", SequencePooling.Last);
        LayerDescription[] layers = kind switch
        {
            "two directions" => [new RecurrentDescription("a", RecurrentCell.Lstm, 64) { Bidirectional = true }, pool],
            "stack" => [new DenseDescription("in", 64, DenseActivation.Relu), new RecurrentDescription("a", RecurrentCell.Lstm, 64),
                new RecurrentDescription("b", RecurrentCell.Lstm, 48), pool],
            "dense" => [new DenseDescription("in", 600, DenseActivation.Relu), new RecurrentDescription("a", RecurrentCell.Gru, 64), pool,
                new DenseDescription("out", 128, DenseActivation.Relu)],
            "decoder" => [new RecurrentDescription("a", RecurrentCell.Lstm, 64)],
            _ => [new RecurrentDescription("a", RecurrentCell.Lstm, 64), pool],
        };
        var description = TestModels.Describe(layers, Features, varying ? null : Steps, outputs: kind == "decoder" ? 3 : 1);
        if (kind == "decoder")
            description = description with
            {
                Horizon = 3,
                Decoder = new() { Steps = 3, Targets = 1, Layers = [new RecurrentDescription("d", RecurrentCell.Lstm, 64)] }
            };
        using var network = new Network(description, seed: 3);
        var model = TestModels.Model(network);
        using var stream = new MemoryStream();
        var report = model.ExportToOnnx(stream, new() { Precision = OnnxPrecision.Int8 });
        var error = report.Outputs[0].MaximumAbsoluteError;
        Assert.IsTrue(error > 0 && error < 0.5, $"{error}");
        using var session = new InferenceSession(stream.ToArray());

        // Rows as the weights expect them: of mean 0 and deviation 1.
        var rows = TestRows.Random(description, 24, longest: Steps);
        var width = description.Outputs;
        double greatest = 0;
        for (var row = 0; row < rows.Count; row++)
        {
            var alone = Answers(row, []);
            foreach (var factor in new[] { 10f, 100, 1000, 1e30f }) Compare(Array.ConvertAll(rows.Values[(row + 1) % rows.Count], value => value * factor));
            foreach (var fault in new[] { float.PositiveInfinity, float.NegativeInfinity, float.NaN })
            {
                var neighbour = (float[])rows.Values[(row + 1) % rows.Count].Clone();
                neighbour[neighbour.Length / 2] = fault;
                Compare(neighbour);
                Array.Fill(neighbour, fault);
                Compare(neighbour);
            }

            void Compare(float[] neighbour)
            {
                var beside = Answers(row, neighbour);
                for (var i = 0; i < width; i++) greatest = Math.Max(greatest, Math.Abs(alone[i] - beside[i]));
                Assert.IsFalse(double.IsNaN(beside.Sum()));
            }
        }
        Assert.IsTrue(greatest <= error, $"{greatest} where {error} is stated");
        TestContext.WriteLine($"a neighbour moves an answer by {greatest} at the most; {error} is stated");

        float[] Answers(int row, float[] neighbour)
        {
            float[][] values = neighbour.Length > 0 ? [rows.Values[row], neighbour] : [rows.Values[row]];
            int[] lengths = [.. values.Select(row => row.Length / Features)];
            var some = new TestRows
            {
                Count = values.Length, Time = lengths.Max(), Lengths = lengths, Features = Features, Values = values,
                Tokens = [.. values.Select(_ => Array.Empty<long>())], Statics = []
            };
            return TestModels.RunBare(session, model.Manifest, some)[0][..width];
        }
    }
}
