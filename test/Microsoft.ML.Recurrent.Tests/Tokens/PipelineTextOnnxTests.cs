using Microsoft.ML.Data;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.Recurrent.Tests.Onnx;
using Microsoft.ML.Recurrent.Tests.Text;

namespace Microsoft.ML.Recurrent.Tests.Tokens;

/// <summary>ML.NET's ConvertToOnnx of text pipelines, whose rows have tokens of any number: the one file answers as the pipeline does.</summary>
[TestClass]
public sealed class PipelineTextOnnxTests
{
    private static readonly string[] s_texts =
        ["good film", "a bad, long film!", "really", "a  good\tlong — film, isn't it?", "good", "bad film it isn't", "", "𠮷野家 😀 good film"];

    private readonly MLContext _context = new(1);

    [TestMethod]
    [DataRow("Words", null, true)]
    [DataRow("Words", "<unk>", false)]
    [DataRow("WhiteSpace", "<unk>", true)]
    [DataRow("Characters", null, false)]
    public void Raw_text_in_a_batch_and_row_by_row(string tokenizer, string? unknown, bool bidirectional)
    {
        var data = Data();
        var model = _context.Transforms.Text.TokenizeForRecurrent("Words", "Text", Tokenizer(tokenizer))
            .Append(_context.Transforms.Text.BuildVocabulary("Tokens", "Words", minimumCount: 2, unknownToken: unknown, paddingToken: "<pad>"))
            .Append(Trainer(bidirectional)).Fit(Filled(data, "Length"));
        AssertAlike(model, data, inBatch: true);
        AssertAlike(model, data, inBatch: false);
    }

    [TestMethod]
    public void Steps_of_ML_NET_row_by_row()
    {
        var data = Data();
        var model = _context.Transforms.Text.TokenizeIntoWords("Words", "Text").Append(_context.Transforms.Conversion.MapValueToKey("Tokens", "Words"))
            .Append(Trainer(bidirectional: false)).Fit(Filled(data, "Length"));
        AssertAlike(model, Filled(data, "Length"), inBatch: false);
    }

    [TestMethod]
    public void Keys_of_varying_length()
    {
        var random = new Random(4);
        var data = _context.Data.LoadFromEnumerable(Enumerable.Range(0, 30).Select(i => new KeyRow
        {
            // Also missing keys, and rows without any.
            Tokens = [.. Enumerable.Range(0, i % 7).Select(_ => (uint)random.Next(0, 10))],
            Number = i % 7,
            Label = i % 2 == 0,
        }).ToArray());
        var model = Trainer(bidirectional: true).Fit(Filled(data, "Number"));
        using var session = Convert(model, data);
        var expected = model.Transform(data).GetColumn<float>("Score").ToArray();
        var rows = data.GetColumn<uint[]>("Tokens").ToArray();
        const int steps = 6;
        uint[] padded = [.. rows.SelectMany(row => row.Concat(Enumerable.Repeat(uint.MaxValue, steps - row.Length)))];
        using var tokens = OrtValue.CreateTensorValueFromMemory(padded, [rows.Length, steps]);
        using var options = new RunOptions();
        using var results = session.Run(options, session.InputNames, session.InputNames.Select(name => name == "Tokens" ? tokens : Other(name)).ToArray(),
            ["Score.output"]);
        AssertScores(expected, results[0].GetTensorDataAsSpan<float>().ToArray());

        OrtValue Other(string name) => name == "Label"
            ? OrtValue.CreateTensorValueFromMemory(new bool[rows.Length], [rows.Length, 1])
            : OrtValue.CreateTensorValueFromMemory(new float[rows.Length], [rows.Length, 1]);
    }

    [TestMethod]
    public void A_language_model_of_rows_of_any_length()
    {
        var (_, keys) = SmallTexts.Keys(40);
        var options = SmallTexts.Options();
        options.Stopping.MaximumNumberOfEpochs = 1;
        var model = _context.Transforms.Text.LanguageModelByRecurrentNetwork(options).Fit(keys);
        using var session = Convert(model, keys);
        var output = model.Model.Manifest.Outputs[0].Name;
        var expected = model.Transform(keys).GetColumn<float[]>(output).ToArray();
        var rows = SmallTexts.Draw(40, 1).Select(sentence => sentence.Tokens).ToArray();
        using var run = new RunOptions();
        for (var i = 0; i < 8; i++)
        {
            using var tokens = OrtValue.CreateTensorWithEmptyStrings(OrtAllocator.DefaultInstance, [1, rows[i].Length]);
            for (var t = 0; t < rows[i].Length; t++) tokens.StringTensorSetElementAt(rows[i][t].AsSpan(), t);
            using var results = session.Run(run, ["Tokens"], [tokens], [output + ".output"]);
            TestModels.AssertClose(expected[i], results[0].GetTensorDataAsSpan<float>().ToArray(), output);
        }
    }

