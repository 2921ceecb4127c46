using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Layers;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Onnx;
using Microsoft.ML.Recurrent.Tests.Onnx;

namespace Microsoft.ML.Recurrent.Tests.Foreign;

/// <summary>
/// Streams of graphs of other frameworks, whose states are inputs and outputs. The reference is ONNX Runtime, with the states passed by hand.
/// </summary>
[TestClass]
public sealed class ForeignStreamTests
{
    private const int Keys = 3, Frames = 50;

    private readonly MLContext _ml = new(seed: 1);

    [TestMethod]
    [DataRow("silero_vad_v5.onnx", 576)]
    [DataRow("silero_vad_legacy.onnx", 1536)]
    [DataRow("gtcrn_simple.onnx", 0)]
    public void Real_models_answer_as_with_states_passed_by_hand(string file, int samples)
    {
        var path = SharedFolder.Find("onnx-real", file);
        var options = new RecurrentOnnxOptions { ModelFile = path };
        if (samples > 0) (options.StepShapes["input"], options.Constants["sr"]) = ([samples], 16000L);
        using var stream = _ml.Model.CreateSequenceStream<int>(options);
        var (states, scalars, shape) = RealModels.Describe(file, samples);
        CollectionAssert.AreEquivalent(states.Select(state => KeyValuePair.Create(state.Input, state.Output)).ToArray(), stream.States.ToArray());
        SteppedSession[] expected = [.. Enumerable.Range(0, Keys).Select(_ => new SteppedSession(path, states, scalars))];
        try
        {
            Check(stream, expected, RealModels.Input(file), shape);
            // A key that is forgotten begins anew.
            stream.Forget(1);
            expected[1].Forget();
            Check(stream, expected, RealModels.Input(file), shape, frames: 3);
        }
        finally
        {
            foreach (var one in expected) one.Dispose();
        }
    }

    [TestMethod]
    [DataRow("pytorch_torchscript_lstm_step")]
    [DataRow("pytorch_dynamo_lstm_step")]
    public void Step_models_of_PyTorch_answer_as_with_states_passed_by_hand(string name)
    {
        var path = SharedFolder.Find("onnx-models", name, "model.onnx");
        using var stream = _ml.Model.CreateSequenceStream<int>(new() { ModelFile = path });
        // The newer exporter has fixed the rows to three.
        using var expected = new SteppedSession(path, [("h", "hn"), ("c", "cn")]) { Rows = Keys };
        int[] keys = [.. Enumerable.Range(0, Keys)];
        var random = new Random(3);
        var (inputs, outputs) = (new float[Keys * stream.InputSize], new float[Keys * stream.OutputSize]);
        for (var step = 0; step < Frames; step++)
        {
            for (var i = 0; i < inputs.Length; i++) inputs[i] = random.NextSingle() - 0.5f;
            stream.Step(keys, inputs, outputs);
            var answer = expected.Step(("x", inputs, [Keys, 1, stream.InputSize]));
            for (var i = 0; i < answer.Length; i++) Assert.AreEqual(answer[i], outputs[i], 1e-6f, $"step {step}, number {i}");
        }
    }

