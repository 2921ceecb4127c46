using Microsoft.ML.Data;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Layers;
using Microsoft.ML.Recurrent.Model;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Onnx;
using Microsoft.ML.Recurrent.Scoring;
using Microsoft.ML.Recurrent.Tagging;
using Microsoft.ML.Recurrent.Tests.Onnx;
using static Microsoft.ML.Recurrent.Tests.Tagging.TaggedRows;

namespace Microsoft.ML.Recurrent.Tests.Tagging;

/// <summary>The exported graph of a tagger against the tape, path by path, and as a graph of another framework.</summary>
[TestClass]
public sealed class TaggingExportTests
{
    private static readonly string[] s_names = ["O", "B-A", "I-A", "B-B", "I-B", "B-C"];

    public static IEnumerable<object?[]> Forms =>
        from crf in new[] { false, true }
        from bio in new[] { false, true }
        from time in new int?[] { null, 1, 6 }
        from whole in new[] { false, true }
        select new object?[] { crf, bio, time, whole };

    [TestMethod]
    [DynamicData(nameof(Forms))]
    public void Every_path_of_the_graph_is_that_of_the_tape(bool crf, bool bio, int? time, bool whole)
    {
        LayerDescription[] layers = [new EmbeddingDescription("words", 4), new RecurrentDescription("lstm_1", RecurrentCell.Lstm, 5) { Bidirectional = true }];
        var description = TestModels.Describe(layers, vocabulary: 30, time: time, outputs: s_names.Length) with
        {
            PerStep = true,
            Crf = crf,
            SequenceOutputs = whole ? 3 : 0,
        };
        using var network = TestModels.Network(description);
        // Scores of a few whole numbers, so that paths are often equally good: the first of them must be taken by both.
        foreach (var parameter in network.Parameters.Where(parameter => parameter.Name.StartsWith("crf", StringComparison.Ordinal)))
            foreach (ref var value in parameter.Value.Span) value = MathF.Round(4 * value);
        using var head = new TaggingHead(s_names.Length, whole ? 3 : 0) { Crf = network.Crf };
        if (bio) head.Constrain(EntityTags.Create(s_names)!);
        var manifest = new ModelManifest
        {
            Task = ModelTask.Tagging,
            Inputs = [new("Tokens", InputKind.Tokens, time, 1, 30)],
            Outputs = whole
                ? TaggingTask.Instance.Outputs(s_names.Length).AddRange(TaggingTask.SequenceOutputs(3))
                : TaggingTask.Instance.Outputs(s_names.Length),
        };
        var model = NetworkExporter.ToModel(network, head, manifest, TestModels.History);
        foreach (var opset in new[] { 11, 13, 17, 22, 26 })
        {
            using var stream = new MemoryStream();
            model.ExportToOnnx(stream, new() { Opset = opset });
            using var session = new InferenceSession(stream.ToArray());
            foreach (var (count, longest) in new[] { (1, 9), (60, 9), (3, 1) })
            {
                var rows = TestRows.Random(description, count, longest: longest);
                var actual = TestModels.RunBare(session, manifest, rows);
                using var batch = rows.ToBatch(description);
                using var tape = new Tape { Recording = false };
                var expected = head.Predict(tape, network.Forward(tape, batch));
                for (var row = 0; row < count; row++)
                {
                    for (var t = 0; t < rows.Time; t++)
                    {
                        Assert.AreEqual(expected[0][t * count + row], actual[0][row * rows.Time + t], $"opset {opset}, row {row}, step {t}");
                        if (t >= rows.Lengths[row]) Assert.AreEqual(0, actual[0][row * rows.Time + t]);
                        else TestModels.AssertClose(expected[1].Span.Slice((t * count + row) * 6, 6).ToArray(),
                            actual[1][((row * rows.Time + t) * 6)..((row * rows.Time + t + 1) * 6)], $"scores of row {row}, step {t}");
                        if (bio && t < rows.Lengths[row])
                        {
                            var tag = s_names[(int)actual[0][row * rows.Time + t] - 1];
                            var before = t == 0 ? "O" : s_names[(int)actual[0][row * rows.Time + t - 1] - 1];
                            Assert.IsTrue(tag[0] != 'I' || before.EndsWith(tag[1..], StringComparison.Ordinal), $"{before} {tag}");
                        }
                    }
                }
                if (!whole) continue;
                TestModels.AssertClose(expected[2].Span.ToArray(), actual[2], "classes");
                TestModels.AssertClose(expected[3].Span.ToArray(), actual[3], "class scores");
            }
        }
    }

