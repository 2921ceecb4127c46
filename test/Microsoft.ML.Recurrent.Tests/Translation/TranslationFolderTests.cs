using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.Recurrent.Translation;
using static Microsoft.ML.Recurrent.Tests.Translation.SmallTranslations;

namespace Microsoft.ML.Recurrent.Tests.Translation;

/// <summary>The folder of an exported translation, and translators of tokens.</summary>
[TestClass]
public sealed class TranslationFolderTests
{
    private static readonly Lazy<RecurrentTranslationTransformer> s_trained = new(() =>
    {
        var options = Options();
        options.Stopping.MaximumNumberOfEpochs = 5;
        return Train(Keys(200).Keys, options);
    });

    private string _folder = "";

    [TestInitialize]
    public void Create() => _folder = Directory.CreateTempSubdirectory("recurrent-").FullName;

    [TestCleanup]
    public void Delete() => Directory.Delete(_folder, recursive: true);

    private string Exported => Path.Combine(_folder, "model");

    [TestMethod]
    public void A_loaded_folder_translates_as_the_model_does()
    {
        var report = s_trained.Value.Model.ExportToOnnx(Exported);
        string[] names = ["encoder.onnx", "greedy.onnx", "manifest.json", "step.onnx"];
        CollectionAssert.AreEqual(names, Directory.GetFiles(Exported).Select(Path.GetFileName).Order(StringComparer.Ordinal).ToArray());
        Assert.AreEqual(new DirectoryInfo(Exported).GetFiles("*.onnx").Sum(file => file.Length), report.FileSize);
        using var loaded = Context.Model.LoadTranslator(Exported);
        using var own = s_trained.Value.CreateTranslator();
        string[][] sources = [["a", "b", "c"], ["f"], [], ["unseen", "d"]];
        var search = new BeamSearchOptions { NumberOfResults = 2, CoveragePenalty = 0.1f };
        var (expected, found) = (own.TranslateAll(sources, search), loaded.TranslateAll(sources, search));
        for (var i = 0; i < sources.Length; i++)
        {
            Assert.HasCount(expected[i].Count, found[i]);
            for (var j = 0; j < expected[i].Count; j++)
            {
                CollectionAssert.AreEqual(expected[i][j].Tokens, found[i][j].Tokens);
                Assert.AreEqual(expected[i][j].Score, found[i][j].Score);
                CollectionAssert.AreEqual(expected[i][j].Attention.SelectMany(row => row).ToArray(), found[i][j].Attention.SelectMany(row => row).ToArray());
            }
        }
        Assert.AreEqual(("", double.NaN, false), (found[2][0].Text, found[2][0].Score, found[2][0].IsComplete));
        CollectionAssert.AreEqual(new[] { "unseen" }, loaded.UnknownTokens(["unseen", "d", "unseen"]));
        Assert.AreEqual(6, loaded.SourceVocabulary.Length);
    }

    [TestMethod]
    [DataRow(OnnxPrecision.HalfWeights)]
    [DataRow(OnnxPrecision.Int8Weights)]
    public void Graphs_in_fewer_bits_translate_almost_alike(OnnxPrecision precision)
    {
        var report = s_trained.Value.Model.ExportToOnnx(Exported, new() { Precision = precision });
        NumberAssert.IsLessThan(report.SingleFileSize, report.FileSize);
        NumberAssert.IsGreaterThan(0, report.Rows);
        using var loaded = Context.Model.LoadTranslator(Exported);
        using var own = s_trained.Value.CreateTranslator();
        foreach (var source in new[] { "a b c", "e f", "d" })
        {
            var (expected, found) = (own.Translate(source.Split(' ')), loaded.Translate(source.Split(' ')));
            Assert.AreEqual(expected.LogProbability, found.LogProbability, 0.15);
            Assert.AreNotEqual(expected.LogProbability, found.LogProbability);
        }
    }

