using Microsoft.ML.Data;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using Microsoft.ML.Recurrent.Model;
using Microsoft.ML.Recurrent.Tests.Onnx;
using static Microsoft.ML.Recurrent.Tests.Training.TokensBesideRows;

namespace Microsoft.ML.Recurrent.Tests.Training;

/// <summary>Several columns in one step: tokens beside tokens and beside numbers, in each trainer that takes sequences.</summary>
[TestClass]
public sealed class TokensBesideTests
{
    private static readonly string[] s_tasks = ["regression", "binary", "multiclass", "tagging"];

    public static IEnumerable<object[]> Cases => from task in s_tasks
                                                 from form in Forms.Keys
                                                 select new object[] { task, form };

    private static IEstimator<ITransformer> Pipeline(string task, string form, Action<SequenceTrainerOptions>? change = null) =>
        Keys().Append(Trainer(task, form, change));

    [TestMethod]
    [DynamicData(nameof(Cases))]
    public void It_learns_what_no_column_tells_alone_and_all_ways_to_score_agree(string task, string form)
    {
        var model = Pipeline(task, form).Fit(View(Days(500, 1)));
        var rows = Days(60, 2);
        var scored = model.Transform(View(rows));
        // Without the hours, their sum and long events cannot be known.
        var needsHours = task is "regression" or "tagging" && form is "tokens, tokens";
        NumberAssert.IsGreaterThan(needsHours ? 0.5 : 0.93, Quality(task, scored), form);

        using var file = new MemoryStream();
        Context.Model.Save(model, View(rows).Schema, file);
        file.Position = 0;
        var loaded = new MLContext().Model.Load(file, out var schema);
        var expected = ScoresOf(scored);
        if (task is "multiclass" or "tagging")
        {
            using var engine = Context.Model.CreatePredictionEngine<Row, Scores>(loaded, schema);
            for (var i = 0; i < rows.Length; i++) TestModels.AssertClose(expected[i], engine.Predict(rows[i]).Score, $"row {i}");
        }
        else
        {
            using var engine = Context.Model.CreatePredictionEngine<Row, Answer>(loaded, schema);
            for (var i = 0; i < rows.Length; i++) TestModels.AssertClose(expected[i], [engine.Predict(rows[i]).Score], $"row {i}");
        }
    }

    [TestMethod]
    [DynamicData(nameof(Cases))]
    public void The_exported_graph_has_an_input_for_each_column_and_gives_the_same(string task, string form)
    {
        var rows = Days(40, 1);
        var model = Pipeline(task, form, options => options.Stopping.MaximumNumberOfEpochs = 2).Fit(View(rows));
        using var stream = new MemoryStream();
        ModelOf(model).ExportToOnnx(stream);
        using var session = new InferenceSession(stream.ToArray());
        CollectionAssert.AreEquivalent(Forms[form].Append(ModelManifest.LengthInput).ToArray(), session.InputMetadata.Keys.ToArray());
        var scored = model.Transform(View(rows));
        var expected = ScoresOf(scored);
        var (events, places) = (scored.GetColumn<uint[]>("EventKeys").ToArray(), scored.GetColumn<uint[]>("PlaceKeys").ToArray());
        for (var row = 0; row < rows.Length; row++)
        {
            var length = rows[row].Hours.Length;
            // Steps past the end of the row must not matter.
            Dictionary<string, OrtValue> inputs = new() { [ModelManifest.LengthInput] = OrtValue.CreateTensorValueFromMemory(new long[] { length }, [1]) };
            foreach (var name in Forms[form])
            {
                inputs.Add(name, name is "Hours"
                    ? OrtValue.CreateTensorValueFromMemory([.. rows[row].Hours, 7f, 8f], [1, length + 2, 1])
                    : OrtValue.CreateTensorValueFromMemory(
                        (long[])[.. (name is "EventKeys" ? events : places)[row].Select(key => (long)key), 1, 2], [1, length + 2]));
            }
            using var run = new RunOptions();
            using var answers = session.Run(run, inputs, ["Score"]);
            TestModels.AssertClose(expected[row], answers[0].GetTensorDataAsSpan<float>()[..expected[row].Length].ToArray(), $"row {row}");
            foreach (var input in inputs.Values) input.Dispose();
        }
    }

