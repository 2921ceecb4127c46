using Microsoft.ML.Data;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using Microsoft.ML.Recurrent.Model;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Scoring;
using Microsoft.ML.Recurrent.Tests.Contract;

namespace Microsoft.ML.Recurrent.Tests.Classification;

/// <summary>A linear path over n-grams beside the network of every classifier of tokens.</summary>
[TestClass]
public sealed class NgramTests
{
    private static readonly MLContext s_context = new(1);

    private sealed class Row
    {
        public string[] Words { get; set; } = [];
        public string Class { get; set; } = "";
        public bool Flag { get; set; }
        public bool[] Flags { get; set; } = [];
    }

    // The class is told by which of two words comes first, somewhere among others: by a pair of words.
    private static Row[] Draw(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ =>
        {
            var first = random.Next(2) == 0;
            List<string> words = [.. Enumerable.Range(0, random.Next(0, 6)).Select(_ => $"w{random.Next(30)}")];
            words.InsertRange(random.Next(words.Count + 1), first ? ["x", "y"] : ["y", "x"]);
            return new Row { Words = [.. words], Class = first ? "xy" : "yx", Flag = first, Flags = [first, !first] };
        })];
    }

    private static readonly ITransformer s_keys = s_context.Transforms.Conversion.MapValueToKey("Tokens", "Words")
        .Append(s_context.Transforms.Conversion.MapValueToKey("Label", "Class")).Fit(View(Draw(300, 1)));

    private static IDataView View(Row[] rows)
    {
        var schema = SchemaDefinition.Create(typeof(Row));
        schema[nameof(Row.Flags)].ColumnType = new VectorDataViewType(BooleanDataViewType.Instance, 2);
        return s_context.Data.LoadFromEnumerable(rows, schema);
    }

    private static IDataView Data(int count, int seed) => s_keys.Transform(View(Draw(count, seed)));

    private static RecurrentMulticlassTrainer.Options Multiclass(Action<RecurrentMulticlassTrainer.Options>? change = null)
    {
        var options = new RecurrentMulticlassTrainer.Options
        {
            FeatureColumnName = "Tokens",
            Network = { HiddenSize = 3 },
            Features = { EmbeddingSize = 3 },
            Stopping = { MaximumNumberOfEpochs = 4 },
            Seed = 1,
        };
        change?.Invoke(options);
        return options;
    }

    private static RecurrentMulticlassTransformer Fit(Action<RecurrentMulticlassTrainer.Options>? change = null) =>
        s_context.MulticlassClassification.Trainers.RecurrentNetwork(Multiclass(change)).Fit(Data(300, 1));

    private static RecurrentTransformer FitBinary(string label) => s_context.BinaryClassification.Trainers.RecurrentNetwork(
        new RecurrentBinaryTrainer.Options
        {
            LabelColumnName = label,
            FeatureColumnName = "Tokens",
            Network = { HiddenSize = 3 },
            Stopping = { MaximumNumberOfEpochs = 4 },
            Seed = 1,
        }).Fit(Data(300, 1));

    private static RecurrentTransformer FitTask(string task) => task is "multiclass" ? Fit() : FitBinary(task is "binary" ? "Flag" : "Flags");

    [TestMethod]
    public void Pairs_of_words_are_learned_at_once()
    {
        double Accuracy(int? length)
        {
            using var model = Fit(options => options.Features.Ngrams.NgramLength = length);
            return s_context.MulticlassClassification.Evaluate(model.Transform(Data(300, 2))).MicroAccuracy;
        }

        NumberAssert.IsGreaterThan(0.97, Accuracy(null));
        NumberAssert.IsLessThan(0.9, Accuracy(0));
    }

    [TestMethod]
    [DataRow("multiclass")]
    [DataRow("binary")]
    [DataRow("labels")]
    public void The_graph_answers_as_the_kernels_do(string task)
    {
        using var model = FitTask(task);
        Assert.AreEqual(new(4, 8), model.Model.Description.Ngrams! with { Bits = 8 });
        var data = Data(200, 3);
        model.Scoring = new() { Backend = ScoringBackend.Managed, BatchSize = 7 };
        var expected = Answers.Read(model, data);
        Assert.IsTrue(expected["Score"].Select(row => row[0]).Distinct().Count() > 20);
        model.Scoring = new() { Backend = ScoringBackend.OnnxRuntime, BatchSize = 64 };
        Answers.AssertEqual(expected, Answers.Read(model, data), task, 1e-5f);
        using var stream = new MemoryStream();
        s_context.Model.Save(model, data.Schema, stream);
        stream.Position = 0;
        Answers.AssertEqual(expected, Answers.Read((RecurrentTransformer)s_context.Model.Load(stream, out _), data), task, 1e-5f);
    }

    [TestMethod]
    [DataRow(12)]
    [DataRow(13)]
    [DataRow(18)]
    [DataRow(21)]
    [DataRow(26)]
    public void Graphs_of_each_opset_answer_rows_of_any_length_whatever_pads_them(int opset)
    {
        using var model = Fit(options => options.Features.Ngrams.NgramLength = 5);
        using var file = new MemoryStream();
        model.Model.ExportToOnnx(file, new() { Opset = opset });
        using var session = new InferenceSession(file.ToArray());
        foreach (var row in (long[][])[[1], [3, 2], [5, 1, 2, 0, 7], [.. Enumerable.Range(0, 60).Select(i => (long)(i % 31))]])
        {
            var expected = Run(row, row.Length);
            foreach (var padding in (int[])[1, 4, 11])
                Answers.AssertEqual([expected], [Run([.. row, .. Enumerable.Repeat(1L, padding)], row.Length)], $"{row.Length} tokens", 1e-5f);
        }

        float[] Run(long[] tokens, int length)
        {
            var inputs = session.InputMetadata.Keys.Select(name => name == ModelManifest.LengthInput
                ? NamedOnnxValue.CreateFromTensor(name, new DenseTensor<long>(new[] { (long)length }, [1]))
                : NamedOnnxValue.CreateFromTensor(name, new DenseTensor<long>(tokens, [1, tokens.Length]))).ToArray();
            using var outputs = session.Run(inputs);
            return [.. outputs.Single(output => output.Name == "Score").AsTensor<float>()];
        }
    }

    [TestMethod]
    [DataRow(OnnxPrecision.HalfWeights, 2e-3f)]
    [DataRow(OnnxPrecision.Half, 5e-3f)]
    [DataRow(OnnxPrecision.Int8Weights, 2e-2f)]
    [DataRow(OnnxPrecision.Int8, 5e-2f)]
    public void Graphs_of_reduced_precision_hash_the_same_n_grams(OnnxPrecision precision, float tolerance)
    {
        using var model = Fit();
        var report = model.Model.ExportToOnnx(Stream.Null, new() { Precision = precision, EvaluationData = Data(100, 4) });
        var score = report.Outputs.Single(output => output.Name == "Score");
        NumberAssert.IsLessThan(tolerance, score.MaximumAbsoluteError);
        NumberAssert.IsGreaterThan(0.1, score.MeanAbsoluteValue);
    }

    /// <summary>Naive Bayes by a plain loop over the rows, for classes and for labels.</summary>
    [TestMethod]
    [DataRow("multiclass")]
    [DataRow("binary")]
    [DataRow("labels")]
    public void The_path_begins_at_naive_bayes(string task)
    {
        var rows = Draw(60, 8);
        rows[^1].Flag = rows[^2].Flag;
        void Stay(SequenceTrainerOptions options)
        {
            (options.FeatureColumnName, options.Network.HiddenSize, options.Stopping.MaximumNumberOfEpochs) = ("Tokens", 3, 1);
            options.Stopping.ValidationFraction = 0;
            options.Features.Ngrams = new() { NgramLength = 1, NumberOfBits = 12, LearningRate = 1e-20f };
        }

        var multiclass = new RecurrentMulticlassTrainer.Options();
        var binary = new RecurrentBinaryTrainer.Options { LabelColumnName = task is "binary" ? "Flag" : "Flags" };
        Stay(multiclass);
        Stay(binary);
        var data = s_keys.Transform(View(rows));
        using RecurrentTransformer model = task is "multiclass" ? s_context.MulticlassClassification.Trainers.RecurrentNetwork(multiclass).Fit(data)
            : s_context.BinaryClassification.Trainers.RecurrentNetwork(binary).Fit(data);
        using var network = model.Model.ToNetwork();
        var outputs = network.Description.Outputs;
        var classes = data.GetColumn<uint>("Label").ToArray();
        var tokens = data.GetColumn<uint[]>("Tokens").ToArray();
        for (var k = 0; k < outputs; k++)
        {
            bool Has(int row) => task is "multiclass" ? classes[row] == k + 1 : task is "binary" ? rows[row].Flag : rows[row].Flags[k];
            var share = Enumerable.Range(0, rows.Length).Count(Has) / (double)rows.Length;
            foreach (var token in tokens.SelectMany(row => row).Distinct())
            {
                int[] with = [.. Enumerable.Range(0, rows.Length).Where(row => tokens[row].Contains(token))];
                var own = (with.Count(Has) + 2 * share) / (with.Length + 2);
                var expected = Math.Log(own / share) - (task is "multiclass" ? 0 : Math.Log((1 - own) / (1 - share)));
                // One token is a polynomial of degree 0: its symbol.
                Assert.AreEqual(expected, network.Ngrams!.Weight.Value[(1 + (int)token + NgramHash.FirstCode) * outputs + k], 1e-5, $"token {token}");
            }
        }
    }

    [TestMethod]
    public void Keys_in_another_order_keep_their_n_grams_in_fine_tuning()
    {
        using var first = Fit();
        // The rows come in another order, so the keys do too; a new word is among them.
        Row[] rows = [.. Draw(300, 5).Reverse()];
        rows[0].Words = [.. rows[0].Words, "new"];
        var view = View(rows);
        var keys = s_context.Transforms.Conversion.MapValueToKey("Tokens", "Words")
            .Append(s_context.Transforms.Conversion.MapValueToKey("Label", "Class")).Fit(view).Transform(view);
        using var tuned = s_context.MulticlassClassification.Trainers.RecurrentNetwork(Multiclass(options =>
        {
            options.Network.Initialization.Model = first.Model;
            (options.Optimizer.LearningRate, options.Features.Ngrams.LearningRate, options.Stopping.MaximumNumberOfEpochs) = (1e-9f, 1e-9f, 1);
            (options.Stopping.ValidationFraction, options.Optimizer.EmaDecay) = (0, 0);
        })).Fit(keys);
        string[] Predicted(RecurrentTransformer model, IDataView data) => [.. s_context.Transforms.Conversion.MapKeyToValue("PredictedLabel")
            .Fit(model.Transform(data)).Transform(model.Transform(data)).GetColumn<string>("PredictedLabel")];
        var same = Draw(300, 6);
        var mapping = s_context.Transforms.Conversion.MapValueToKey("Tokens", "Words")
            .Append(s_context.Transforms.Conversion.MapValueToKey("Label", "Class")).Fit(view);
        var (expected, found) = (Predicted(first, s_keys.Transform(View(same))), Predicted(tuned, mapping.Transform(View(same))));
        CollectionAssert.AreEqual(expected, found);
        using var network = tuned.Model.ToNetwork();
        var codes = network.Ngrams!.Codes.Value.Span.ToArray();
        Assert.AreEqual(codes.Length, codes.Distinct().Count());
        Assert.IsFalse(codes.SequenceEqual(codes.Order()));
    }

    [TestMethod]
    public void Defaults_go_by_the_vocabulary_and_the_way_of_reading()
    {
        NgramsDescription? Path(Action<RecurrentMulticlassTrainer.Options>? change = null)
        {
            using var model = Fit(change);
            return model.Model.Description.Ngrams;
        }

        Assert.AreEqual(4, Path()!.Length);
        Assert.IsNull(Path(options => options.Features.Ngrams.NgramLength = 0));
        Assert.AreEqual(new NgramsDescription(2, 5), Path(options => options.Features.Ngrams = new() { NgramLength = 2, NumberOfBits = 5 }));
        // At least four rows for each different n-gram.
        NumberAssert.IsGreaterThanOrEqualTo(4 * 32, 1 << Path(options => options.Features.Ngrams.NgramLength = 1)!.Bits);
        // A network that can be read step by step stays one; a path is asked for by name.
        Assert.IsNull(Path(options => options.Network.Bidirectional = false));
        using var asked = Fit(options => (options.Network.Bidirectional, options.Features.Ngrams.NgramLength) = (false, 2));
        StringAssert.Contains(Assert.Throws<NotSupportedException>(() => new SequenceStream<int>(asked.Model)).Message, "Features.Ngrams.NgramLength = 0");
        StringAssert.Contains(asked.Model.Summary(), "ngrams (N-grams of up to 2)");
    }

    [TestMethod]
    public void Options_out_of_range_and_other_trainers_are_refused_by_name()
    {
        string? Refused(Action<NgramOptions> change) => Assert.Throws<ArgumentException>(() =>
            s_context.MulticlassClassification.Trainers.RecurrentNetwork(Multiclass(options => change(options.Features.Ngrams)))).ParamName;

        Assert.AreEqual("Features.Ngrams.NgramLength", Refused(options => options.NgramLength = 11));
        Assert.AreEqual("Features.Ngrams.NgramLength", Refused(options => options.NgramLength = -1));
        Assert.AreEqual("Features.Ngrams.NumberOfBits", Refused(options => options.NumberOfBits = 0));
        Assert.AreEqual("Features.Ngrams.NumberOfBits", Refused(options => options.NumberOfBits = 25));
        Assert.AreEqual("Features.Ngrams.LearningRate", Refused(options => options.LearningRate = 0));
        Assert.AreEqual("Features.Ngrams.NgramLength", Assert.Throws<ArgumentException>(() =>
            s_context.Regression.Trainers.RecurrentNetwork(new RecurrentRegressionTrainer.Options { Features = { Ngrams = { NgramLength = 2 } } })).ParamName);
    }

    [TestMethod]
    public void A_cancelled_fit_goes_on_to_the_same_weights()
    {
        var folder = Directory.CreateTempSubdirectory("recurrent-ngrams-").FullName;
        try
        {
            // The path ends its training within these epochs.
            RecurrentMulticlassTransformer Run(int epochs, bool resume) => Fit(options =>
            {
                (options.Stopping.ValidationFraction, options.Stopping.MaximumNumberOfEpochs, options.Optimizer.LearningRate) = (0.3f, epochs, 0.02f);
                (options.Checkpoints.Folder, options.Checkpoints.Resume) = (resume || epochs < 12 ? folder : null, resume);
                options.Features.Ngrams.LearningRate = 2;
            });
            using var whole = Run(12, resume: false);
            using var part = Run(5, resume: false);
            using var rest = Run(12, resume: true);
            var data = Data(50, 7);
            Answers.AssertEqual(Answers.Read(whole, data), Answers.Read(rest, data), "resumed");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
