using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Model;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Tests.Onnx;
using Microsoft.ML.Recurrent.Text;
using static Microsoft.ML.Recurrent.Tests.Text.SmallTexts;

namespace Microsoft.ML.Recurrent.Tests.Text;

/// <summary>A language model's network and head on the tape against bare sessions of ONNX Runtime.</summary>
[TestClass]
public sealed class LanguageModelExportTests
{
    public static IEnumerable<object?[]> Forms =>
        from cell in Enum.GetValues<RecurrentCell>()
        from tied in new[] { false, true }
        from marker in new[] { "<eos>", "fish", null }
        select new object?[] { cell, tied, marker };

    [TestMethod]
    [DynamicData(nameof(Forms))]
    public void The_whole_graph_agrees(RecurrentCell cell, bool tied, string? marker)
    {
        var model = Train(cell, tied, marker);
        var vocabulary = model.Manifest.Inputs[0].Vocabulary;
        using var network = model.ToNetwork();
        foreach (var opset in new[] { 11, 13, 17, 22, 26 })
        {
            using var stream = new MemoryStream();
            model.ExportToOnnx(stream, new() { Opset = opset });
            using var session = new InferenceSession(stream.ToArray());
            foreach (var count in opset == 17 ? new[] { 1, 7, 100 } : [7])
            {
                var rows = TestRows.Random(model.Description, count);
                var actual = TestModels.RunBare(session, model.Manifest, rows);
                var expected = Predict(network, model.Manifest.Language!, vocabulary, rows);
                Assert.HasCount(3, actual);
                for (var row = 0; row < count; row++)
                {
                    for (var t = marker is null ? 1 : 0; t < rows.Lengths[row]; t++)
                        TestModels.AssertClose([expected[0][t * count + row]], [actual[0][row * rows.Time + t]],
                            $"{count} rows, opset {opset}: row {row}, token {t}");
                    if (marker is null) Assert.IsTrue(float.IsNaN(actual[0][row * rows.Time]));
                    if (marker is not null || rows.Lengths[row] > 1) TestModels.AssertClose([expected[1][row]], [actual[1][row]], $"perplexity of row {row}");
                    else Assert.IsTrue(float.IsNaN(actual[1][row]));
                }

                TestModels.AssertClose(expected[2], actual[2], "next tokens");
            }
        }
    }

    [TestMethod]
    public void The_step_graph_agrees()
    {
        var model = Train(RecurrentCell.Lstm, tied: false, "<eos>");
        using var stream = new MemoryStream();
        model.ExportToOnnx(stream, new() { Form = OnnxExportForm.SingleStep });
        using var session = new InferenceSession(stream.ToArray());
        Assert.AreEqual(NextTokenHead.OutputName, session.OutputNames[0]);
        var rows = TestRows.Random(model.Description, 3, shortest: 5, longest: 5);
        using var network = model.ToNetwork();
        using var tape = new Tape { Recording = false };
        using var batch = rows.ToBatch(model.Description);
        var vocabulary = model.Description.Vocabulary;
        var expected = new NextTokenHead(vocabulary).Predict(tape, network.Forward(tape, batch))[0].Span.ToArray();
        var states = session.InputNames.Where(name => name.Contains('.', StringComparison.Ordinal)).ToDictionary(name => name, _ => new float[3 * 8]);
        using var options = new RunOptions();
        for (var t = 0; t < 5; t++)
        {
            var inputs = states.ToDictionary(state => state.Key, state => OrtValue.CreateTensorValueFromMemory(state.Value, [1, 3, 8]));
            inputs.Add("Tokens", OrtValue.CreateTensorValueFromMemory(rows.Tokens.Select(row => row[t]).ToArray(), [3, 1]));
            inputs.Add(ModelManifest.LengthInput, OrtValue.CreateTensorValueFromMemory(new long[] { 1, 1, 1 }, [3]));
            using var results = session.Run(options, inputs, session.OutputNames);
            TestModels.AssertClose(expected[(t * 3 * vocabulary)..((t + 1) * 3 * vocabulary)], results[0].GetTensorDataAsSpan<float>().ToArray(), $"step {t}");
            for (var i = 1; i < results.Count; i++)
                states[session.OutputNames[i].Replace(".next", "", StringComparison.Ordinal)] = results[i].GetTensorDataAsSpan<float>().ToArray();
            foreach (var input in inputs.Values) input.Dispose();
        }
    }

    [TestMethod]
    [DataRow(OnnxPrecision.Half, OnnxExportForm.Sequence, "<eos>")]
    [DataRow(OnnxPrecision.Half, OnnxExportForm.Sequence, null)]
    [DataRow(OnnxPrecision.Half, OnnxExportForm.SingleStep, "<eos>")]
    [DataRow(OnnxPrecision.Int8, OnnxExportForm.Sequence, "<eos>")]
    [DataRow(OnnxPrecision.Int8, OnnxExportForm.Sequence, null)]
    [DataRow(OnnxPrecision.Int8, OnnxExportForm.SingleStep, "<eos>")]
    public void Smaller_numbers_come_close(OnnxPrecision precision, OnnxExportForm form, string? marker)
    {
        var model = Train(RecurrentCell.Lstm, tied: false, marker);
        using MemoryStream small = new(), full = new();
        var report = model.ExportToOnnx(small, new() { Precision = precision, Form = form });
        model.ExportToOnnx(full, new() { Form = form });
        foreach (var output in report.Outputs) NumberAssert.IsLessThan(0.3, output.MaximumAbsoluteError, output.ToString());
        if (form is OnnxExportForm.SingleStep) return;
        var rows = TestRows.Random(model.Description, 7);
        var (expected, actual) = (TestModels.RunBare(full.ToArray(), model.Manifest, rows)[1], TestModels.RunBare(small.ToArray(), model.Manifest, rows)[1]);
        for (var row = 0; row < 7; row++)
        {
            // Nothing foretells a single token without a marker before it.
            if (marker is null && rows.Lengths[row] == 1) Assert.IsTrue(float.IsNaN(actual[row]));
            else Assert.AreEqual(expected[row], actual[row], 0.1 * expected[row]);
        }
    }

    private static RecurrentModel Train(RecurrentCell cell, bool tied, string? marker)
    {
        var options = Options();
        (options.Network.Cell, options.Vocabulary.TieWeights, options.Vocabulary.EndOfSentence, options.Network.HiddenSize,
            options.Stopping.MaximumNumberOfEpochs) = (cell, tied, marker, 8, 1);
        using var transformer = SmallTexts.Train(Keys(60).Keys, options);
        return transformer.Model;
    }

    // The tape's batch begins with the marker that the graph puts before each row itself.
    private static float[][] Predict(Network network, LanguageManifest language, int vocabulary, TestRows rows)
    {
        var given = language.EndOfSentence is null ? 0 : 1;
        var batch = new TestRows
        {
            Count = rows.Count, Time = rows.Time + given, Lengths = [.. rows.Lengths.Select(length => length + given)], Values = rows.Values,
            Statics = rows.Statics, Features = 0,
            Tokens = [.. rows.Tokens.Select(row => language.EndOfSentence is { } marker ? row.Prepend(marker).ToArray() : row)],
        };
        using var tape = new Tape { Recording = false };
        using var filled = batch.ToBatch(network.Description);
        return [.. new LanguageModelHead(vocabulary, language).Predict(tape, network.Forward(tape, filled)).Select(answer => answer.Span.ToArray())];
    }
}
