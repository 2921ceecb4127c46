using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Hosting;
using Microsoft.ML.Recurrent.Tests.Hosting;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Recurrent.Tests.Training;

/// <summary>What training from an initial model says: what differs, what is dropped, what is frozen.</summary>
[TestClass]
public sealed class FineTuningMessageTests
{
    private sealed class Review
    {
        public string[] Words { get; set; } = [];
        public bool Label { get; set; }
    }

    private sealed class Month
    {
        public DateTime Time { get; set; }
        public float Value { get; set; }
        public float Price { get; set; }
    }

    private static Review[] Reviews(int count, params string[] words) =>
        [.. Enumerable.Range(0, count).Select(i => new Review { Words = [words[i % words.Length]], Label = words[i % words.Length][0] == 'g' })];

    private static RecurrentBinaryTransformer Train(MLContext context, IDataView data, RecurrentModel? initial, int epochs, params string[] frozen) =>
        context.BinaryClassification.Trainers.RecurrentNetwork(new()
        {
            FeatureColumnName = "Words",
            Network = { HiddenSize = 4, Initialization = { Model = initial, FrozenLayers = frozen } },
            Stopping = { MaximumNumberOfEpochs = epochs },
            Optimizer = { LearningRate = 0.02f },
            Seed = 3,
        }).Fit(data);

    private static List<string> Warnings(MLContext context)
    {
        var texts = new List<string>();
        context.Log += (_, message) =>
        {
            if (message.Kind is ChannelMessageKind.Warning && message.Source.Contains("Training", StringComparison.Ordinal)) texts.Add(message.Message);
        };
        return texts;
    }