    [TestMethod]
    [DataRow(CharacterEncoder.Convolution)]
    [DataRow(CharacterEncoder.Lstm)]
    public void Characters_reach_the_graph_as_they_reach_the_tape(CharacterEncoder encoder)
    {
        var options = Options(options =>
        {
            (options.Characters.TextColumnName, options.Characters.Encoder, options.Stopping.MaximumNumberOfEpochs) = ("Words", encoder, 2);
            options.Tags.UseConditionalRandomField = true;
        });
        var data = Keys().Fit(View(Sentences(60, 1))).Transform(View(Sentences(60, 1)));
        using var transformer = Context.MulticlassClassification.Trainers.SequenceTagging(options).Fit(data);
        var model = transformer.Model;
        using var network = model.ToNetwork();
        using var head = new TaggingHead(network.Description.Outputs) { Crf = network.Crf };
        var columns = RowColumns.Resolve(data.Schema, options.Columns(LabelRole.StepKeys));
        columns = columns with { Letters = columns.Letters! with { Alphabet = LetterAlphabet.Create(model.Manifest.Alphabet!) } };
        var examples = RowExamples.Read(data, columns, "data", default);
        using var batch = new SequenceBatch();
        examples.Fill(batch, [.. Enumerable.Range(0, examples.Count)]);
        using var tape = new Tape { Recording = false };
        var expected = head.Predict(tape, network.Forward(tape, batch));
        var scores = transformer.Transform(data).GetColumn<float[]>("Score").ToArray();
        for (var row = 0; row < scores.Length; row++)
            for (var t = 0; t < examples.Length(row); t++)
                TestModels.AssertClose(expected[1].Span.Slice((t * scores.Length + row) * 5, 5).ToArray(), scores[row][(t * 5)..((t + 1) * 5)],
                    $"row {row}, step {t}");

        // A word longer than the option says is known by its first and last letters; other words of the same letters there are the same.
        Row[] alike = [new() { Words = ["theabclee"] }, new() { Words = ["theXYZabclee"] }, new() { Words = ["towabclee"] }];
        var unknown = TransformAll(alike);
        CollectionAssert.AreEqual(unknown[0], unknown[1]);
        CollectionAssert.AreNotEqual(unknown[0], unknown[2]);

        float[][] TransformAll(Row[] rows) =>
            [.. transformer.Transform(Keys().Fit(View(Sentences(60, 1))).Transform(View(rows))).GetColumn<float[]>("Score")];
    }