    [TestMethod]
    [DataRow("regression", "tokens, tokens, numbers")]
    [DataRow("multiclass", "numbers, tokens, tokens")]
    [DataRow("binary", "tokens, tokens")]
    public void A_pipeline_of_fixed_size_is_one_graph(string task, string form)
    {
        var rows = Days(40, 1);
        var keys = Context.Transforms.Conversion.MapValueToKey("EventKeys", "ThreeEvents")
            .Append(Context.Transforms.Conversion.MapValueToKey("PlaceKeys", "ThreePlaces")).Append(Context.Transforms.CopyColumns("Hours", "ThreeHours"))
            .Append(Context.Transforms.Conversion.MapValueToKey("ClassKey", "Class"));
        var mapped = keys.Fit(View(rows)).Transform(View(rows));
        var transformer = Trainer(task, form, options => options.Stopping.MaximumNumberOfEpochs = 2).Fit(mapped);
        using var stream = new MemoryStream();
        Context.Model.ConvertToOnnx(transformer, mapped, stream);
        using var session = new InferenceSession(stream.ToArray());
        Dictionary<string, OrtValue> inputs = [];
        foreach (var (name, input) in session.InputMetadata)
        {
            if (name is "ThreeHours")
                inputs.Add(name, OrtValue.CreateTensorValueFromMemory(rows.SelectMany(row => row.ThreeHours).ToArray(), [rows.Length, 3]));
            else if (input.IsString)
            {
                string[] texts = [.. rows.SelectMany(row => name switch
                {
                    "ThreeEvents" => row.ThreeEvents, "ThreePlaces" => row.ThreePlaces, "Events" => [""], "Places" => [""], "Tags" => [""], _ => [row.Class]
                })];
                inputs.Add(name, OrtValue.CreateFromStringTensor(new DenseTensor<string>(texts, [rows.Length, texts.Length / rows.Length])));
            }
            else inputs.Add(name, name is "Flag" ? OrtValue.CreateTensorValueFromMemory(new bool[rows.Length], [rows.Length, 1])
                : OrtValue.CreateTensorValueFromMemory(new float[rows.Length], [rows.Length, 1]));
        }
        using var run = new RunOptions();
        using var answers = session.Run(run, inputs, [session.OutputNames.Single(name => name.StartsWith("Score", StringComparison.Ordinal))]);
        TestModels.AssertClose([.. ScoresOf(transformer.Transform(mapped)).SelectMany(row => row)], answers[0].GetTensorDataAsSpan<float>().ToArray(), form);
        foreach (var input in inputs.Values) input.Dispose();
    }

    [TestMethod]
    [DataRow("binary")]
    [DataRow("tagging")]
    public void A_pipeline_of_tokens_of_varying_length_is_one_graph(string task)
    {
        var rows = Days(40, 1);
        var mapped = Keys().Fit(View(rows)).Transform(View(rows));
        var transformer = Trainer(task, "tokens, tokens", options => options.Stopping.MaximumNumberOfEpochs = 2).Fit(mapped);
        // The mapping is left outside: ML.NET pads texts, and keys are what the graph takes.
        var plain = Context.Transforms.SelectColumns("EventKeys", "PlaceKeys").Fit(mapped).Transform(mapped);
        using var stream = new MemoryStream();
        Context.Model.ConvertToOnnx(transformer, plain, stream);
        using var session = new InferenceSession(stream.ToArray());
        var expected = ScoresOf(transformer.Transform(mapped));
        foreach (var (row, length) in rows.Take(5).Select((row, i) => (i, row.Events.Length)))
        {
            Dictionary<string, OrtValue> inputs = [];
            foreach (var (name, input) in session.InputMetadata)
            {
                var size = name is "Events" or "Places" or "Tags" or "Hours" ? length : name.StartsWith("Three", StringComparison.Ordinal) ? 3 : 1;
                inputs.Add(name, name is "Flag" ? OrtValue.CreateTensorValueFromMemory(new bool[1], [1, 1])
                    : !input.IsString ? OrtValue.CreateTensorValueFromMemory(new float[size], [1, size])
                    : OrtValue.CreateFromStringTensor(new DenseTensor<string>(
                        name switch { "Events" => rows[row].Events, "Places" => rows[row].Places, _ => [.. Enumerable.Repeat("", size)] }, [1, size])));
            }
            using var run = new RunOptions();
            using var answers = session.Run(run, inputs, [session.OutputNames.Single(name => name.StartsWith("Score", StringComparison.Ordinal))]);
            TestModels.AssertClose(expected[row], answers[0].GetTensorDataAsSpan<float>().ToArray(), $"row {row}");
            foreach (var input in inputs.Values) input.Dispose();
        }
    }

