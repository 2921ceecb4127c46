using System.Text.Json;
using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Core.Tests.Training;
using Microsoft.ML.Recurrent.Layers;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Training;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Core.Tests.Networks;

/// <summary>
/// Every form of network that the builder supports: it overfits one batch, gives the same output for a row whatever its batch and padding, the same bits with
/// any number of threads, and survives a round trip through JSON.
/// </summary>
[TestClass]
public class NetworkFormTests
{
    private static readonly Dictionary<string, SequenceNetwork> s_forms = new()
    {
        ["layer norm"] = Body.Lstm(12).LayerNorm().Pool(SequencePooling.Mean).LayerNorm(),
        ["batch norm"] = Body.BatchNorm(0.3f).Gru(12).Pool(SequencePooling.Last),
        ["attention dot"] = Body.Gru(12).Attention(AttentionForm.Dot),
        ["attention general"] = Body.Gru(8, bidirectional: true).Attention(),
        ["attention additive"] = Body.Lstm(12).Attention(AttentionForm.Additive, 6),
        ["attention pooling"] = Body.Gru(8, bidirectional: true).Pool(SequencePooling.Attention),
        ["self-attention"] = Body.Gru(12).SelfAttention(3).LayerNorm().Pool(SequencePooling.Mean),
        ["causal self-attention"] = Body.Gru(12).SelfAttention(2, causal: true, residual: false).Pool(SequencePooling.Last),
        ["convolution"] = Body.Convolution(8, 3).Gru(12),
        ["causal convolution"] = Body.Convolution(8, 3, 2, ConvolutionPadding.Causal, DenseActivation.Gelu).Gru(12, bidirectional: true),
        ["dense gelu and silu"] = Body.Dense(8, DenseActivation.Gelu).Gru(12).Pool(SequencePooling.Last).Dense(8, DenseActivation.Silu)
            .Activation(DenseActivation.Softplus),
        ["residual"] = Body.Lstm(12).Lstm(12, new RecurrentLayerOptions { Residual = true }).Gru(6,
            new RecurrentLayerOptions { Bidirectional = true, Residual = true }),
        ["dilated"] = Body.Gru(12, new RecurrentLayerOptions { Dilation = 2 }).Gru(8, new RecurrentLayerOptions { Dilation = 3, Bidirectional = true }),
        ["sum"] = Body.Gru(12, new RecurrentLayerOptions { Bidirectional = true, Merge = BidirectionalMerge.Sum }),
        ["average, dilated"] = Body.Lstm(12, new RecurrentLayerOptions { Bidirectional = true, Merge = BidirectionalMerge.Average, Dilation = 2 })
            .Dropout(0.1f),
        ["product"] = Body.Lstm(12, new RecurrentLayerOptions { Bidirectional = true, Merge = BidirectionalMerge.Product }).Dropout(0.1f)
            .Pool(SequencePooling.Last),
        ["projection"] = Body.Lstm(16, new RecurrentLayerOptions { Projection = 6 }).Lstm(12,
            new RecurrentLayerOptions { Projection = 4, Bidirectional = true }),
        ["recurrent dropout"] = Body.Lstm(16, new RecurrentLayerOptions { RecurrentDropout = 0.1f, InputDropout = 0.05f, Bidirectional = true }),
        ["recurrent dropout of a gru"] = Body.Gru(16, new RecurrentLayerOptions { RecurrentDropout = 0.1f }).Dropout(0.05f, sharedOverTime: true),
        ["zoneout"] = Body.Lstm(16, new RecurrentLayerOptions { ZoneoutHidden = 0.05f, ZoneoutCell = 0.1f }),
        ["zoneout of a gru"] = Body.Gru(16, new RecurrentLayerOptions { ZoneoutHidden = 0.05f, ResetAfter = false }),
        ["zoneout of a simple network"] = Body.SimpleRnn(16, new RecurrentLayerOptions { ZoneoutHidden = 0.05f, Activation = RecurrentActivation.LeakyRelu }),
        ["norm inside the cell"] = Body.Lstm(12, new RecurrentLayerOptions { LayerNormalization = true, Bidirectional = true }),
        ["reset before"] = Body.Gru(12, new RecurrentLayerOptions { ResetAfter = false }),
    };

    public static IEnumerable<object[]> Forms => s_forms.Keys.Select(name => new object[] { name });

    private static SequenceNetwork Body => SequenceNetwork.Create();

    [TestMethod]
    [DynamicData(nameof(Forms))]
    public void Learns_a_batch_by_heart(string form)
    {
        using var network = Build(form);
        var examples = TestBatches.Sums(16, varying: true);
        var settings = new TrainingSettings { Seed = 17, MaximumNumberOfEpochs = 300, LearningRate = 0.015f };
        new TrainingLoop(network, new ClassHead(2), settings).Run(new TestBatches(examples, 16));
        using var tape = new Tape { Recording = false };
        using var batch = new SequenceBatch();
        var source = new TestBatches(examples, 16);
        source.Begin(null);
        source.Next(batch);
        NumberAssert.IsLessThan(0.15f, new ClassHead(2).Loss(tape, network.Forward(tape, batch), batch)[0]);
    }

    [TestMethod]
    [DynamicData(nameof(Forms))]
    public void A_rows_answer_does_not_depend_on_its_batch(string form)
    {
        using var network = Build(form);
        var random = new RandomStream(4);
        var rows = new[] { 4, 7, 1, 2 }.Select(length => Enumerable.Range(0, length * 2).Select(_ => (float)random.NextGaussian()).ToArray()).ToArray();
        var together = Answers(network, rows, 1e6f);
        for (var row = 0; row < rows.Length; row++)
        {
            var alone = Answers(network, [rows[row]], 0)[0];
            for (var j = 0; j < alone.Length; j++) Assert.AreEqual(alone[j], together[row][j], 2e-6f, $"row {row}");
        }
    }

