using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.Recurrent.Layers;
using Microsoft.ML.Recurrent.Networks;

namespace Microsoft.ML.Recurrent.Tests.Onnx;

/// <summary>Exported single-step graphs, fed by a bare session with one step after the other.</summary>
[TestClass]
public sealed class SingleStepExportTests
{
    [TestMethod]
    [DataRow(RecurrentCell.Lstm, 11)]
    [DataRow(RecurrentCell.Gru, 17)]
    [DataRow(RecurrentCell.SimpleRnn, 22)]
    [DataRow(RecurrentCell.MinimalGated, 11)]
    [DataRow(RecurrentCell.MinimalGated, 22)]
    public void Step_by_step_equals_the_whole_sequence(RecurrentCell cell, int opset)
    {
        var description = TestModels.Describe([new RecurrentDescription("a", cell, 6), new RecurrentDescription("b", cell, 4),
            new DenseDescription("d", 5, DenseActivation.Tanh), new PoolingDescription("pool", SequencePooling.Last)], features: 1);
        using var network = TestModels.Network(description);
        using var file = new MemoryStream();
        TestModels.Model(network).ExportToOnnx(file, new() { Form = OnnxExportForm.SingleStep, Opset = opset });
        using var session = new InferenceSession(file.ToArray());
        string[] states = [.. session.InputNames.Where(name => name != "Features")];
        CollectionAssert.AreEquivalent(cell is RecurrentCell.Lstm ? new[] { "a.h", "a.c", "b.h", "b.c" } : ["a.h", "b.h"], states);

        var rows = TestRows.Random(description, 3);
        var values = states.ToDictionary(name => name, name => new float[3 * (name[0] == 'a' ? 6 : 4)]);
        float[] answer = [];
        using var options = new RunOptions();
        for (var t = 0; t < rows.Time; t++)
        {
            var inputs = values.ToDictionary(state => state.Key, state => OrtValue.CreateTensorValueFromMemory(state.Value, [1, 3, state.Value.Length / 3]));
            inputs.Add("Features", OrtValue.CreateTensorValueFromMemory(rows.Values.Select(row => row[t]).ToArray(), [3, 1, 1]));
            using var results = session.Run(options, inputs, session.OutputNames);
            answer = results[0].GetTensorDataAsSpan<float>().ToArray();
            for (var i = 1; i < results.Count; i++)
                values[session.OutputNames[i].Replace(".next", "", StringComparison.Ordinal)] = results[i].GetTensorDataAsSpan<float>().ToArray();
            foreach (var input in inputs.Values) input.Dispose();
        }
        Assert.AreEqual("Score", session.OutputNames[0]);
        TestModels.AssertClose(TestModels.Forward(network, rows)[0], answer, $"{cell}");
    }

    /// <summary>A row that makes no step, or one that has no answer, goes on from the states that it had.</summary>
    [TestMethod]
    [DataRow(RecurrentCell.Lstm, 0f, 17)]
    [DataRow(RecurrentCell.Gru, 0f, 11)]
    [DataRow(RecurrentCell.SimpleRnn, 0f, 22)]
    [DataRow(RecurrentCell.MinimalGated, 0f, 13)]
    [DataRow(RecurrentCell.Lstm, 0.1f, 17)]
    [DataRow(RecurrentCell.Gru, 0.1f, 17)]
    public void A_step_that_is_not_made_keeps_the_states(RecurrentCell cell, float zoneout, int opset)
    {
        var layer = new RecurrentDescription("a", cell, 6) { ZoneoutHidden = zoneout };
        var pool = new PoolingDescription("pool", SequencePooling.Last);
        foreach (var varying in new[] { true, false })
        {
            using var file = new MemoryStream();
            TestModels.Model(TestModels.Describe([layer, layer with { Name = "b" }, pool], features: 1, time: varying ? null : 7))
                .ExportToOnnx(file, new() { Form = OnnxExportForm.SingleStep, Opset = opset });
            using var session = new InferenceSession(file.ToArray());
            const int rows = 3;
            string[] states = [.. session.InputNames.Where(name => name.Contains('.'))];
            var inputs = states.ToDictionary(name => name,
                _ => OrtValue.CreateTensorValueFromMemory(Enumerable.Repeat(0.7f, rows * 6).ToArray(), [1, rows, 6]));
            inputs["Features"] = OrtValue.CreateTensorValueFromMemory(new[] { 1f, varying ? 1f : float.PositiveInfinity, float.NaN }, [rows, 1, 1]);
            if (varying) inputs["sequence_length"] = OrtValue.CreateTensorValueFromMemory(new[] { 1L, 0, 1 }, [rows]);
            using var options = new RunOptions();
            using var results = session.Run(options, inputs, session.OutputNames);
            for (var i = 0; i < results.Count; i++)
            {
                var values = results[i].GetTensorDataAsSpan<float>().ToArray();
                var size = values.Length / rows;
                for (var at = 0; at < values.Length; at++)
                {
                    if (i == 0) Assert.AreEqual(at >= size, float.IsNaN(values[at]), $"answer {at} is {values[at]}");
                    else if (at < size) Assert.AreNotEqual(0.7f, values[at], session.OutputNames[i]);
                    else Assert.AreEqual(0.7f, values[at], $"{session.OutputNames[i]}, number {at}");
                }
            }
            foreach (var input in inputs.Values) input.Dispose();
        }
    }

    [TestMethod]
    public void A_model_that_needs_the_whole_sequence_is_refused()
    {
        var model = TestModels.Model(TestModels.Describe([new RecurrentDescription("two_ways", RecurrentCell.Gru, 3) { Bidirectional = true },
            new PoolingDescription("pool", SequencePooling.Last)]));
        StringAssert.Contains(Assert.ThrowsExactly<NotSupportedException>(
            () => model.ExportToOnnx(Stream.Null, new() { Form = OnnxExportForm.SingleStep })).Message, "'two_ways'");
    }
}