    [TestMethod]
    [DataRow("lstm")]
    [DataRow("loops")]
    [DataRow("statics")]
    [DataRow("tokens")]
    public void Our_own_single_steps_stream_as_their_models(string kind)
    {
        LayerDescription[] layers = kind switch
        {
            "loops" => [new RecurrentDescription("zone", RecurrentCell.Lstm, 5) { ZoneoutHidden = 0.2f, Projection = 3 },
                new PoolingDescription("pool", SequencePooling.Last)],
            "tokens" => [new EmbeddingDescription("embedding", 4), new RecurrentDescription("gru", RecurrentCell.Gru, 5),
                new PoolingDescription("pool", SequencePooling.Last)],
            _ => [new RecurrentDescription("lstm", RecurrentCell.Lstm, 5), new RecurrentDescription("gru", RecurrentCell.Gru, 4),
                new PoolingDescription("pool", SequencePooling.Last)],
        };
        var description = TestModels.Describe(layers, time: null, vocabulary: kind == "tokens" ? 9 : 0, statics: kind == "statics" ? 2 : 0);
        var model = TestModels.Model(description, seed: 7);
        var path = Path.GetTempFileName();
        try
        {
            model.ExportToOnnx(path, new OnnxExportOptions { Form = OnnxExportForm.SingleStep });
            using var stream = new SequenceStream<string>(model);
            using var foreign = _ml.Model.CreateSequenceStream<string>(new() { ModelFile = path });
            Assert.AreEqual((stream.InputSize, stream.OutputSize), (foreign.InputSize, foreign.OutputSize));
            CollectionAssert.AreEqual(stream.States.ToArray(), foreign.States.ToArray());
            string[] keys = ["a", "b"];
            var random = new Random(1);
            var (inputs, expected, actual) = (new float[2 * stream.InputSize], new float[2 * stream.OutputSize], new float[2 * stream.OutputSize]);
            for (var step = 0; step < 6; step++)
            {
                for (var i = 0; i < inputs.Length; i++) inputs[i] = kind == "tokens" ? random.Next(9) : random.NextSingle();
                stream.Step(keys, inputs, expected);
                foreign.Step(keys, inputs, actual);
                for (var i = 0; i < expected.Length; i++) Assert.AreEqual(expected[i], actual[i], 1e-6f, $"step {step}, number {i}");
            }
        }
        finally
        {
            File.Delete(path);
        }
    }

    [TestMethod]
    public void States_of_any_rank_and_type_are_carried() => SmallGraphs.With(SmallGraphs.Counter(batch: "N"), path =>
    {
        using var stream = _ml.Model.CreateSequenceStream<string>(new() { ModelFile = path });
        Assert.AreEqual((3, 4), (stream.InputSize, stream.OutputSize));
        CheckCounter(stream);
    });

    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    [DataRow(5)]
    public void A_fixed_number_of_rows_is_filled(int batch) => SmallGraphs.With(SmallGraphs.Counter(batch), path =>
    {
        using var stream = _ml.Model.CreateSequenceStream<string>(new() { ModelFile = path });
        Assert.AreEqual((3, 4), (stream.InputSize, stream.OutputSize));
        CheckCounter(stream);
    });

    [TestMethod]
    public void A_graph_without_a_batch_axis_takes_one_key_at_a_time() => SmallGraphs.With(SmallGraphs.WithoutBatch(), path =>
    {
        using var stream = _ml.Model.CreateSequenceStream<string>(new() { ModelFile = path });
        var outputs = new float[6];
        stream.Step(["a", "b"], [1, 2, 3, 10, 20, 30], outputs);
        stream.Step(["a", "b"], [1, 2, 3, 10, 20, 30], outputs);
        CollectionAssert.AreEqual(new float[] { 2, 4, 6, 20, 40, 60 }, outputs);
    });

    [TestMethod]
    public void A_step_that_is_not_made_changes_no_state() => SmallGraphs.With(SmallGraphs.Counter("N"), path =>
    {
        using var stream = _ml.Model.CreateSequenceStream<string>(new() { ModelFile = path });
        var outputs = new float[8];
        stream.Step(["a", "b"], [1, 2, 3, 10, 20, 30], outputs);
        stream.Step(["a", "b"], [1, float.NaN, 3, 10, 20, 30], outputs);
        CollectionAssert.AreEqual(new[] { float.NaN, float.NaN, float.NaN, float.NaN, 20, 40, 60, 2 }, outputs);
        stream.Step(["a", "b"], [1, 2, 3, 10, 20, 30], outputs);
        CollectionAssert.AreEqual(new float[] { 2, 4, 6, 2, 30, 60, 90, 3 }, outputs);
    });

