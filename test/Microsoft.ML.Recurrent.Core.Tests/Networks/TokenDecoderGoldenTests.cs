using System.Text.Json;
using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Kernels;
using Microsoft.ML.Recurrent.Layers;
using Microsoft.ML.Recurrent.Losses;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Tensors;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Core.Tests.Networks;

/// <summary>
/// Decoders of tokens beside PyTorch (Golden/token_decoders.py), for every combination of attention, input feeding, tied head, cell and number of layers:
/// outputs, weights of the attention, losses and gradients. Rows differ in length, and what pads them is arbitrary.
/// </summary>
[TestClass]
public sealed class TokenDecoderGoldenTests
{
    private const int Vocabulary = 8, End = 6, Start = 7, Embedding = 5, Hidden = 6;

    private static readonly int[][] s_sources = [[3, 1, 6, 2], [5], [4, 4, 1]], s_targets = [[2, 5, End], [1, 3, 0, 4, End], [4, End]];

    private static readonly JsonElement[] s_cases = Read();

    public static IEnumerable<object[]> Names => s_cases.Select(NameOf).Select(name => new object[] { name });

    [TestMethod]
    [DynamicData(nameof(Names))]
    public void Agrees_with_py_torch(string name)
    {
        var golden = s_cases.Single(golden => NameOf(golden) == name);
        // At once where that is possible; step by step, since a step may be fed something else; and the same in validation.
        foreach (var (training, forcing) in new[] { (true, 1f), (true, 1 - 1e-7f), (false, 1f) })
        {
            using var network = Create(golden);
            using var tape = new Tape { Training = training };
            using var batch = Batch();
            var logits = network.Forward(tape, batch, new() { TeacherForcing = forcing }).Values;
            Compare(golden.GetProperty("logits"), (row, step) => logits.Span.Slice((step * batch.Rows + row) * Vocabulary, Vocabulary), "logits");
            var answers = batch.Answers.AsSpan(0, batch.AnswerTime * batch.Rows);
            Assert.AreEqual(golden.GetProperty("loss").GetDouble(), SoftmaxCrossEntropyLoss.Apply(tape, logits, answers)[0], 1e-5);
            var loss = SoftmaxCrossEntropyLoss.Apply(tape, logits, answers, smoothing: 0.1f);
            Assert.AreEqual(golden.GetProperty("smoothed").GetDouble(), loss[0], 1e-5);
            tape.Backward(loss);
            CompareGradients(golden.GetProperty("gradients"), network);
        }
    }

    [TestMethod]
    [DynamicData(nameof(Names))]
    public void Attention_agrees_with_py_torch(string name)
    {
        var golden = s_cases.Single(golden => NameOf(golden) == name);
        using var network = Create(golden);
        using var tape = new Tape { Recording = false };
        using var batch = Batch();
        var state = network.ReadSources(tape, batch, keepsWeights: true);
        var fed = new int[batch.Rows];
        Array.Fill(fed, Start);
        for (var step = 0; step < batch.AnswerTime; step++)
        {
            network.Decoder!.Step(tape, new Signal(null, null) { Tokens = fed, Time = 1, Rows = batch.Rows }, state);
            for (var row = 0; row < batch.Rows; row++)
            {
                var expected = golden.GetProperty("weights")[row];
                if (expected.GetArrayLength() == 0 || step >= s_targets[row].Length) continue;
                var (length, weights) = (s_sources[row].Length, state.Weights!.Span.Slice(row * batch.Time, batch.Time).ToArray());
                for (var t = 0; t < batch.Time; t++)
                    Assert.AreEqual(t < length ? expected[step * length + t].GetDouble() : 0, weights[t], 1e-5, $"row {row}, step {step}, source {t}");
            }
            fed = [.. s_targets.Select(target => step < target.Length ? target[step] : 0)];
        }
    }

    [TestMethod]
    public void No_bit_depends_on_the_number_of_threads()
    {
        foreach (var golden in s_cases.Where(golden => golden.GetProperty("attention").GetString() == "Additive"))
        {
            float[] Gradients(int threads)
            {
                using var limit = Workers.Limit(threads);
                using var network = Create(golden);
                using var tape = new Tape { Training = true };
                using var batch = Batch();
                var logits = network.Forward(tape, batch).Values;
                tape.Backward(SoftmaxCrossEntropyLoss.Apply(tape, logits, batch.Answers.AsSpan(0, batch.AnswerTime * batch.Rows)));
                return [.. network.Parameters.SelectMany(parameter => parameter.Gradient.Span.ToArray())];
            }

            CollectionAssert.AreEqual(Gradients(1), Gradients(2));
        }
    }