    [TestMethod]
    [DataRow("tokens, tokens, numbers")]
    [DataRow("numbers, tokens, tokens")]
    public void It_can_be_streamed_step_by_step(string form)
    {
        var rows = Days(40, 1);
        var model = Pipeline("regression", form, options =>
            (options.Stopping.MaximumNumberOfEpochs, options.Network.Pooling) = (2, SequencePooling.Last)).Fit(View(rows));
        var scored = model.Transform(View(rows));
        var (events, places) = (scored.GetColumn<uint[]>("EventKeys").ToArray(), scored.GetColumn<uint[]>("PlaceKeys").ToArray());
        var expected = ScoresOf(scored);
        using var stream = new SequenceStream<int>(ModelOf(model));
        var answer = new float[1];
        for (var row = 0; row < 10; row++)
        {
            for (var t = 0; t < rows[row].Hours.Length; t++)
                stream.Step([row],
                    [.. Forms[form].Select(name => name is "Hours" ? rows[row].Hours[t] : name is "EventKeys" ? events[row][t] : places[row][t])],
                    answer);
            Assert.AreEqual(expected[row][0], answer[0], 1e-4f);
        }
    }

    [TestMethod]
    [DynamicData(nameof(Cases))]
    public void Fine_tuning_keeps_the_tokens_of_each_column_by_their_values(string task, string form)
    {
        var first = Pipeline(task, form).Fit(View(Days(500, 1)));
        // Another order of the keys, a new event, and without one that the model knows.
        var rows = Days(30, 5, ["sleep", "read", "call", "work"]).Reverse().ToArray();
        var tuned = Pipeline(task, form, options =>
        {
            (options.Network.Initialization.Model, options.Stopping.MaximumNumberOfEpochs, options.Optimizer.LearningRate) = (ModelOf(first), 1, 1e-7f);
            options.Stopping.ValidationFraction = 0;
        }).Fit(View(rows));
        var known = Days(100, 2);
        var (before, after) = (Quality(task, first.Transform(View(known))), Quality(task, MappedBy(tuned, first, known)));
        Assert.AreEqual(before, after, 0.03, form);
    }

    // By the key mapping of the first training: the tuned model matches values.
    private static IDataView MappedBy(ITransformer tuned, ITransformer first, Row[] rows)
    {
        var keys = ((IEnumerable<ITransformer>)first).First().Transform(View(rows));
        return ((IEnumerable<ITransformer>)tuned).Last().Transform(keys);
    }

    [TestMethod]
    [DynamicData(nameof(Cases))]
    public void The_same_seed_gives_the_same_on_one_thread_and_two(string task, string form)
    {
        float[][] Of(int threads) => ScoresOf(Pipeline(task, form, options =>
            (options.NumberOfThreads, options.Stopping.MaximumNumberOfEpochs) = (threads, 2)).Fit(View(Days(60, 1))).Transform(View(Days(20, 2))));
        var (one, two) = (Of(1), Of(2));
        for (var i = 0; i < one.Length; i++) CollectionAssert.AreEqual(one[i], two[i]);
    }

    [TestMethod]
    [DataRow("tokens, tokens, numbers")]
    [DataRow("numbers, tokens, tokens")]
    public void Missing_keys_unknown_ones_and_missing_numbers_have_their_rules(string form)
    {
        var model = Pipeline("regression", form, options => options.Stopping.MaximumNumberOfEpochs = 3).Fit(View(Days(60, 1)));
        Row[] rows =
        [
            new() { Events = ["work", "work"], Places = ["home", "home"], Hours = [1, 1] },
            new() { Events = ["work", ""], Places = ["home", "moon"], Hours = [1, 1] },
            new() { Events = ["work", "sail"], Places = ["home", "moon"], Hours = [1, 1] }, new() { Events = ["work"], Places = ["home"], Hours = [float.NaN] },
            new(),
        ];
        var scores = ScoresOf(model.Transform(View(rows)));
        Assert.IsTrue(float.IsFinite(scores[1][0]));
        Assert.AreNotEqual(scores[0][0], scores[1][0]);
        // Unknown is missing.
        Assert.AreEqual(scores[1][0], scores[2][0]);
        Assert.IsTrue(float.IsNaN(scores[3][0]));
        Assert.IsTrue(float.IsNaN(scores[4][0]));
    }

