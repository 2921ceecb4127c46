using Microsoft.ML.Data;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Tests.Training;

/// <summary>Each fault of the data is a clear error, raised before or while rows are read, never a model of nonsense.</summary>
[TestClass]
public sealed class BadInputTests
{
    private static readonly MLContext Context = new(1);

    private sealed class Row
    {
        [VectorType(4)] public float[] Features { get; set; } = [1, 2, 3, 4];
        public float[] Free { get; set; } = [1, 2];
        [VectorType(4)] public bool[] Flags { get; set; } = [true, false, true, true];
        public string[] Words { get; set; } = ["a"];
        public float Label { get; set; }
        public bool Flag { get; set; }
        public string Text { get; set; } = "t";
        public float Weight { get; set; } = 1;
        public float Static { get; set; }
        public DateTime Time { get; set; }
    }

    private static IDataView View(params Row[] rows) => Context.Data.LoadFromEnumerable(rows);

    private static IDataView Many(Action<Row, int> change) => View([.. Enumerable.Range(0, 20).Select(i =>
    {
        var row = new Row { Label = i, Time = new DateTime(2026, 1, 1).AddHours(i) };
        change(row, i);
        return row;
    })]);

    private static void Says(Action fit, params string[] parts)
    {
        var error = Assert.Throws<ArgumentException>(fit);
        foreach (var part in parts) StringAssert.Contains(error.Message, part);
    }

    private static RecurrentRegressionTrainer Regression(Action<RecurrentRegressionTrainer.Options>? change = null)
    {
        var options = new RecurrentRegressionTrainer.Options { Network = { HiddenSize = 2 }, Stopping = { MaximumNumberOfEpochs = 1 } };
        change?.Invoke(options);
        return Context.Regression.Trainers.RecurrentNetwork(options);
    }

    private static RecurrentForecastingEstimator Forecaster(int window = 4, int horizon = 2, Action<RecurrentForecastingEstimator.Options>? change = null)
    {
        var options = new RecurrentForecastingEstimator.Options
        {
            Input = { InputColumnName = "Label", WindowSize = window },
            Horizon = horizon,
            Network = { HiddenSize = 2 },
            Stopping = { MaximumNumberOfEpochs = 1 },
        };
        change?.Invoke(options);
        return Context.Forecasting.ForecastByRecurrentNetwork(options);
    }

    [TestMethod]
    public void A_missing_or_wrong_typed_column_is_named()
    {
        var data = View(new Row());
        Says(() => Regression(o => o.FeatureColumnName = "Featurs").Fit(data), "'Featurs'", "Did you mean 'Features'?");
        Says(() => Regression(o => o.FeatureColumnName = "Flags").Fit(data), "'Flags'", "found", "ConvertType");
        Says(() => Regression(o => o.Features.StaticColumnNames = ["Text"]).Fit(data), "static column 'Text'", "DataKind.Single");
        Says(() => Regression(o => o.FeatureColumnName = "Words").Fit(data), "'Words'", "MapValueToKey");
        Says(() => Regression(o => o.FeatureColumnName = "Label").Fit(data), "'Label'", "CreateWindows");
        Says(() => Regression(o => o.LabelColumnName = "Text").Fit(data), "label column 'Text'", "expected Single");
        Says(() => Regression(o => o.ExampleWeightColumnName = "Flag").Fit(data), "example weight column 'Flag'");
        Says(() => Regression(o => o.Features.StaticColumnNames = ["Free"]).Fit(data), "static column 'Free'", "known size");
        Says(() => Regression(o => o.Features.AdditionalColumnNames = ["Free"]).Fit(data), "'Free'", "must have the same length");
        Says(() => Context.BinaryClassification.Trainers.Lstm().Fit(data), "label column 'Label'", "Boolean");
        Says(() => Context.MulticlassClassification.Trainers.Lstm("Text").Fit(data), "label column 'Text'", "MapValueToKey");
        Says(() => Forecaster(change: o => o.Input.InputColumnName = "Free").Fit(data), "input column 'Free'", "known size");
        Says(() => Forecaster(change: o => o.Series.TimeColumnName = "Text").Fit(data), "time column 'Text'", "DateTime");
        Says(() => Forecaster(change: o => o.Series.SeriesColumnNames = ["Weight"]).Fit(data), "series column 'Weight'");
    }