    [TestMethod]
    [DynamicData(nameof(Forms))]
    public void The_number_of_threads_changes_no_bit(string form)
    {
        float[] Train(int threads)
        {
            using var network = Build(form);
            new TrainingLoop(network, new ClassHead(2), new TrainingSettings { Seed = 17, MaximumNumberOfEpochs = 2, Threads = threads })
                .Run(new TestBatches(TestBatches.Sums(70, 20, varying: true), 32));
            return [.. network.Parameters.SelectMany(parameter => parameter.Value.Span.ToArray())];
        }

        CollectionAssert.AreEqual(Train(1), Train(2));
    }

    [TestMethod]
    [DynamicData(nameof(Forms))]
    public void Comes_back_from_Json(string form)
    {
        foreach (var layer in s_forms[form].Layers())
        {
            var json = JsonSerializer.Serialize(layer);
            Assert.AreEqual(layer, JsonSerializer.Deserialize<LayerDescription>(json), json);
        }
    }

    [TestMethod]
    public void The_summary_names_every_form()
    {
        var summary = Body.Convolution(8, 3, name: "front").Lstm(4, new RecurrentLayerOptions { Bidirectional = true, Merge = BidirectionalMerge.Sum })
            .LayerNorm().SelfAttention(2).Attention().Summary(3);
        foreach (var part in new[] { "front (Convolution 3)", "(None, None, 8)", "lstm_1 (Bidirectional Lstm)", "(None, None, 4)", "layer_norm_1 (LayerNorm)",
            "self_attention_1 (Self-attention 2)", "attention_1 (Attention General)", "(None, 8)" })
            Assert.Contains(part, summary);
    }

    [TestMethod]
    public void Layers_that_do_not_fit_are_named_with_the_remedy()
    {
        Refused("'c'", "Causal", Body.Convolution(4, 3, padding: ConvolutionPadding.Valid, name: "c").Gru(3));
        Refused("'c'", "Causal", Body.Convolution(4, 3, 2, ConvolutionPadding.Same, name: "c").Gru(3));
        Refused("'self_attention_1'", "divides 5", Body.Gru(5).SelfAttention(2));
        Refused("'r'", "residual", Body.Gru(5, new RecurrentLayerOptions { Name = "r", Residual = true }));
        Refused("'r'", "Choose Lstm", Body.Gru(5, new RecurrentLayerOptions { Name = "r", Projection = 2 }));
        Refused("'r'", "bidirectional", Body.Gru(5, new RecurrentLayerOptions { Name = "r", Merge = BidirectionalMerge.Sum }));
        Refused("'r'", "zoneout", Body.Gru(5, new RecurrentLayerOptions { Name = "r", ZoneoutHidden = 1 }));
        Refused("'r'", "dilation", Body.Gru(5, new RecurrentLayerOptions { Name = "r", Dilation = 0 }));
        Refused("'attention_1'", "pooled", Body.Gru(5).Pool(SequencePooling.Mean).Attention());

        static void Refused(string name, string reason, SequenceNetwork body)
        {
            var message = Assert.Throws<ArgumentException>(() => Build(body).Dispose()).Message;
            Assert.Contains(name, message);
            Assert.Contains(reason, message);
        }
    }

    [TestMethod]
    public void A_head_tied_to_the_embedding_learns_and_shares_its_table()
    {
        NetworkDescription Describe(int size, int outputs) =>
            new() { Features = 0, Vocabulary = 9, Layers = Body.Embedding(size, "words").Gru(12).Dense(12).Layers(), Outputs = outputs, TieHead = true };
        using var network = new Network(Describe(12, 9), seed: 5);
        Assert.IsFalse(network.Parameters.Any(parameter => parameter.Name == "head.weight"));
        Assert.AreSame(network["words.weight"], network.HeadLayer.Weight);
        TrainingLoopTests.AssertLearnsByHeart("tied", network, TestBatches.Sums(16, varying: true, vocabulary: 9), new ClassHead(9));
        Assert.Contains("'words'", Assert.Throws<ArgumentException>(() => new Network(Describe(10, 9), seed: 5)).Message);
        Assert.Contains("vocabulary", Assert.Throws<ArgumentException>(() => new Network(Describe(12, 2), seed: 5)).Message);
        Assert.Contains("Embedding",
            Assert.Throws<ArgumentException>(
                () => new Network(Describe(12, 9) with { Layers = Body.Gru(12).Layers(), Features = 2, Vocabulary = 0 }, seed: 5)).Message);
    }

    private static Network Build(string form) => Build(s_forms[form]);

    private static Network Build(SequenceNetwork body) => new(new NetworkDescription { Features = 2, Layers = body.Layers(), Outputs = 2 }, seed: 5);

    private static float[][] Answers(Network network, float[][] rows, float padding)
    {
        using var tape = new Tape { Recording = false };
        using var batch = new SequenceBatch();
        batch.Resize(rows.Length, rows.Max(row => row.Length) / 2, 2, lengths: true);
        batch.Values!.Span.Fill(padding);
        for (var row = 0; row < rows.Length; row++)
        {
            batch.Lengths![row] = rows[row].Length / 2;
            for (var i = 0; i < rows[row].Length; i++) batch.Values.Span[(i / 2 * rows.Length + row) * 2 + i % 2] = rows[row][i];
        }

        var values = network.Forward(tape, batch).Values.Span.ToArray();
        return [.. values.Chunk(2)];
    }
}