    [TestMethod]
    public void A_step_that_the_graph_cannot_hold_is_named()
    {
        var data = Data();
        var model = _context.Transforms.Text.TokenizeForRecurrent("Words", "Text", lowerCase: true)
            .Append(_context.Transforms.Text.BuildVocabulary("Tokens", "Words")).Append(Trainer(bidirectional: false)).Fit(Filled(data, "Length"));
        var error = Assert.ThrowsExactly<NotSupportedException>(() => Convert(model, data));
        StringAssert.Contains(error.Message, "'Tokens'");
    }

    private static TextTokenizer Tokenizer(string name) =>
        name == "Words" ? TextTokenizer.Words : name == "WhiteSpace" ? TextTokenizer.WhiteSpace : TextTokenizer.Characters;

    private IEstimator<ITransformer> Trainer(bool bidirectional) => _context.BinaryClassification.Trainers.RecurrentNetwork(new()
    {
        FeatureColumnName = "Tokens",
        Network = { Cell = RecurrentCell.Gru, HiddenSize = 5, Bidirectional = bidirectional, Pooling = SequencePooling.Mean },
        Stopping = { MaximumNumberOfEpochs = 2 },
        Seed = 1,
    });

    // Training takes no row without a token.
    private IDataView Filled(IDataView data, string column) => _context.Data.FilterRowsByColumn(data, column, lowerBound: 1);

    private IDataView Data() => _context.Data.LoadFromEnumerable(
        Enumerable.Range(0, 40)
            .Select(i => new Labelled { Text = s_texts[i % s_texts.Length], Length = s_texts[i % s_texts.Length].Length, Label = i % 2 == 0 }).ToArray());

    private void AssertAlike(ITransformer model, IDataView data, bool inBatch)
    {
        using var session = Convert(model, data);
        var (texts, expected) = (data.GetColumn<string>("Text").ToArray(), model.Transform(data).GetColumn<float>("Score").ToArray());
        using var run = new RunOptions();
        List<float> actual = [];
        foreach (var rows in texts.Chunk(inBatch ? texts.Length : 1))
        {
            using var text = OrtValue.CreateTensorWithEmptyStrings(OrtAllocator.DefaultInstance, [rows.Length, 1]);
            for (var i = 0; i < rows.Length; i++) text.StringTensorSetElementAt(rows[i].AsSpan(), i);
            using var label = OrtValue.CreateTensorValueFromMemory(new bool[rows.Length], [rows.Length, 1]);
            using var length = OrtValue.CreateTensorValueFromMemory(new float[rows.Length], [rows.Length, 1]);
            using var results = session.Run(run, session.InputNames,
                [.. session.InputNames.Select(name => name == "Text" ? text : name == "Label" ? label : length)], ["Score.output"]);
            actual.AddRange(results[0].GetTensorDataAsSpan<float>());
        }
        AssertScores(expected, [.. actual]);
    }

    // Rows without a token have no answer.
    private static void AssertScores(float[] expected, float[] actual)
    {
        CollectionAssert.AreEqual(expected.Select(float.IsNaN).ToArray(), actual.Select(float.IsNaN).ToArray());
        TestModels.AssertClose([.. expected.Where(float.IsFinite)], [.. actual.Where(float.IsFinite)], "Score");
    }

    private InferenceSession Convert(ITransformer transformer, IDataView data)
    {
        using var stream = new MemoryStream();
        _context.Model.ConvertToOnnx(transformer, data, stream);
        return new(stream.ToArray());
    }

    private sealed class Labelled
    {
        public string Text { get; set; } = "";

        public float Length { get; set; }

        public bool Label { get; set; }
    }

    private sealed class KeyRow
    {
        [KeyType(9)] public uint[] Tokens { get; set; } = [];

        public bool Label { get; set; }

        public float Number { get; set; }
    }
}