    [TestMethod]
    public void Several_inputs_and_outputs_and_whole_numbers_are_taken() => SmallGraphs.With(SmallGraphs.Several(), path =>
    {
        // Gain (a number), token (a whole number), x (2 x 3 numbers), in the order that is named.
        using var stream = _ml.Model.CreateSequenceStream<int>(new()
        {
            ModelFile = path,
            InputColumnNames = ["x", "gain", "token"],
            OutputColumnNames = ["second", "first"],
        });
        Assert.AreEqual((8, 7), (stream.InputSize, stream.OutputSize));
        var outputs = new float[14];
        stream.Step([1, 2], [1, 2, 3, 4, 5, 6, 2, 7, 1, 1, 1, 1, 1, 1, 3, 8], outputs);
        stream.Step([1, 2], [1, 2, 3, 4, 5, 6, 2, 7, 1, 1, 1, 1, 1, 1, 3, 8], outputs);
        CollectionAssert.AreEqual(new float[] { 14, 4, 8, 12, 16, 20, 24, 16, 6, 6, 6, 6, 6, 6 }, outputs);
        // A fraction as a token is refused before any step is made.
        var error = Assert.ThrowsExactly<ArgumentException>(() => stream.Step([1, 2], [1, 2, 3, 4, 5, 6, 2, 7, 1, 1, 1, 1, 1, 1, 3, 8.5f], outputs));
        StringAssert.Contains(error.Message, "The step of the key '2' has 8.5 for the input 'token', which takes whole numbers.");
    });

    [TestMethod]
    [DataRow("N")]
    [DataRow(1)]
    [DataRow(2)]
    public void The_answer_of_a_cell_is_its_state(object batch) => SmallGraphs.With(SmallGraphs.Cell(batch), path =>
    {
        using var stream = _ml.Model.CreateSequenceStream<string>(new() { ModelFile = path });
        Assert.AreEqual((3, 3), (stream.InputSize, stream.OutputSize));
        var outputs = new float[6];
        for (var step = 0; step < 3; step++) stream.Step(["a", "b"], [1, 2, 3, 10, 20, 30], outputs);
        CollectionAssert.AreEqual(new float[] { 3, 6, 9, 30, 60, 90 }, outputs);
    });

    [TestMethod]
    public void A_state_that_is_asked_for_is_an_answer_too() => SmallGraphs.With(SmallGraphs.Several(), path =>
    {
        using var stream = _ml.Model.CreateSequenceStream<int>(new() { ModelFile = path, OutputColumnNames = ["second", "cn"] });
        Assert.AreEqual((8, 2), (stream.InputSize, stream.OutputSize));
        var outputs = new float[2];
        stream.Step([1], [1, 5, 1, 2, 3, 4, 5, 6], outputs);
        stream.Step([1], [1, 5, 1, 2, 3, 4, 5, 6], outputs);
        CollectionAssert.AreEqual(new float[] { 10, 10 }, outputs);
    });

    [TestMethod]
    public void A_state_without_axes_is_carried_one_key_at_a_time() => SmallGraphs.With(SmallGraphs.StepNumber(), path =>
    {
        using var stream = _ml.Model.CreateSequenceStream<string>(new() { ModelFile = path, States = { ["step_in"] = "step_out" } });
        var outputs = new float[4];
        for (var step = 0; step < 3; step++) stream.Step(["a", "b"], [1, 2, 10, 20], outputs);
        CollectionAssert.AreEqual(new float[] { 3, 6, 30, 60 }, outputs);
    });