    [TestMethod]
    public void A_forecasters_rows_that_mean_something_else_are_named()
    {
        // Two series, and nothing that tells them apart.
        Row[] twice =
            [.. Enumerable.Range(0, 40).Select(i => new Row { Label = i, Time = new DateTime(2026, 1, 1).AddHours(i / 2), Text = i % 2 == 0 ? "a" : "b" })];
        Says(() => Forecaster(change: o => o.Series.TimeColumnName = "Time").Fit(View(twice)),
            "20 of 40 rows have the same time in the column 'Time' as another row, but", "SeriesColumnName");
        Says(() => Forecaster(change: o => (o.Series.TimeColumnName, o.Series.SeriesColumnNames) = ("Time", ["Flag"])).Fit(View(twice)),
            "of the same series ('Flag')",
            "Input.SeriesColumnNames");
        Says(() => Forecaster(change: o => (o.Series.TimeColumnName, o.Series.SeriesColumnNames, o.Series.MaximumRowsInMemory) = ("Time", ["Flag"], 1000))
            .Fit(View(twice)),
            "20 of 40 rows");
        Forecaster(change: o => (o.Series.TimeColumnName, o.Series.SeriesColumnNames) = ("Time", ["Text"])).Fit(View(twice));
        // The hour that comes twice where summer time ends.
        Forecaster(change: o => o.Series.TimeColumnName = "Time").Fit(Many((row, i) => row.Time = new DateTime(2026, 10, 25).AddHours(i > 2 ? i - 1 : i)));

        Says(() => Forecaster().Fit(Many((row, i) => row.Label = float.NaN)), "The column 'Label' holds no number (only NaN)");
        Says(() => Forecaster(window: 30).Fit(Many((row, i) => { })), "WindowSize 30 and Horizon 2 need 32 rows, the longest series has 20",
            "MissingValues.MinimumHistory");
        Says(() => Forecaster(window: 30, change: o => o.MissingValues.MinimumHistory = 25).Fit(Many((row, i) => { })),
            "MinimumHistory 25 and Horizon 2 need 27 rows");
        Says(() => Forecaster(change: o => o.Input.InputColumnName = "Laebl").Fit(View(new Row())), "Did you mean 'Label'?");
    }

    [TestMethod]
    public void A_pipeline_fails_before_its_first_step_is_trained()
    {
        var trained = false;
        var data = Context.Data.LoadFromEnumerable(Rows());
        var pipeline = Context.Transforms.Conversion.MapValueToKey("Text").Append(Regression(o => o.FeatureColumnName = "Words"));
        Says(() => pipeline.Fit(data), "'Words'", "found Vector<String", "MapValueToKey");
        Assert.IsFalse(trained);

        IEnumerable<Row> Rows()
        {
            trained = true;
            yield return new Row();
        }
    }

    [TestMethod]
    public void The_schema_promised_is_the_schema_given()
    {
        var data = Many((row, i) => row.Text = i % 2 == 0 ? "a" : "b");
        var keys = Context.Transforms.Conversion.MapValueToKey("Key", "Text").Fit(data).Transform(data);
        Check(Regression());
        Check(Context.BinaryClassification.Trainers.Lstm("Flag", hiddenSize: 2, maximumNumberOfEpochs: 1));
        Check(Context.MulticlassClassification.Trainers.Lstm("Key", hiddenSize: 2, maximumNumberOfEpochs: 1));
        Check(Forecaster());

        void Check<T>(IEstimator<T> estimator) where T : class, ITransformer
        {
            var promised = estimator.GetOutputSchema(Shape(keys.Schema)).ToDictionary(column => column.Name);
            var given = Shape(estimator.Fit(keys).Transform(keys).Schema).ToDictionary(column => column.Name);
            CollectionAssert.AreEquivalent(given.Keys, promised.Keys);
            foreach (var (name, column) in given)
            {
                Assert.AreEqual((column.Kind, column.ItemType, column.IsKey), (promised[name].Kind, promised[name].ItemType, promised[name].IsKey), name);
                CollectionAssert.AreEquivalent(column.Annotations.Select(annotation => annotation.Name).ToArray(),
                    promised[name].Annotations.Select(annotation => annotation.Name).ToArray(), name);
            }
        }
    }

    [TestMethod]
    public void Empty_data_and_zero_rows_after_filtering()
    {
        Says(() => Regression().Fit(View()), "no rows");
        var filtered = Context.Data.FilterRowsByColumn(Many((_, _) => { }), "Label", lowerBound: 1000);
        Says(() => Regression().Fit(filtered), "no rows", "filters");
        Says(() => Forecaster().Fit(filtered), "no rows");
        Says(() => Regression().Fit(Many((_, _) => { }), View()), "no rows");
        Says(() => Forecaster().Fit(Many((_, _) => { }), View()), "no rows");
    }

    private sealed class Weighted
    {
        [VectorType(3)] public float[] Values { get; set; } = [];
        public float Label { get; set; }
        public float Weight { get; set; }
    }

    private static RecurrentRegressionTransformer FitWeighted(Action<RecurrentRegressionTrainer.Options> change)
    {
        var options = new RecurrentRegressionTrainer.Options { FeatureColumnName = "Values", Stopping = { MaximumNumberOfEpochs = 1 } };
        change(options);
        var context = new MLContext(1);
        return context.Regression.Trainers.RecurrentNetwork(options)
            .Fit(context.Data.LoadFromEnumerable(Enumerable.Range(0, 30).Select(i => new Weighted { Values = [i % 3, 1, 2], Label = i % 3 })));
    }

    [TestMethod]
    public void Weights_that_are_all_zero_are_named()
    {
        var error = Assert.ThrowsExactly<ArgumentException>(() => FitWeighted(options => options.ExampleWeightColumnName = "Weight"));
        StringAssert.Contains(error.Message, "All weights of the column 'Weight' are 0");
    }

