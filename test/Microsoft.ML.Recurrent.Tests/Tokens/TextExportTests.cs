using Microsoft.ML.Data;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.Recurrent.Tests.Onnx;

namespace Microsoft.ML.Recurrent.Tests.Tokens;

/// <summary>ExportTextToOnnx: a graph that takes raw text answers as the pipeline does.</summary>
[TestClass]
public sealed class TextExportTests
{
    private static readonly string[] s_texts = ["good film", "a bad, long film!", "isn't it? 😀\ta good — film", "good", "",
        "bad\nbad  unheard words here too"];

    private readonly MLContext _context = new(1);

    public static IEnumerable<object?[]> Cases =>
        from tokenizer in new[] { "Words", "WhiteSpace", "Characters", "Blanks" }
        from opset in new[] { 12, 17, 20, 22, 26 }
        select new object?[] { tokenizer, opset };

    [TestMethod]
    [DynamicData(nameof(Cases))]
    public void Every_tokenizer_and_opset(string tokenizer, int opset)
    {
        foreach (var (unknown, maximum, side) in new (string?, int?, TruncationSide)[]
            { (null, null, TruncationSide.Right), ("<unk>", 3, TruncationSide.Right), ("<unk>", 3, TruncationSide.Left) })
        {
            var model = Fit(Tokenizer(tokenizer), unknown, maximum, side);
            using var file = new MemoryStream();
            model.ExportTextToOnnx(file, new() { Opset = opset });
            AssertAlike(model, file.ToArray(), s_texts);
            AssertAlike(model, file.ToArray(), [""]);
            AssertAlike(model, file.ToArray(), ["good film"]);
        }
    }

    [TestMethod]
    public void Blanks_become_an_operator_of_ONNX_itself()
    {
        var model = Fit(TextTokenizer.Blanks, "<unk>", null, TruncationSide.Right);
        var path = Path.Combine(Directory.CreateTempSubdirectory("recurrent-text-").FullName, "text.onnx");
        var report = model.ExportTextToOnnx(path, new() { Opset = 20 });
        Assert.AreEqual(new FileInfo(path).Length, report.FileSize);
        var nodes = Microsoft.ML.Recurrent.Onnx.Format.ModelProto.Parser.ParseFrom(File.ReadAllBytes(path)).Graph.Node;
        Assert.AreEqual(1, nodes.Count(node => node is { OpType: "StringSplit", Domain: "" }));
        Assert.AreEqual(0, nodes.Count(node => node.Domain is not ("" or "ai.onnx.ml")));
        Directory.Delete(Path.GetDirectoryName(path)!, recursive: true);
    }

    [TestMethod]
    public void A_lower_casing_pipeline_wants_lower_case_text()
    {
        var model = Fit(TextTokenizer.Words, null, null, TruncationSide.Right, lowerCase: true);
        StringAssert.Contains(Assert.ThrowsExactly<NotSupportedException>(() => model.ExportTextToOnnx(new MemoryStream())).Message, "textIsLowerCase");
        using var file = new MemoryStream();
        model.ExportTextToOnnx(file, textIsLowerCase: true);
        AssertAlike(model, file.ToArray(), s_texts);
    }

    [TestMethod]
    public void A_quantized_graph_takes_text_too()
    {
        var model = Fit(TextTokenizer.Words, null, null, TruncationSide.Right);
        using var file = new MemoryStream();
        model.ExportTextToOnnx(file, new() { Precision = OnnxPrecision.HalfWeights });
        AssertAlike(model, file.ToArray(), s_texts, tolerance: 1e-2);
    }

    [TestMethod]
    public void A_column_may_be_replaced_in_place()
    {
        var data = Data();
        var model = _context.Transforms.Text.TokenizeForRecurrent("Text").Append(_context.Transforms.Text.BuildVocabulary("Text"))
            .Append(_context.BinaryClassification.Trainers.Gru("Label", "Text", hiddenSize: 4, maximumNumberOfEpochs: 1)).Fit(data);
        using var file = new MemoryStream();
        model.ExportTextToOnnx(file);
        AssertAlike(model, file.ToArray(), s_texts);
    }

