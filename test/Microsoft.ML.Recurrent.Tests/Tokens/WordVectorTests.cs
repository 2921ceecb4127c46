using System.IO.Compression;
using System.Text;
using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Model;
using Microsoft.ML.Recurrent.Tests.Hosting;

namespace Microsoft.ML.Recurrent.Tests.Tokens;

/// <summary>LoadWordVectors: the formats, the embedding that starts from them, and malformed files.</summary>
[TestClass]
public sealed class WordVectorTests
{
    private readonly MLContext _context = new(1);
    private readonly TokenFiles _files = new();

    [TestCleanup]
    public void Delete() => _files.Dispose();

    [TestMethod]
    [DataRow("good 1 2 3\nbad -1 -2 -3\nfilm .5 .25 1e-1\n", DisplayName = "GloVe")]
    [DataRow("3 3\ngood 1 2 3\nbad -1 -2 -3\nfilm .5 .25 1e-1\n", DisplayName = "word2vec")]
    [DataRow("3 3\ngood 1 2 3 \nbad -1 -2 -3 \nfilm .5 .25 1e-1 \n", DisplayName = "fastText")]
    [DataRow("good\t1\t2\t3\r\nbad\t-1\t-2\t-3\r\nfilm\t.5\t.25\t1e-1", DisplayName = "tabs")]
    [DataRow("good 1 2 3\nvery good 9 9 9\nbad -1 -2 -3\nfilm .5 .25 1e-1\ngood 7 7 7\n", DisplayName = "words with blanks, a word twice")]
    public void A_frozen_embedding_holds_the_vectors_of_the_tokens(string text)
    {
        foreach (var path in new[] { _files.Write("plain.vec", text), Compressed(text) })
        {
            var embedding = Embedding(Fit(path, frozen: true), 3);
            // Keys by frequency: film, bad, good; id 0 is the unknown token, which has no vector.
            CollectionAssert.AreEqual(new[] { 0, 0, 0, .5f, .25f, .1f, -1, -2, -3, 1, 2, 3 }, embedding[..12].ToArray());
            CollectionAssert.AreEqual(new float[3], embedding[12..].ToArray(), "'long' has no vector.");
        }
    }

    [TestMethod]
    public void An_embedding_that_is_not_frozen_is_trained_from_the_vectors_on()
    {
        var path = _files.Write("vectors.txt", "good 1 2 3\nbad -1 -2 -3\nfilm .5 .25 1e-1\n");
        var (before, after) = (Embedding(Fit(path, frozen: true), 3), Embedding(Fit(path, frozen: false), 3));
        for (var i = 3; i < 12; i++)
        {
            NumberAssert.IsLessThan(0.5, Math.Abs(before[i] - after[i]));
            Assert.AreNotEqual(before[i], after[i]);
        }
        Assert.IsTrue(after[12..].ToArray().Any(value => value != 0), "A token without a vector starts at random.");
    }

    [TestMethod]
    public void Case_is_ignored_on_request_and_exact_spelling_goes_first()
    {
        var path = _files.Write("vectors.txt", "good 1\nGood 2\nfilm 3\n");
        var rows = new float[3];
        var vectors = _context.Transforms.Text.LoadWordVectors(path, ignoreCase: true);
        CollectionAssert.AreEqual(new[] { true, true, true }, vectors.Read(["Good", "FILM", "good"], (row, vector) => rows[row] = vector[0], default));
        CollectionAssert.AreEqual(new float[] { 2, 3, 1 }, rows);
        CollectionAssert.AreEqual(new[] { true, false, true },
            _context.Transforms.Text.LoadWordVectors(path).Read(["Good", "FILM", "good"], (_, _) => { }, default));
    }

