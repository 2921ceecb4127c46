using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Core.Tests.Networks;

[TestClass]
public class NetworkTests
{
    [TestMethod]
    public void Summary_is_a_table_as_Keras_prints_it() => Assert.AreEqual(
        """
        Layer (type)                 Output shape               Param #
        ---------------------------------------------------------------
        input (Sequence)             (None, None, 3)                  0
        lstm_1 (Bidirectional Lstm)  (None, None, 16)               832
        dropout_1 (Dropout 0.3)      (None, None, 16)                 0
        gru_1 (Gru)                  (None, None, 4)                264
        pooling_1 (Pool Last)        (None, 4)                        0
        dense_1 (Dense)              (None, 10)                      50
        ---------------------------------------------------------------
        Trainable parameters: 1,146
        Fixed parameters: 0
        """.ReplaceLineEndings(), SequenceNetwork.Create().Lstm(8, bidirectional: true).Dropout(0.3f).Gru(4).Pool(SequencePooling.Last).Dense(10).Summary(3));

    [TestMethod]
    public void Summary_of_a_network_has_its_input_statics_and_head()
    {
        using var network = Build(SequenceNetwork.Create().Lstm(4), description => description with { Statics = 2, Time = 12 });
        var summary = network.Summary();
        foreach (var part in new[] { "(None, 12, 3)", "statics (Concat)", "(None, 6)", "head (Dense)", "Trainable parameters: 151", "Fixed parameters: 10" })
            Assert.Contains(part, summary);
    }

    [TestMethod]
    public void Summary_of_tokens_takes_the_vocabulary() => Assert.Contains("800", SequenceNetwork.Create().Embedding(8).Gru(4).Summary(100));

    [TestMethod]
    public void Each_call_gives_a_new_network()
    {
        var first = SequenceNetwork.Create().Lstm(4);
        var second = first.Lstm(5);
        Assert.HasCount(2, first.Layers());
        CollectionAssert.AreEqual(new[] { "lstm_1", "lstm_2", "pooling_1" }, second.Layers().Select(layer => layer.Name).ToArray());
    }

    [TestMethod]
    public void Layers_that_do_not_fit_are_named()
    {
        Named("'gru_2'", SequenceNetwork.Create().Pool(SequencePooling.Mean).Gru(4, name: "gru_2"));
        Named("'embedding_1'", SequenceNetwork.Create().Lstm(4).Embedding(3));
        Named("'again'", SequenceNetwork.Create().Lstm(4).Pool(SequencePooling.Max).Pool(SequencePooling.Max, "again"));
        Assert.Contains("'lstm_1'",
            Assert.Throws<ArgumentException>(() => Build(SequenceNetwork.Create().Lstm(4), d => d with { Features = 0, Vocabulary = 9 })).Message);

        static void Named(string name, SequenceNetwork body)
        {
            Assert.Contains(name, Assert.Throws<ArgumentException>(() => Build(body)).Message);
            Assert.Contains(name, Assert.Throws<ArgumentException>(() => body.Summary(3)).Message);
        }
    }