    [TestMethod]
    public void What_cannot_be_streamed_is_refused_with_what_to_do()
    {
        void Says(OnnxModelBuilder graph, RecurrentOnnxOptions options, params string[] parts) => SmallGraphs.With(graph, path =>
        {
            options.ModelFile = path;
            var error = Assert.Throws<Exception>(() => _ml.Model.CreateSequenceStream<int>(options).Dispose());
            Assert.IsTrue(error is ArgumentException or NotSupportedException, error.ToString());
            foreach (var part in parts) StringAssert.Contains(error.Message, part);
        });

        Says(SmallGraphs.Stateless(), new(), "carries no states", "'x'", "ApplyRecurrentOnnx", "States = ");
        Says(SmallGraphs.Free(), new(), "'x'", "[N, samples]", "StepShapes = { [\"x\"] = [");
        Says(SmallGraphs.Free(), new() { StepShapes = { ["y"] = [3] } }, "StepShapes", "'y'", "'x'");
        Says(SmallGraphs.Free(), new() { StepShapes = { ["x"] = [2, 3] } }, "'x'", "[N, samples]");
        Says(SmallGraphs.Gain(), new(), "'gain'", "Constants = { [\"gain\"] = ");
        Says(SmallGraphs.Growing(), new(), "'cache'", "'cache_out'", "grows");
        Says(SmallGraphs.Counter("N"), new() { States = { ["total"] = "none" } }, "no output 'none'");
    }

    [TestMethod]
    public void A_model_that_was_bound_without_states_is_refused() => SmallGraphs.With(SmallGraphs.Stateless(), path =>
    {
        var data = _ml.Data.LoadFromEnumerable(new[] { new { x = new float[3] } }, Schema(new { x = new float[3] }, 3));
        var model = _ml.Transforms.ApplyRecurrentOnnx(["y"], ["x"], path).Fit(data).Model;
        var error = Assert.ThrowsExactly<NotSupportedException>(() => new SequenceStream<int>(model));
        StringAssert.Contains(error.Message, "CreateSequenceStream");
    });

    private static SchemaDefinition Schema<T>(T _, int size)
    {
        var schema = SchemaDefinition.Create(typeof(T));
        schema[0].ColumnType = new VectorDataViewType(NumberDataViewType.Single, size);
        return schema;
    }

    private static void CheckCounter(SequenceStream<string> stream)
    {
        string[] keys = ["a", "b", "c"];
        var outputs = new float[12];
        for (var step = 1; step <= 4; step++)
        {
            stream.Step(keys, [1, 2, 3, 10, 20, 30, 100, 200, 300], outputs);
            for (var key = 0; key < 3; key++)
            {
                var unit = step * MathF.Pow(10, key);
                CollectionAssert.AreEqual(new[] { unit, 2 * unit, 3 * unit, step }, outputs[(4 * key)..(4 * key + 4)], $"step {step}, key {key}");
            }
        }
        stream.Forget("b");
        // A key that comes twice makes two steps.
        stream.Step(["b", "b", "a"], [10, 20, 30, 10, 20, 30, 1, 2, 3], outputs);
        CollectionAssert.AreEqual(new float[] { 10, 20, 30, 1, 20, 40, 60, 2, 5, 10, 15, 5 }, outputs);
    }

    private static void Check(SequenceStream<int> stream, SteppedSession[] expected, string input, long[] shape, int frames = Frames)
    {
        var random = new Random(frames);
        int[] keys = [.. Enumerable.Range(0, expected.Length)];
        var (inputs, outputs) = (new float[keys.Length * stream.InputSize], new float[keys.Length * stream.OutputSize]);
        for (var frame = 0; frame < frames; frame++)
        {
            for (var i = 0; i < inputs.Length; i++) inputs[i] = 0.2f * (random.NextSingle() - 0.5f);
            stream.Step(keys, inputs, outputs);
            foreach (var key in keys)
            {
                var answer = expected[key].Step((input, inputs[(key * stream.InputSize)..((key + 1) * stream.InputSize)], shape));
                Assert.HasCount(stream.OutputSize, answer);
                for (var i = 0; i < answer.Length; i++)
                    Assert.AreEqual(answer[i], outputs[key * stream.OutputSize + i], 1e-6f, $"frame {frame}, key {key}, number {i}");
            }
        }
    }
}