    [TestMethod]
    public void Statics_characters_and_a_field_stand_beside_them()
    {
        var model = Pipeline("regression", "tokens, tokens, numbers", options =>
            (options.Features.StaticColumnNames, options.Stopping.MaximumNumberOfEpochs) = (["Start"], 2)).Fit(View(Days(60, 1)));
        Assert.HasCount(4, ModelOf(model).Manifest.Inputs);
        var tagger = Pipeline("tagging", "tokens, tokens, numbers", options =>
        {
            var own = (RecurrentTaggingTrainer.Options)options;
            (own.Characters.TextColumnName, own.Tags.UseConditionalRandomField, own.Stopping.MaximumNumberOfEpochs) = ("Events", true, 15);
        }).Fit(View(Days(300, 1)));
        NumberAssert.IsGreaterThan(0.9, Quality("tagging", tagger.Transform(View(Days(60, 2)))));
        StringAssert.Contains(ModelOf(tagger).Summary(), "category_1");
    }

    [TestMethod]
    [DataRow("tokens, tokens, numbers")]
    [DataRow("numbers, tokens, tokens")]
    public void Numbers_beyond_24_bits_keep_their_changes_beside_tokens(string form)
    {
        // A Single of this size has neighbors 64 away.
        const double level = 1e9;
        static IDataView Wide(Row[] rows) => Context.Transforms.CustomMapping<Row, WideRow>(
            (row, wide) => wide.Hours = Array.ConvertAll(row.Hours, hours => level + hours), null).Fit(View(rows)).Transform(View(rows));
        var pipeline = Keys().Append(Trainer("regression", form));
        using var model = (TransformerChain<ITransformer>)pipeline.Fit(Wide(Days(500, 1)));
        NumberAssert.IsGreaterThan(0.9, Quality("regression", model.Transform(Wide(Days(60, 2)))));
    }

    private sealed class WideRow
    {
        public double[] Hours { get; set; } = [];
    }

    [TestMethod]
    public void The_sizes_of_the_embeddings_are_options()
    {
        var model = ModelOf(Pipeline("binary", "tokens, tokens, numbers", options =>
            (options.Features.EmbeddingSize, options.Features.AdditionalEmbeddingSize, options.Stopping.MaximumNumberOfEpochs) = (5, 7, 1))
                .Fit(View(Days(60, 1))));
        using var network = model.ToNetwork();
        Assert.AreEqual(5, network["embedding_1.weight"].Shape[1]);
        // Three places and the missing one.
        CollectionAssert.AreEqual(new[] { 4, 7 }, network["category_1.weight"].Shape.ToArray());
        Assert.AreEqual(5 + 7 + 1, network["lstm_1.weight_ih"].Shape[1]);
    }

    [TestMethod]
    public void Columns_of_another_length_and_other_keys_are_refused_by_row_and_column()
    {
        var rows = Days(20, 1);
        rows[6].Places = rows[6].Places[1..];
        var message = Assert.Throws<ArgumentException>(() => Pipeline("binary", "tokens, tokens, numbers").Fit(View(rows))).Message;
        StringAssert.Contains(message, "Row 6 of the feature column 'PlaceKeys' holds");
        StringAssert.Contains(message, "the columns of one sequence must have the same length");

        var mapped = Keys().Fit(View(Days(20, 1))).Transform(View(Days(20, 1)));
        var others = Days(20, 9, ["x", "y", "call", "work"]);
        var trainer = Context.BinaryClassification.Trainers.RecurrentNetwork(new()
        {
            LabelColumnName = "Flag",
            FeatureColumnName = "PlaceKeys",
            Features = { AdditionalColumnNames = ["EventKeys"] },
        });
        StringAssert.Contains(Assert.Throws<ArgumentException>(() => trainer.Fit(mapped, Keys().Fit(View(others)).Transform(View(others)))).Message,
            "of the validation data has other keys");

        message = Assert.Throws<ArgumentException>(() => Pipeline("regression", "tokens, tokens, numbers", options =>
            options.Network.Regularization.Augmentation = new() { TimeFlip = 0.5f }).Fit(View(Days(20, 1)))).Message;
        StringAssert.Contains(message, "tokens stand beside them");

        var model = ModelOf(Pipeline("binary", "tokens, tokens", options => options.Stopping.MaximumNumberOfEpochs = 1).Fit(View(Days(20, 1))));
        message = Assert.Throws<ArgumentException>(() => Pipeline("binary", "tokens, tokens, numbers",
            options => options.Network.Initialization.Model = model).Fit(View(Days(20, 1)))).Message;
        StringAssert.Contains(message, "numbers per step");
        StringAssert.Contains(message, "'Hours'");
    }
}