    [TestMethod]
    [DataRow("good 1 2\nbad 1\n", "Line 2", "has 1 numbers, but vectors of this file have 2")]
    [DataRow("2 2\ngood 1 2\nbad 1 x\n", "Line 3", "'x' as number 2")]
    [DataRow("good 1 2\nbad 1 NaN\n", "Line 2", "no finite number")]
    [DataRow("5 2\ngood 1 2\nbad 1 2\n", "is cut", "says 5 vectors, but it holds 2")]
    public void A_malformed_line_is_named(string text, string line, string fault)
    {
        var error = Assert.ThrowsExactly<FormatException>(() => Fit(_files.Write("vectors.txt", text), frozen: false));
        StringAssert.Contains(error.Message, line);
        StringAssert.Contains(error.Message, "vectors.txt");
        StringAssert.Contains(error.Message, fault);
    }

    [TestMethod]
    [DataRow("")]
    [DataRow("word")]
    public void A_file_without_vectors_is_refused(string text) =>
        Assert.ThrowsExactly<FormatException>(() => _context.Transforms.Text.LoadWordVectors(_files.Write("vectors.txt", text)));

    [TestMethod]
    public void Few_vectors_are_warned_of()
    {
        using var warnings = new SeenWarnings(_context);
        Fit(_files.Write("vectors.txt", "good 1\nbad 2\n"), frozen: false);
        Assert.AreEqual(0, warnings.Messages.Length, string.Join('\n', warnings.Messages));
        Fit(_files.Write("vectors.txt", "good 1\nother 2\n"), frozen: false);
        CollectionAssert.AreEqual(new[] { "MLR1301" }, warnings.Codes);
        StringAssert.Contains(warnings.Messages[0], "1 of 4 tokens (25%)");
    }

    [TestMethod]
    public void What_has_no_tokens_or_other_layers_to_freeze_is_refused()
    {
        var vectors = _context.Transforms.Text.LoadWordVectors(_files.Write("vectors.txt", "good 1\nbad 2\n"));
        var numbers = _context.Data.LoadFromEnumerable(Enumerable.Range(0, 20).Select(i => new NumberRow { Features = [i, 1], Label = i % 2 == 0 }));
        var trainer = _context.BinaryClassification.Trainers.RecurrentNetwork(new() { Network = { Initialization = { WordVectors = vectors } } });
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => trainer.Fit(numbers)).Message, "Network.Initialization.WordVectors");
        var error = Assert.ThrowsExactly<ArgumentException>(() => Fit(vectors.FilePath, frozen: true, layer: "lstm_1"));
        StringAssert.Contains(error.Message, "'lstm_1'");
    }

    private RecurrentModel Fit(string path, bool frozen, string layer = "embedding_1")
    {
        var data = _context.Data.LoadFromEnumerable(Enumerable.Range(0, 40)
            .Select(i => new Labelled(i % 2 > 0 ? "good film" : i % 4 > 0 ? "bad long film" : "bad film",
            i % 2 > 0)));
        return _context.Transforms.Text.TokenizeForRecurrent("Words", "Text").Append(_context.Transforms.Text.BuildVocabulary("Features", "Words"))
            .Append(_context.BinaryClassification.Trainers.RecurrentNetwork(new()
            {
                Network =
                {
                    HiddenSize = 4,
                    Initialization = { WordVectors = _context.Transforms.Text.LoadWordVectors(path), FrozenLayers = frozen ? [layer] : [] },
                },
                Stopping = { MaximumNumberOfEpochs = 2 },
            })).Fit(data).LastTransformer.Model;
    }

    private string Compressed(string text)
    {
        var path = _files.Write("vectors.gz", "");
        using var file = new GZipStream(File.Create(path), CompressionLevel.Optimal);
        file.Write(Encoding.UTF8.GetBytes(text));
        return path;
    }

    private static float[] Embedding(RecurrentModel model, int size)
    {
        using var network = model.ToNetwork();
        return network["embedding_1.weight"].Value.Span[..(5 * size)].ToArray();
    }

    private sealed record Labelled(string Text, bool Label);

    private sealed class NumberRow
    {
        [VectorType(2)] public float[] Features { get; set; } = [];

        public bool Label { get; set; }
    }
}