    [TestMethod]
    [DataRow("softmax")]
    [DataRow("crf-bio")]
    [DataRow("joint")]
    public void An_exported_graph_is_applied_as_one_of_another_framework(string form)
    {
        var options = TaggingTrainerTests.Form(form);
        options.Stopping.MaximumNumberOfEpochs = 2;
        var rows = Sentences(40, 1);
        var model = Pipeline(options).Fit(View(rows));
        var path = Path.Combine(Path.GetTempPath(), $"recurrent-tags-{Guid.NewGuid():N}.onnx");
        try
        {
            Tagger(model).Model.ExportToOnnx(path);
            var scored = model.Transform(View(rows));
            var ids = scored.GetColumn<uint[]>("Token").ToArray();
            IdRow[] plain = [.. ids.Select(row => new IdRow { Token = [.. row.Select(id => (long)id)], sequence_length = row.Length })];
            var applied = Context.Transforms.ApplyRecurrentOnnx(["PredictedLabel", "Score"], ["Token", "sequence_length"], path)
                .Fit(Context.Data.LoadFromEnumerable(plain))
                .Transform(Context.Data.LoadFromEnumerable(plain));
            var (tags, scores) = (applied.GetColumn<uint[]>("PredictedLabel").ToArray(), applied.GetColumn<float[]>("Score").ToArray());
            var (wanted, wantedScores) = (scored.GetColumn<uint[]>("PredictedLabel").ToArray(), scored.GetColumn<float[]>("Score").ToArray());
            for (var i = 0; i < rows.Length; i++)
            {
                CollectionAssert.AreEqual(wanted[i], tags[i]);
                TestModels.AssertClose(wantedScores[i], scores[i], $"row {i}");
            }
        }
        finally
        {
            File.Delete(path);
        }
    }

    private sealed class IdRow
    {
        public long[] Token { get; set; } = [];
        public long sequence_length { get; set; }
    }

    [TestMethod]
    [DataRow(OnnxPrecision.Half, "crf-bio")]
    [DataRow(OnnxPrecision.Int8, "crf-bio")]
    [DataRow(OnnxPrecision.Half, "softmax")]
    public void Smaller_numbers_come_close(OnnxPrecision precision, string form)
    {
        var model = Tagger(Pipeline(TaggingTrainerTests.Form(form)).Fit(View(Sentences(200, 1)))).Model;
        using var small = new MemoryStream();
        var report = model.ExportToOnnx(small, new() { Precision = precision });
        NumberAssert.IsGreaterThan(0.9, report.Outputs.Single(output => output.Name == "PredictedLabel").Agreement, report.ToString());
    }

    [TestMethod]
    [DataRow("softmax")]
    [DataRow("crf-bio")]
    [DataRow("joint")]
    public void A_pipeline_of_fixed_size_is_one_graph(string form)
    {
        var rows = Sentences(200, 1).Where(row => row.Words.Length >= 3)
            .Select(row => new FixedRow { Words = row.Words[..3], Tags = row.Tags[..3], Intent = row.Intent }).ToArray();
        var data = Context.Data.LoadFromEnumerable(rows);
        var options = TaggingTrainerTests.Form(form);
        options.Stopping.MaximumNumberOfEpochs = 2;
        var keys = Keys().Fit(data).Transform(data);
        using var transformer = Context.MulticlassClassification.Trainers.SequenceTagging(options).Fit(keys);
        using var stream = new MemoryStream();
        Context.Model.ConvertToOnnx(transformer, keys, stream);
        using var session = new InferenceSession(stream.ToArray());
        // The mappings of the words are part of it: it takes texts.
        Dictionary<string, OrtValue> inputs = [];
        foreach (var (name, _) in session.InputMetadata)
        {
            string[] texts = [.. rows.SelectMany(row => name is "Words" ? row.Words : name is "Tags" ? row.Tags : [row.Intent])];
            inputs.Add(name, OrtValue.CreateFromStringTensor(new DenseTensor<string>(texts, [rows.Length, texts.Length / rows.Length])));
        }
        using var run = new RunOptions();
        var output = session.OutputNames.Single(name => name.StartsWith("PredictedLabel", StringComparison.Ordinal));
        using var answers = session.Run(run, inputs, [output]);
        CollectionAssert.AreEqual(transformer.Transform(keys).GetColumn<uint[]>("PredictedLabel").SelectMany(row => row).ToArray(),
            answers[0].GetTensorDataAsSpan<uint>().ToArray());
        foreach (var input in inputs.Values) input.Dispose();
    }

    private sealed class FixedRow
    {
        [VectorType(3)] public string[] Words { get; set; } = [];
        [VectorType(3)] public string[] Tags { get; set; } = [];
        public string Intent { get; set; } = "";
    }
}