    [TestMethod]
    public void A_label_among_the_static_features_is_refused()
    {
        var error = Assert.ThrowsExactly<ArgumentException>(() => FitWeighted(options => options.Features.StaticColumnNames = ["Weight", "Label"]));
        Assert.AreEqual("Features.StaticColumnNames", error.ParamName);
        StringAssert.Contains(error.Message, "'Label' is also a static feature");
    }

    [TestMethod]
    public void NaN_is_named_with_its_row()
    {
        Says(() => Regression().Fit(Many((row, i) => row.Features[2] = i == 7 ? float.NaN : 1)), "Row 7", "'Features'", "NaN", "step 2");
        Says(() => Regression().Fit(Many((row, i) => row.Label = i == 8 ? float.NaN : 1)), "Row 8", "'Label'", "NaN");
        Says(() => Regression().Fit(Many((row, i) => row.Features[0] = i == 9 ? float.PositiveInfinity : 1)), "Row 9", "'Features'");
        Says(() => Regression(o => o.Features.StaticColumnNames = ["Static"]).Fit(Many((row, i) => row.Static = i == 5 ? float.NaN : 1)), "Row 5", "'Static'");
        Says(() => Regression(o => o.ExampleWeightColumnName = "Weight").Fit(Many((row, i) => row.Weight = i == 4 ? -1 : 1)), "Row 4", "'Weight'",
            "must be at least 0");
        Says(() => Forecaster(change: o => o.MissingValues.Handling = MissingValueHandling.Refuse).Fit(Many((row, i) => row.Label = i == 3 ? float.NaN : 1)),
            "Row 3",
            "'Label'", "ReplaceMissingValues");
        Says(() => Forecaster(change: o => (o.MissingValues.Handling, o.Input.PastCovariateColumnNames) = (MissingValueHandling.Refuse, ["Features"]))
            .Fit(Many((row, i) => row.Features[3] = i == 6 ? float.NaN : 1)), "Row 6", "'Features'");
    }

    [TestMethod]
    public void An_empty_sequence_cannot_be_learned_and_has_no_answer()
    {
        Says(() => Regression(o => o.FeatureColumnName = "Free").Fit(Many((row, i) => row.Free = i == 2 ? [] : [1])), "Row 2", "'Free'", "empty");
        var model = Regression(o => o.FeatureColumnName = "Free").Fit(Many((_, _) => { }));
        var scores = model.Transform(View(new Row(), new Row { Free = [] }, new Row())).GetColumn<float>("Score").ToArray();
        Assert.IsTrue(float.IsNaN(scores[1]) && float.IsFinite(scores[0]) && float.IsFinite(scores[2]));
    }

    [TestMethod]
    public void A_series_shorter_than_the_window_is_an_error_with_figures()
    {
        Says(() => Forecaster(window: 19, horizon: 2).Fit(Many((_, _) => { })), "need 21 rows", "longest series has 20");
        Says(() => Forecaster().Fit(Many((_, _) => { }), View(new Row(), new Row())), "need 6 rows", "longest series has 2");
    }

    [TestMethod]
    public void A_label_that_the_mapping_did_not_see_is_named()
    {
        var mapping = Context.Transforms.Conversion.MapValueToKey("Text").Fit(Many((row, i) => row.Text = i % 2 == 0 ? "a" : "b"));
        var data = mapping.Transform(Many((row, i) => row.Text = i == 6 ? "c" : "a"));
        Says(() => Context.MulticlassClassification.Trainers.Lstm("Text").Fit(data), "Row 6", "'Text'", "missing key");
    }

    [TestMethod]
    public void Scoring_checks_the_columns_it_was_trained_on()
    {
        var model = Regression().Fit(Many((_, _) => { }));
        Says(() => model.Transform(Context.Data.LoadFromEnumerable(new[] { new { Features = 1f } })), "'Features'");
        var forecaster = Forecaster(change: o => o.Input.InputColumnName = "Features").Fit(Many((_, _) => { }));
        Says(() => forecaster.Transform(Context.Data.LoadFromEnumerable(new[] { new { Features = 1f } })), "'Features'", "as in training");
    }

    [TestMethod]
    public void Cancelled_by_its_token_it_gives_the_best_model_so_far()
    {
        using var stop = new CancellationTokenSource();
        var reports = new List<TrainingProgress>();
        var model = Regression(o =>
        {
            (o.Stopping.MaximumNumberOfEpochs, o.CancellationToken) = (100000, stop.Token);
            o.Logging.Progress = new Immediate(report =>
            {
                reports.Add(report);
                if (report.Epoch == 3) stop.Cancel();
            });
        }).Fit(Many((_, _) => { }));
        Assert.AreEqual(TrainingEnd.Cancelled, model.Model.History.End);
        NumberAssert.IsGreaterThan(0, reports.Count);
        Assert.IsTrue(model.Transform(View(new Row())).GetColumn<float>("Score").All(float.IsFinite));
    }

    private sealed class Immediate(Action<TrainingProgress> report) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => report(value);
    }

    private static SchemaShape Shape(DataViewSchema schema) => Data.SchemaShapes.Create(schema);
}