    [TestMethod]
    public void Bad_arguments_are_refused()
    {
        var body = SequenceNetwork.Create().Lstm(4, name: "a");
        Assert.Throws<ArgumentOutOfRangeException>(() => body.Lstm(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => body.Dropout(1));
        Assert.Throws<ArgumentOutOfRangeException>(() => body.Dense(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => body.Embedding(0));
        Assert.Contains("'a'", Assert.Throws<ArgumentException>(() => body.Gru(4, name: "a")).Message);
        Assert.Contains("head", Assert.Throws<ArgumentException>(() => body.Gru(4, name: "head")).Message);
        Assert.Throws<ArgumentException>(() => body.Gru(4, name: "a b"));
        Assert.Throws<ArgumentException>(() => Build(body, d => d with { Vocabulary = 3 }));
        Assert.Throws<ArgumentException>(() => Build(body, d => d with { Layers = [.. body.Layers().Take(1)] }));
    }

    [TestMethod]
    public void A_batch_that_does_not_fit_is_refused()
    {
        using var network = Build(SequenceNetwork.Create().Lstm(4), d => d with { Statics = 1 });
        using var tape = new Tape();
        using var batch = new SequenceBatch();
        batch.Resize(2, 3, 0, tokens: true);
        Assert.Contains("tokens", Assert.Throws<ArgumentException>(() => network.Forward(tape, batch)).Message);
        batch.Resize(2, 3, 5);
        Assert.Contains("5", Assert.Throws<ArgumentException>(() => network.Forward(tape, batch)).Message);
        batch.Resize(2, 3, 3);
        Assert.Contains("static", Assert.Throws<ArgumentException>(() => network.Forward(tape, batch)).Message);
    }

    /// <summary>The output does not depend on padding, its content, or the other rows of the batch.</summary>
    [TestMethod]
    [DataRow(SequencePooling.Last, WindowNormalization.None)]
    [DataRow(SequencePooling.Mean, WindowNormalization.LastValue)]
    [DataRow(SequencePooling.Max, WindowNormalization.Standard)]
    public void A_rows_answer_does_not_depend_on_its_batch(SequencePooling pooling, WindowNormalization normalization)
    {
        using var network = Build(SequenceNetwork.Create().Lstm(5, bidirectional: true).Gru(4, bidirectional: true).Dense(3).Pool(pooling),
            d => d with { WindowNormalization = normalization });
        network["input.mean"].Value.Span.Fill(0.5f);
        network["input.scale"].Value.Span.Fill(2);
        int[] lengths = [4, 7, 1];
        var random = new RandomStream(4);
        var rows = lengths.Select(length => Enumerable.Range(0, length * 3).Select(_ => (float)random.NextGaussian()).ToArray()).ToArray();
        var together = Answers(network, rows, 1e6f);
        for (var row = 0; row < rows.Length; row++)
        {
            var alone = Answers(network, [rows[row]], 0)[0];
            for (var j = 0; j < alone.Length; j++) Assert.AreEqual(alone[j], together[row][j], 1e-6f);
        }
    }

    [TestMethod]
    public void Windows_are_normalized_as_their_level_and_scale_say()
    {
        using var network = Build(SequenceNetwork.Create().Lstm(4), d => d with { WindowNormalization = WindowNormalization.Standard });
        using var tape = new Tape { Recording = false };
        using var batch = new SequenceBatch();
        batch.Resize(1, 3, 3, lengths: true);
        batch.Lengths![0] = 2;
        new float[] { 1, 5, 7, 3, 5, 9, 100, 100, 100 }.CopyTo(batch.Values!.Span);
        var output = network.Forward(tape, batch);
        CollectionAssert.AreEqual(new float[] { 2, 5, 8 }, output.WindowLevel!.Span.ToArray());
        CollectionAssert.AreEqual(new float[] { 1.00001f, 1e-5f, 1.00001f }, output.WindowScale!.Span.ToArray());
    }

    [TestMethod]
    public void Threads_share_a_network()
    {
        using var network = Build(SequenceNetwork.Create().Lstm(8));
        var rows = new[] { Enumerable.Range(0, 30).Select(i => i * 0.1f).ToArray() };
        var expected = Answers(network, rows, 0)[0];
        Parallel.For(0, 64, _ => CollectionAssert.AreEqual(expected, Answers(network, rows, 0)[0]));
    }

    private static float[][] Answers(Network network, float[][] rows, float padding)
    {
        using var tape = new Tape { Recording = false };
        using var batch = new SequenceBatch();
        var (features, time) = (network.Description.Features, rows.Max(row => row.Length) / network.Description.Features);
        batch.Resize(rows.Length, time, features, lengths: true);
        batch.Values!.Span.Fill(padding);
        for (var row = 0; row < rows.Length; row++)
        {
            batch.Lengths![row] = rows[row].Length / features;
            for (var t = 0; t < batch.Lengths[row]; t++)
                rows[row].AsSpan(t * features, features).CopyTo(batch.Values.Span[((t * rows.Length + row) * features)..]);
        }

        var values = network.Forward(tape, batch).Values;
        return [.. Enumerable.Range(0, rows.Length).Select(row => values.Span.Slice(row * values.Shape.Columns, values.Shape.Columns).ToArray())];
    }

    private static Network Build(SequenceNetwork body, Func<NetworkDescription, NetworkDescription>? change = null)
    {
        var description = new NetworkDescription { Features = 3, Layers = body.Layers(), Outputs = 1 };
        return new Network(change?.Invoke(description) ?? description, 1);
    }
}