    [TestMethod]
    public void What_has_no_tokenizer_or_vocabulary_is_refused_by_name()
    {
        var data = Data();
        var words = _context.Transforms.Text.TokenizeForRecurrent("Words", "Text").Fit(data);
        Assert.ThrowsExactly<ArgumentException>(() => words.ExportTextToOnnx(new MemoryStream()));
        var other = words.Append(_context.Transforms.Conversion.MapValueToKey("Tokens", "Words").Fit(words.Transform(data)));
        var model = other.Append(_context.BinaryClassification.Trainers.Gru("Label", "Tokens", hiddenSize: 4, maximumNumberOfEpochs: 1)
            .Fit(other.Transform(data)));
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => model.ExportTextToOnnx(new MemoryStream())).Message, "BuildVocabulary");
        using var files = new TokenFiles();
        var pieces = Fit(TextTokenizer.Words, null, null, TruncationSide.Right);
        Assert.ThrowsExactly<NotSupportedException>(() => pieces.ExportTextToOnnx(new MemoryStream(), new() { Form = OnnxExportForm.SingleStep }));
    }

    private static TextTokenizer Tokenizer(string name) => name switch
    {
        "Words" => TextTokenizer.Words,
        "WhiteSpace" => TextTokenizer.WhiteSpace,
        "Blanks" => TextTokenizer.Blanks,
        _ => TextTokenizer.Characters,
    };

    private IDataView Data() => _context.Data.LoadFromEnumerable(
        s_texts.Where(text => text.Length > 0).Select((text, i) => new Labelled { Text = text, Label = i % 2 == 0 }).ToArray());

    private TransformerChain<RecurrentBinaryTransformer> Fit(TextTokenizer tokenizer, string? unknown, int? maximum, TruncationSide side,
        bool lowerCase = false) =>
        _context.Transforms.Text.TokenizeForRecurrent("Words", "Text", tokenizer, lowerCase, maximum, side)
            .Append(_context.Transforms.Text.BuildVocabulary("Tokens", "Words", maximumSize: 6, unknownToken: unknown))
            .Append(_context.BinaryClassification.Trainers.RecurrentNetwork(new()
            {
                FeatureColumnName = "Tokens",
                Network = { Cell = RecurrentCell.Gru, HiddenSize = 4, Bidirectional = maximum is null },
                Stopping = { MaximumNumberOfEpochs = 1 },
            })).Fit(Data());

    private void AssertAlike(ITransformer model, byte[] file, string[] texts, double tolerance = 1e-5)
    {
        var expected = model.Transform(_context.Data.LoadFromEnumerable(texts.Select(text => new Labelled { Text = text }))).GetColumn<float>("Score")
            .ToArray();
        using var session = new InferenceSession(file);
        using var text = OrtValue.CreateTensorWithEmptyStrings(OrtAllocator.DefaultInstance, [texts.Length]);
        for (var i = 0; i < texts.Length; i++) text.StringTensorSetElementAt(texts[i].AsSpan(), i);
        using var run = new RunOptions();
        using var results = session.Run(run, ["Text"], [text], ["Score"]);
        var actual = results[0].GetTensorDataAsSpan<float>().ToArray();
        Assert.AreEqual(expected.Length, actual.Length);
        for (var i = 0; i < expected.Length; i++)
        {
            Assert.AreEqual(float.IsNaN(expected[i]), float.IsNaN(actual[i]), texts[i]);
            if (!float.IsNaN(expected[i])) NumberAssert.IsLessThan(tolerance, Math.Abs(expected[i] - actual[i]), texts[i]);
        }
    }

    private sealed class Labelled
    {
        public string Text { get; set; } = "";

        public bool Label { get; set; }
    }
}