    [TestMethod]
    public void Tokens_that_the_data_lack_are_counted_and_kept_by_the_mapping_of_the_model()
    {
        var context = new MLContext(1);
        var texts = Warnings(context);
        var all = context.Data.LoadFromEnumerable(Reviews(200, "good", "great", "bad", "awful"));
        var few = context.Data.LoadFromEnumerable(Reviews(40, "good", "bad"));
        var mapping = context.Transforms.Conversion.MapValueToKey("Words").Fit(all);
        using var first = Train(context, mapping.Transform(all), null, 20);
        Assert.AreEqual("", string.Join('\n', texts));

        // A mapping fitted anew, in another order: the tokens that it lacks stay in the model, and are scored by the older mapping.
        var other = context.Data.LoadFromEnumerable(Reviews(40, "bad", "good", "fine"));
        foreach (var (data, keys) in new[] { (few, 4), (other, 5) })
        {
            var fewer = context.Transforms.Conversion.MapValueToKey("Words").Fit(data);
            using var kept = Train(context, fewer.Transform(data), first.Model, 1);
            Assert.AreEqual("", string.Join('\n', texts));
            Assert.AreEqual(keys + 1, kept.Model.Manifest.Inputs[0].Vocabulary);
            foreach (var (word, isGood) in new[] { ("great", true), ("good", true), ("awful", false), ("bad", false) })
            {
                var view = context.Data.LoadFromEnumerable(Reviews(1, word));
                var probability = kept.Transform(mapping.Transform(view)).GetColumn<float>("Probability").Single();
                Assert.IsTrue(isGood ? probability > 0.8f : probability < 0.2f, $"{word}: {probability}");
                if (word is "good" or "bad")
                    Assert.AreEqual(probability, kept.Transform(fewer.Transform(view)).GetColumn<float>("Probability").Single(), 1e-6f);
            }
        }

        // The mapping of the model.
        using var tuned = Train(context, mapping.Transform(few), first.Model, 1);
        Assert.AreEqual("", string.Join('\n', texts));
        var great = tuned.Transform(mapping.Transform(context.Data.LoadFromEnumerable(Reviews(1, "great")))).GetColumn<float>("Probability").Single();
        Assert.IsTrue(great > 0.9f, $"{great}");
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void Classes_that_the_data_lack_are_kept(bool balanced)
    {
        var context = new MLContext(1);
        var texts = Warnings(context);
        var all = context.Data.LoadFromEnumerable(Kinds("low", "middle", "high"));
        using var first = Fit(all, null, 40, out _);
        // Other classes in another order, one of them new.
        var few = context.Data.LoadFromEnumerable(Kinds("high", "low", "top"));
        using var tuned = Fit(few, first.Model, 1, out var keys);
        Assert.AreEqual("", string.Join('\n', texts));
        CollectionAssert.AreEqual(new[] { "high", "low", "top", "middle" }, tuned.Model.Manifest.Label!.Values.ToArray());
        var scored = context.Transforms.Conversion.MapKeyToValue("Answer", "PredictedLabel").Fit(tuned.Transform(keys.Transform(all)))
            .Transform(tuned.Transform(keys.Transform(all)));
        CollectionAssert.AreEqual(all.GetColumn<string>("Name").ToArray(), scored.GetColumn<string>("Answer").ToArray());
        Assert.AreEqual(4, tuned.Transform(keys.Transform(all)).GetColumn<float[]>("Score").First().Length);

        RecurrentMulticlassTransformer Fit(IDataView data, RecurrentModel? initial, int epochs, out ITransformer mapping)
        {
            mapping = context.Transforms.Conversion.MapValueToKey("Label", "Name").Fit(data);
            return context.MulticlassClassification.Trainers.RecurrentNetwork(new()
            {
                FeatureColumnName = "Points",
                Loss = { BalanceClasses = balanced },
                Network = { HiddenSize = 8, Initialization = { Model = initial } },
                Stopping = { MaximumNumberOfEpochs = epochs },
                Optimizer = { LearningRate = initial is null ? 0.02f : 1e-4f },
                Seed = 3,
            }).Fit(mapping.Transform(data));
        }

        static Kind[] Kinds(params string[] names) => [.. Enumerable.Range(0, 150).Select(i => (Name: names[i % names.Length], Noise: i % 7 * 0.01f))
            .Select(row => new Kind { Name = row.Name, Points = [row.Noise, Array.IndexOf(["low", "middle", "high", "top"], row.Name) - row.Noise] })];
    }

    /// <summary>Classes without any in common, and tokens whose values are of another type, cannot be kept.</summary>
    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void Keys_that_cannot_be_kept_are_counted_once(bool classes)
    {
        var context = new MLContext(1);
        using var first = Fit(classes ? ["red", "green"] : ["1", "2"], null);
        using var seen = new SeenWarnings(context);
        if (classes)
        {
            using var others = Fit(["high", "low", "middle"], first.Model);
            Assert.AreEqual(3, others.Model.Description.Outputs);
            StringAssert.Contains(seen.Messages.Single(), "drops 2 of the 2 classes");
        }
        else
        {
            var numbers = context.Data.LoadFromEnumerable(Enumerable.Range(0, 40).Select(i => new Numbered { Words = [1 + i % 2 * 2], Label = i % 2 == 0 }));
            using var others = Train(context, context.Transforms.Conversion.MapValueToKey("Words").Fit(numbers).Transform(numbers), first.Model, 1);
            StringAssert.Contains(seen.Messages.Single(), "drops 1 of the 2 tokens of the vocabulary of the initial model ('2')");
        }
        CollectionAssert.AreEqual(new[] { "MLR1005" }, seen.Codes);

        RecurrentTransformer Fit(string[] names, RecurrentModel? initial)
        {
            var data = context.Data.LoadFromEnumerable(Reviews(60, names));
            var words = context.Transforms.Conversion.MapValueToKey("Words").Fit(context.Data.LoadFromEnumerable(Reviews(6, ["1", "2"])));
            if (!classes) return Train(context, words.Transform(data), null, 1);
            var rows = context.Data.LoadFromEnumerable(names.Select((name, i) => new Kind { Name = name, Points = [i, 1] }).Concat(
                names.Select((name, i) => new Kind { Name = name, Points = [i, 2] })));
            return context.MulticlassClassification.Trainers.RecurrentNetwork(new()
            {
                FeatureColumnName = "Points",
                Network = { HiddenSize = 4, Initialization = { Model = initial } },
                Stopping = { MaximumNumberOfEpochs = 1, ValidationFraction = 0 },
            }).Fit(context.Transforms.Conversion.MapValueToKey("Label", "Name").Fit(rows).Transform(rows));
        }
    }

    private sealed class Numbered
    {
        public int[] Words { get; set; } = [];
        public bool Label { get; set; }
    }

    /// <summary>As many keys in another order are other tokens and classes: a validation loss of them would be a wrong number.</summary>
    [TestMethod]
    [DataRow("Words")]
    [DataRow("Label")]
    public void Validation_data_with_keys_in_another_order_are_refused(string column)
    {
        var context = new MLContext(1);
        IDataView Rows(string[] words, string[] classes) => context.Data.LoadFromEnumerable(Enumerable.Range(0, 30)
            .Select(i => new SequenceTasks.WordRow { Words = [words[i % 2], "so"], Class = classes[i % 2] }));
        var train = Rows(["up", "down"], ["rise", "fall"]);
        var validation = column == "Words" ? Rows(["down", "up"], ["rise", "fall"]) : Rows(["up", "down"], ["fall", "rise"]);
        IDataView Keys(IDataView rows) => context.Transforms.Conversion.MapValueToKey("Label", "Class")
            .Append(context.Transforms.Conversion.MapValueToKey("Words")).Fit(rows).Transform(rows);
        var error = Assert.ThrowsExactly<ArgumentException>(() => context.MulticlassClassification.Trainers.RecurrentNetwork(new()
        {
            FeatureColumnName = "Words",
            Network = { HiddenSize = 4 },
        }).Fit(Keys(train), Keys(validation)));
        Assert.AreEqual("validationData", error.ParamName);
        StringAssert.Contains(error.Message, $"'{column}'");
        StringAssert.Contains(error.Message, column == "Words" ? "expected 'up' as key 1, found 'down'" : "expected 'rise' as key 1, found 'fall'");
    }

    private sealed class Kind
    {
        public string Name { get; set; } = "";
        [VectorType(2)] public float[] Points { get; set; } = [];
    }

    [TestMethod]
    public void Frozen_layers_are_marked_in_the_summary()
    {
        var context = new MLContext(1);
        var data = context.Data.LoadFromEnumerable(Reviews(40, "good", "bad"));
        var keys = context.Transforms.Conversion.MapValueToKey("Words").Fit(data).Transform(data);
        using var first = Train(context, keys, null, 1);
        Assert.DoesNotContain("frozen", first.Model.Summary());
        using var tuned = Train(context, keys, first.Model, 1, "embedding_1", "lstm_1", "ngrams");
        using var file = new MemoryStream();
        context.Model.Save(tuned, keys.Schema, file);
        file.Position = 0;
        var loaded = (RecurrentBinaryTransformer)context.Model.Load(file, out _);
        foreach (var summary in new[] { tuned.Model.Summary(), loaded.Model.Summary() })
        {
            string[] marked = [.. summary.Split('\n').Where(line => line.Contains(", frozen)", StringComparison.Ordinal)).Select(line => line.Split(' ')[0])];
            CollectionAssert.AreEqual(new[] { "embedding_1", "lstm_1", "ngrams" }, marked);
            // The head is what is left to train: four weights for each direction and a bias.
            StringAssert.Contains(summary, "Trainable parameters: 9\n");
        }
        // The next training thaws them.
        using var thawed = Train(context, keys, tuned.Model, 1);
        Assert.DoesNotContain("frozen", thawed.Model.Summary());
    }

    private static RecurrentForecastingTransformer Forecast(MLContext context, RecurrentModel? initial, Action<RecurrentForecastingEstimator.Options> change)
    {
        var options = new RecurrentForecastingEstimator.Options
        {
            Input = { InputColumnName = "Value", WindowSize = 6 },
            Horizon = 2,
            Network = { HiddenSize = 2, Initialization = { Model = initial } },
            Stopping = { MaximumNumberOfEpochs = 1 },
        };
        change(options);
        return context.Forecasting.ForecastByRecurrentNetwork(options).Fit(context.Data.LoadFromEnumerable(Enumerable.Range(0, 60).Select(i =>
            new Month { Time = new DateTime(2020, 1, 1).AddMonths(i), Value = i % 12, Price = i % 5 })));
    }

    [TestMethod]
    public void Inputs_that_differ_are_named_with_their_options()
    {
        var context = new MLContext(1);
        static void Calendar(RecurrentForecastingEstimator.Options options) =>
            (options.Series.TimeColumnName, options.Series.CalendarFeatures, options.Input.Features.Lags) = ("Time", CalendarFeatures.MonthOfYear, []);
        static void Time(RecurrentForecastingEstimator.Options options) => (options.Series.TimeColumnName, options.Input.Features.Lags) = ("Time", []);
        using var with = Forecast(context, null, Calendar);
        Says(() => Forecast(context, with.Model, Time), "Only the initial model has the option Input.CalendarFeatures of 'Time' (2 numbers)");
        using var without = Forecast(context, null, Time);
        Says(() => Forecast(context, without.Model, Calendar), "Only these data have the option Input.CalendarFeatures of 'Time' (2 numbers)");
        Says(() => Forecast(context, without.Model, options =>
        {
            Time(options);
            options.Input.PastCovariateColumnNames = ["Price"];
        }), "Only these data have the sequence column 'Price' (1)");
        Says(() => Forecast(context, without.Model, options =>
        {
            Time(options);
            options.Input.StaticColumnNames = ["Price"];
        }), "0 static numbers, but these data need 1", "the static column 'Price' (1)");
        Says(() => Forecast(context, without.Model, options =>
        {
            Time(options);
            options.Input.Features.Lags = [2];
        }), "Input.Features.Lags");

        static void Says(Action fit, params string[] parts)
        {
            var error = Assert.ThrowsExactly<ArgumentException>(fit);
            Assert.AreEqual("Network.Initialization.Model", error.ParamName);
            foreach (var part in parts) StringAssert.Contains(error.Message, part);
        }
    }

    [TestMethod]
    public void The_last_line_says_how_training_ended()
    {
        var context = new MLContext(1);
        var lines = new List<string>();
        context.Log += (_, message) => lines.Add(message.Message);
        var data = context.Data.LoadFromEnumerable(Reviews(40, "good", "bad"));
        var keys = context.Transforms.Conversion.MapValueToKey("Words").Fit(data).Transform(data);
        using var model = Train(context, keys, null, 3);
        var last = lines.Last(line => line.Contains("Training ended", StringComparison.Ordinal) || line.Contains("sequences/s", StringComparison.Ordinal));
        StringAssert.Contains(last, "Training ended after 3 of 3 epochs");
        StringAssert.Contains(last, "all epochs ran. The model has the weights of epoch 3: loss ");
        StringAssert.Contains(lines.First(line => line.Contains("sequences/s", StringComparison.Ordinal)), "sequences/s.");
        foreach (var (end, words) in new[] { (TrainingEnd.EarlyStopping, "early stopping"), (TrainingEnd.Cancelled, "canceled") })
        {
            var history = model.Model.History with
            {
                Epochs = [new(1, 0.5, 0.25, 0.1), new(2, 0.4, 0.3, 0.1)],
                BestEpoch = 1,
                End = end,
                Elapsed = TimeSpan.FromSeconds(62),
            };
            Assert.AreEqual($"Training ended after 2 of 9 epochs and 00:01:02: {words}. The model has the weights of epoch 1: loss 0.5, validation loss 0.25.",
                TrainingChannel.Describe(history, 9));
        }
        var nothing = model.Model.History with { Epochs = [], BestEpoch = 0, End = TrainingEnd.Cancelled, Elapsed = TimeSpan.Zero };
        Assert.AreEqual("Training ended after 0 of 9 epochs and 00:00:00: canceled.", TrainingChannel.Describe(nothing, 9));
    }

    [TestMethod]
    public void Only_a_language_model_tells_a_perplexity()
    {
        var context = new MLContext(1);
        var data = context.Data.LoadFromEnumerable(Reviews(40, "good", "bad"));
        var keys = context.Transforms.Conversion.MapValueToKey("Words").Fit(data).Transform(data);
        var reports = new List<TrainingProgress>();
        using var model = context.BinaryClassification.Trainers.RecurrentNetwork(new()
        {
            FeatureColumnName = "Words",
            Network = { HiddenSize = 2 },
            Stopping = { MaximumNumberOfEpochs = 2, ValidationFraction = 0.25f },
            Logging = { Progress = new Collector(reports) },
        }).Fit(keys);
        foreach (var epoch in model.Model.History.Epochs)
        {
            Assert.IsNotNull(epoch.ValidationLoss);
            Assert.IsNull(epoch.ValidationPerplexity);
            Assert.DoesNotContain("Perplexity", epoch.ToString());
            StringAssert.Contains(epoch.ToString(), $"Epoch = {epoch.Epoch}, Loss = {epoch.Loss}, ValidationLoss = {epoch.ValidationLoss}");
        }
        Assert.IsTrue(reports.Count > 0 && reports.All(report => report.ValidationPerplexity is null));
        // The last report says how the run ended, and no other does.
        Assert.AreEqual((TrainingEnd.Completed, model.Model.History.BestEpoch, 2, TimeSpan.Zero),
            (reports[^1].End, reports[^1].BestEpoch, reports[^1].Epoch, reports[^1].Remaining));
        Assert.IsTrue(reports.SkipLast(1).All(report => report is { End: null, BestEpoch: null }));
        Assert.AreEqual(2, reports.Count(report => report.EpochEnded));
        // Not before the second batch, so that the compilation during the first one does not count.
        Assert.IsNull(reports[0].Remaining);
    }

    private sealed class Collector(List<TrainingProgress> reports) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => reports.Add(value);
    }
}