    [TestMethod]
    public void A_translator_gives_the_attention_of_each_token()
    {
        using var translator = s_trained.Value.CreateTranslator();
        var text = translator.Translate(["a", "b", "c"]);
        Assert.AreEqual(text.Text, string.Join(' ', text.Tokens));
        Assert.HasCount(text.Tokens.Length, text.Attention);
        foreach (var weights in text.Attention)
        {
            Assert.HasCount(3, weights);
            Assert.AreEqual(1, weights.Sum(), 1e-5);
        }
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => translator.Translate(["a"], new() { BeamSize = 0 }));
        using var cancellation = new CancellationTokenSource();
        cancellation.Cancel();
        Assert.Throws<OperationCanceledException>(() => translator.Translate(["a"], null, cancellation.Token));
        using var language = Text.SmallTexts.Train(Text.SmallTexts.Keys(20).Keys, new() { Stopping = { MaximumNumberOfEpochs = 1 } });
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => new RecurrentTranslator(language.Model)).Message, "LanguageModel");
    }

    [TestMethod]
    public void The_greedy_graph_writes_what_a_beam_of_one_does()
    {
        using var file = new MemoryStream();
        s_trained.Value.Model.ExportToOnnx(file);
        using var session = new InferenceSession(file.ToArray());
        using var translator = s_trained.Value.CreateTranslator();
        using var options = new RunOptions();
        var vocabulary = translator.TargetVocabulary;
        foreach (var letters in new[] { "a b c", "f e", "d" })
        {
            var source = letters.Split(' ');
            var ids = source.Select(letter => translator.SourceVocabulary.IndexOf(letter) + 1L).ToArray();
            using var tokens = OrtValue.CreateTensorValueFromMemory(ids, [1, ids.Length]);
            using var length = OrtValue.CreateTensorValueFromMemory(new long[] { ids.Length }, [1]);
            var inputs = new Dictionary<string, OrtValue> { ["Source"] = tokens, ["sequence_length"] = length };
            using var results = session.Run(options, inputs, ["ids", "length", "log_probability", "attention"]);
            var written = (int)results[1].GetTensorDataAsSpan<long>()[0];
            var found = results[0].GetTensorDataAsSpan<long>()[..written].ToArray();
            var best = translator.Translate(source, new() { BeamSize = 1, MinimumLength = s_trained.Value.Search.MinimumLength });
            CollectionAssert.AreEqual(best.Tokens.ToArray(), found.Select(id => vocabulary[(int)id - 1]).ToArray());
            Assert.AreEqual(best.LogProbability, results[2].GetTensorDataAsSpan<float>()[0], 1e-4);
            var attention = best.Attention.SelectMany(weights => weights).ToArray();
            for (var i = 0; i < attention.Length; i++) Assert.AreEqual(attention[i], results[3].GetTensorDataAsSpan<float>()[i], 1e-5f);
        }
    }

    [TestMethod]
    public void An_export_replaces_a_folder_as_a_whole_and_spares_others()
    {
        var model = s_trained.Value.Model;
        model.ExportToOnnx(Exported);
        File.WriteAllText(Path.Combine(Exported, "step.onnx"), "damaged");
        var damaged = Assert.ThrowsExactly<InvalidDataException>(() => Context.Model.LoadTranslator(Exported));
        StringAssert.Contains(damaged.Message, "step.onnx");
        model.ExportToOnnx(Exported, new() { Opset = 18 });
        using (var translator = Context.Model.LoadTranslator(Exported)) NumberAssert.IsGreaterThan(0, translator.Translate(["a"]).Text.Length);
        // Nothing is left beside it.
        CollectionAssert.AreEqual(new[] { Exported }, Directory.GetFileSystemEntries(_folder));

        File.WriteAllText(Path.Combine(Exported, "manifest.json"), "{");
        StringAssert.Contains(Assert.ThrowsExactly<InvalidDataException>(() => Context.Model.LoadTranslator(Exported)).Message, "manifest.json");
        File.Delete(Path.Combine(Exported, "manifest.json"));
        StringAssert.Contains(Assert.ThrowsExactly<InvalidDataException>(() => Context.Model.LoadTranslator(Exported)).Message, "manifest.json");
        // What is no exported translation is not replaced.
        StringAssert.Contains(Assert.ThrowsExactly<IOException>(() => model.ExportToOnnx(Exported)).Message, "other files");
        Assert.ThrowsExactly<IOException>(() => model.ExportToOnnx(Path.Combine(Exported, "greedy.onnx")));
        Assert.ThrowsExactly<DirectoryNotFoundException>(() => Context.Model.LoadTranslator(Path.Combine(_folder, "none")));
        foreach (var options in new OnnxExportOptions[] { new() { Precision = OnnxPrecision.Int8 }, new() { Form = OnnxExportForm.SingleStep } })
            Assert.ThrowsExactly<NotSupportedException>(() => model.ExportToOnnx(Path.Combine(_folder, "other"), options));
        Assert.IsFalse(Directory.Exists(Path.Combine(_folder, "other")));
    }
}