    private static void Compare(JsonElement expected, RowStep actual, string what)
    {
        for (var row = 0; row < s_targets.Length; row++)
            for (var step = 0; step < s_targets[row].Length; step++)
                GoldenVectors.AssertClose([.. expected[row].EnumerateArray().Skip(step * Vocabulary).Take(Vocabulary).Select(value => value.GetDouble())],
                    actual(row, step), $"{what} of row {row}, step {step}");
    }

    private delegate ReadOnlySpan<float> RowStep(int row, int step);

    // Two directional derivatives and the norm.
    private static void CompareGradients(JsonElement expected, Network network)
    {
        Assert.HasCount(expected.EnumerateObject().Count(), network.Parameters);
        foreach (var parameter in network.Parameters)
        {
            double[] golden = [.. expected.GetProperty(parameter.Name).EnumerateArray().Select(value => value.GetDouble())];
            double first = 0, second = 0, norm = 0;
            for (var i = 0; i < parameter.Gradient.Length; i++)
            {
                double slope = parameter.Gradient[i];
                (first, second, norm) = (first + slope * Math.Cos(0.7 * i), second + slope * Math.Sin(1.1 * i + 0.3), norm + slope * slope);
            }
            var tolerance = 1e-6 + 1e-4 * golden[2];
            Assert.AreEqual(golden[0], first, tolerance, $"first derivative of {parameter.Name}");
            Assert.AreEqual(golden[1], second, tolerance, $"second derivative of {parameter.Name}");
            Assert.AreEqual(golden[2], Math.Sqrt(norm), tolerance, $"norm of {parameter.Name}");
        }
    }

    private static Network Create(JsonElement golden)
    {
        var cell = Enum.Parse<RecurrentCell>(golden.GetProperty("cell").GetString()!);
        var (layers, tied) = (golden.GetProperty("layers").GetInt32(), golden.GetProperty("tied").GetBoolean());
        var (form, bidirectional) = (golden.GetProperty("attention").GetString()!, golden.GetProperty("bidirectional").GetBoolean());
        IEnumerable<LayerDescription> Recurrent(string name, int size, bool both) =>
            Enumerable.Range(1, layers).Select(i => new RecurrentDescription($"{name}_{i}", cell, size) { Bidirectional = both });
        var network = new Network(new()
        {
            Features = 0, Vocabulary = 7, Outputs = Vocabulary, TieHead = tied,
            Layers = [new EmbeddingDescription("embedding", 4), .. Recurrent("encoder", bidirectional ? 3 : Hidden, bidirectional)],
            Decoder = new()
            {
                Steps = 9, Targets = 0, Vocabulary = Vocabulary, StartToken = Start, EndToken = End, AttentionUnits = 4,
                Attention = form.Length == 0 ? null : Enum.Parse<AttentionForm>(form), InputFeeding = golden.GetProperty("feeding").GetBoolean(),
                Projection = tied ? Embedding : 0,
                Layers = [new EmbeddingDescription("decoder_embedding", Embedding), .. Recurrent("decoder", Hidden, both: false)],
            },
        }, seed: 1);
        foreach (var parameter in network.Parameters)
        {
            var phase = parameter.Name.Sum(letter => letter) % 63 * 0.1;
            for (var i = 0; i < parameter.Value.Length; i++) parameter.Value[i] = (float)(0.6 * Math.Sin(0.9 * i + phase));
        }
        return network;
    }

    private static SequenceBatch Batch()
    {
        var (rows, batch) = (s_sources.Length, new SequenceBatch());
        batch.Resize(rows, s_sources.Max(source => source.Length), 0, tokens: true, lengths: true, answerTime: s_targets.Max(target => target.Length));
        // Padding that must not matter.
        batch.Tokens.AsSpan(0, rows * batch.Time).Fill(6);
        for (var row = 0; row < rows; row++)
        {
            batch.Lengths![row] = s_sources[row].Length;
            for (var t = 0; t < s_sources[row].Length; t++) batch.Tokens![t * rows + row] = s_sources[row][t];
            for (var t = 0; t < s_targets[row].Length; t++) batch.Answers![t * rows + row] = s_targets[row][t];
        }
        return batch;
    }

    private static string NameOf(JsonElement golden) => string.Join(' ', new[] { "cell", "layers", "attention" }
        .Select(key => golden.GetProperty(key).ToString())
        .Concat(new[] { "feeding", "tied", "bidirectional" }.Where(key => golden.GetProperty(key).GetBoolean())));

    private static JsonElement[] Read()
    {
        using var stream = typeof(TokenDecoderGoldenTests).Assembly.GetManifestResourceStream("token_decoders.json")!;
        using var document = JsonDocument.Parse(stream);
        return [.. document.RootElement.EnumerateArray().Select(element => element.Clone())];
    }
}
