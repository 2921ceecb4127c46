using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Forecasting;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Training;
using Options = Microsoft.ML.Recurrent.RecurrentForecastingEstimator.Options;

namespace Microsoft.ML.Recurrent.Tests.Forecasting;

/// <summary>Forecasters that are trained on stretches.</summary>
[TestClass]
public sealed class StretchTrainingTests
{
    private const int Window = 12, Horizon = 4;

    private static readonly ForecasterFixture<Row, Answer> Forecaster = new(() => Stretched);

    private sealed class Row
    {
        public string Series { get; set; } = "";
        public DateTime Time { get; set; }
        public float Value { get; set; }
        public float Known { get; set; }
        public string Kind { get; set; } = "";
        public string Phase { get; set; } = "";
    }

    private sealed class Answer
    {
        public float[] Forecast { get; set; } = [];
        public float[] Lower { get; set; } = [];
        public float[] Upper { get; set; } = [];
    }

    private static Options Stretched => new()
    {
        Input = new SeriesInputOptions
        {
            InputColumnName = nameof(Row.Value), TimeColumnName = nameof(Row.Time), SeriesColumnNames = [nameof(Row.Series)], WindowSize = Window,
            CalendarFeatures = CalendarFeatures.HourOfDay, StaticColumnNames = [nameof(Row.Kind)], Features = { Lags = [6] },
        },
        Horizon = Horizon,
        Network = { HiddenSize = 16 },
        Stopping = { MaximumNumberOfEpochs = 6 },
        Decoding = { TrainingScheme = TrainingScheme.Stretches },
        Output = { ConfidenceLowerBoundColumn = "Lower", ConfidenceUpperBoundColumn = "Upper", ConfidenceLevel = 0.9f },
        Seed = 2,
    };

    private static Row[] Rows(int length = 300, float missing = 0)
    {
        var random = new Random(4);
        return [.. from series in (string[])["a", "b"]
                   from t in Enumerable.Range(0, series == "a" ? length : length / 2)
                   select new Row
                   {
                       Series = series, Kind = series, Time = new DateTime(2026, 1, 1).AddHours(t), Known = t % 5, Phase = "p" + t % 6,
                       Value = random.NextSingle() < missing ? float.NaN
                           : (series == "a" ? 10 : 30) + 4 * MathF.Sin(t * MathF.Tau / 6) * (t % 12 < 6 ? 1 : 0.5f) + 0.1f * random.NextSingle(),
                   }];
    }

    [TestMethod]
    [DataRow(0f, null)]
    [DataRow(0.1f, null)]
    [DataRow(0f, WindowNormalization.Robust)]
    public void They_forecast_and_the_graph_answers_as_the_network(float missing, WindowNormalization? ofSeries)
    {
        var rows = Rows(missing: missing);
        var model = Forecaster.Fit(rows, options =>
        {
            if (missing > 0) options.MissingValues.MinimumHistory = 8;
            if (ofSeries is not null) (options.Normalization.Scope, options.Normalization.Window) = (NormalizationScope.Series, ofSeries);
        });
        var answers = Forecaster.Forecast(model, rows);
        double error = 0, naive = 0;
        var inside = 0.0;
        var count = 0;
        for (var i = Window; i + Horizon < 300; i++)
        {
            for (var h = 0; h < Horizon; h++)
            {
                var truth = rows[i + 1 + h].Value;
                if (float.IsNaN(truth) || float.IsNaN(rows[i].Value)) continue;
                error += Math.Abs(answers[i].Forecast[h] - truth);
                naive += Math.Abs(rows[i].Value - truth);
                inside += truth >= answers[i].Lower[h] && truth <= answers[i].Upper[h] ? 1 : 0;
                count++;
            }
        }
        NumberAssert.IsLessThan((missing > 0 ? 0.6 : 0.3) * naive, error);
        NumberAssert.IsGreaterThan(0.8, inside / count);
        ForecastEquality.Check(model.Model,
            network => new PointForecastHead(default, ForecastHeadOptions.Create(model.Model.Manifest.Forecast!), network),
            (random, input) => input.IsCategory ? random.Next(input.Vocabulary) : random.NextSingle() < missing ? float.NaN : 10 * random.NextSingle());
        var again = Forecaster.Forecast(Forecaster.Reload(model, rows), rows);
        CollectionAssert.AreEqual(answers[100].Forecast, again[100].Forecast);
    }

    private static readonly (string Name, Action<Options> Change)[] s_strategies =
    [
        ("a decoder", options => options.Decoding.Strategy = ForecastStrategy.EncoderDecoder),
        ("a decoder that is taught", options =>
            (options.Decoding.Strategy, options.Decoding.TeacherForcing) = (ForecastStrategy.EncoderDecoder, TeacherForcing.Linear(epochs: 3))),
        ("attention", options => (options.Decoding.Strategy, options.Decoding.Attention, options.Decoding.InputFeeding) =
            (ForecastStrategy.EncoderDecoder, AttentionForm.General, true)),
        ("recursive", options =>
            (options.Decoding.Strategy, options.Input.Features.Lags, options.Normalization.SeasonLength) = (ForecastStrategy.Recursive, [], 0)),
        ("a covariate", options => options.Input.FutureCovariateColumnNames = [nameof(Row.Known)]),
        ("a category known ahead", options => options.Input.FutureCovariateColumnNames = [nameof(Row.Known), nameof(Row.Phase)]),
    ];

    public static IEnumerable<object[]> Strategies => from i in Enumerable.Range(0, s_strategies.Length)
                                                      from missing in (float[])[0, 0.1f]
                                                      select new object[] { i, missing, s_strategies[i].Name };

    /// <summary>
    /// Decoders and regressions: they forecast, the graph answers as the network, and the forecasts of the positions, whose layers have read a
    /// window or more, are those of windows within what the longer history says.
    /// </summary>
    [TestMethod]
    [DynamicData(nameof(Strategies))]
    public void Decoders_and_regressions_are_trained_on_stretches(int strategy, float missing, string name)
    {
        var rows = Rows(missing: missing);
        var model = Forecaster.Fit(rows, options =>
        {
            s_strategies[strategy].Change(options);
            options.Input.Features.Lags ??= [6];
            if (missing > 0) options.MissingValues.MinimumHistory = 8;
            options.Stopping.MaximumNumberOfEpochs = 12;
        });
        Assert.AreEqual(name is "recursive", model.Model.Description.RelativeAverages is null);
        Assert.AreEqual(name.StartsWith("a c", StringComparison.Ordinal), model.Model.Description.DynamicRegression is not null);
        var answers = Forecaster.Forecast(model, rows);
        int[] origins = [.. Enumerable.Range(Window, 300 - Window - Horizon).Where(i => !float.IsNaN(rows[i].Value + rows[i + 1].Value))];
        var naive = origins.Average(i => Math.Abs(rows[i].Value - rows[i + 1].Value));
        NumberAssert.IsLessThan((missing > 0 ? 0.6 : 0.3) * naive, origins.Average(i => Math.Abs(answers[i].Forecast[0] - rows[i + 1].Value)));
        ForecastEquality.Check(model.Model,
            network => new PointForecastHead(default, ForecastHeadOptions.Create(model.Model.Manifest.Forecast!), network),
            (random, input) => input.IsCategory ? random.Next(input.Vocabulary) : random.NextSingle() < missing ? float.NaN : 10 * random.NextSingle());
        // Where values are missing, and of a model that reads its own forecasts, more depends on rows long before.
        NumberAssert.IsLessThan(missing > 0 || name is "recursive" ? 0.12 : 0.001, WarmUpError(model.Model, rows));
    }

    [TestMethod]
    [DataRow(RecurrentCell.Lstm, null)]
    [DataRow(RecurrentCell.Gru, null)]
    [DataRow(RecurrentCell.Lstm, 3)]
    public void Checkpoints_of_gradients_change_nothing_for_a_decoder(RecurrentCell cell, int? stride)
    {
        var forecasts = ((int?[])[null, 5]).Select(steps => Forecaster.Forecast(Forecaster.Fit(Rows(), options =>
        {
            (options.Decoding.Strategy, options.Network.Cell, options.Series.TrainingStride) = (ForecastStrategy.EncoderDecoder, cell, stride);
            (options.Optimizer.Gradients.CheckpointSteps, options.Stopping.MaximumNumberOfEpochs) = (steps, 2);
        }), Rows(40))[30].Forecast).ToArray();
        for (var i = 0; i < Horizon; i++) Assert.AreEqual(forecasts[0][i], forecasts[1][i], 1e-4 * Math.Abs(forecasts[0][i]));
    }

    // The mean distance of the forecasts of positions from those of their windows, relative to the mean change that is forecast.
    private static double WarmUpError(RecurrentModel model, Row[] rows)
    {
        var layout = SeriesLayout.Create(model.Manifest);
        var table = SeriesTable.Read(new MLContext(1).Data.LoadFromEnumerable(rows), layout.Inputs, [nameof(Row.Series)], nameof(Row.Time));
        var windows = new SeriesWindowExamples(table, layout, Window, Horizon);
        var stretches = new SeriesStretches(table, layout, StretchShape.For(Window, Horizon, 2));
        var examples = windows.Add(0, 0, 300).ToArray();
        stretches.Add(0, 300);
        using var network = model.ToNetwork();
        double error = 0, size = 0;
        for (var first = 0; first + 10 < examples.Length; first += 12)
        {
            using SequenceBatch window = new(), stretch = new();
            windows.Fill(window, [.. Enumerable.Range(0, 6).Select(k => examples[first + 2 * k])]);
            stretches.Fill(stretch, [(0, first, 6)]);
            CollectionAssert.AreEqual(window.Targets!.Span.ToArray(), stretch.Targets!.Span.ToArray());
            using var tape = new Tape { Recording = false };
            var (expected, actual) = (network.Forward(tape, window).Values, network.Forward(tape, stretch).Values);
            for (var i = 0; i < expected.Length; i++)
            {
                if (float.IsNaN(expected[i])) continue;
                error += Math.Abs(expected[i] - actual[i]);
                size += Math.Abs(expected[i]);
            }
        }
        return error / size;
    }

    [TestMethod]
    [DataRow(0f)]
    [DataRow(0.1f)]
    public void Series_of_different_size_are_divided_by_what_they_change_by(float missing)
    {
        var rows = Rows(missing: missing);
        foreach (var row in rows.Where(row => row.Series == "b")) row.Value *= 1000;
        var model = Forecaster.Fit(rows, options => options.Stopping.MaximumNumberOfEpochs = 10);
        Assert.IsTrue(model.Model.Description.RunningScale);
        ForecastEquality.Check(model.Model,
            network => new PointForecastHead(default, ForecastHeadOptions.Create(model.Model.Manifest.Forecast!), network),
            (random, input) => input.IsCategory ? random.Next(input.Vocabulary) : random.NextSingle() < missing ? float.NaN : 10 * random.NextSingle());
        var answers = Forecaster.Forecast(model, rows);
        foreach (var series in ((string[])["a", "b"]))
        {
            int[] origins = [.. Enumerable.Range(Window, rows.Length - Window - Horizon).Where(i => rows[i - Window].Series == series
                && rows[i + Horizon].Series == series && !float.IsNaN(rows[i].Value + rows[i + 1].Value))];
            NumberAssert.IsLessThan(0.5 * origins.Average(i => Math.Abs(rows[i].Value - rows[i + 1].Value)),
                origins.Average(i => Math.Abs(answers[i].Forecast[0] - rows[i + 1].Value)), series);
        }
    }

    [TestMethod]
    public void The_same_seed_gives_the_same_model_whatever_the_threads()
    {
        var forecasts = ((int[])[1, 2]).Select(threads => Forecaster.Forecast(Forecaster.Fit(Rows(), options => options.NumberOfThreads = threads),
            Rows(40))[30].Forecast).ToArray();
        CollectionAssert.AreEqual(forecasts[0], forecasts[1]);
    }

    [TestMethod]
    public void Layers_read_differences_and_lags_and_averages_relative_to_the_step()
    {
        var description = Forecaster.Fit(Rows(160), options => options.Stopping.MaximumNumberOfEpochs = 1).Model.Description;
        Assert.AreEqual((WindowNormalization.Difference, true), (description.WindowNormalization, description.RelativeLags));
        // A sixteenth of a window, at least 2, and a quarter of it.
        CollectionAssert.AreEqual((int[])[2, 3], description.RelativeAverages!.Lengths);
        description = Forecaster.Fit(Rows(160), options =>
            (options.Stopping.MaximumNumberOfEpochs, options.Decoding.TrainingScheme) = (1, TrainingScheme.Windows)).Model.Description;
        Assert.AreEqual((WindowNormalization.LastValue, false), (description.WindowNormalization, description.RelativeLags));
        Assert.IsNull(description.RelativeAverages);
    }

    [TestMethod]
    public void A_model_trained_on_stretches_can_be_trained_on()
    {
        var model = Forecaster.Fit(Rows()).Model;
        foreach (var scheme in Enum.GetValues<TrainingScheme>())
        {
            var tuned = Forecaster.Fit(Rows(), options =>
            {
                (options.Network.Initialization.Model, options.Decoding.TrainingScheme, options.Stopping.MaximumNumberOfEpochs) = (model, scheme, 2);
                options.Normalization.Window = null;
            }).Model;
            Assert.AreEqual((WindowNormalization.Difference, true), (tuned.Description.WindowNormalization, tuned.Description.RelativeLags));
            CollectionAssert.AreEqual(model.Description.RelativeAverages!.Lengths, tuned.Description.RelativeAverages!.Lengths);
        }
    }

    /// <summary>Streamed rows in one part are trained on as those in memory, batch by batch.</summary>
    [TestMethod]
    [DataRow(0f, null)]
    [DataRow(0.1f, null)]
    [DataRow(0f, WindowNormalization.Robust)]
    public void Streamed_rows_in_one_part_give_the_same_model(float missing, WindowNormalization? ofSeries)
    {
        var rows = Rows(missing: missing);
        var models = ((int?[])[null, 10_000]).Select(most => Forecaster.Fit(rows, options =>
        {
            options.Series.MaximumRowsInMemory = most;
            if (missing > 0) options.MissingValues.MinimumHistory = 8;
            if (ofSeries is not null) (options.Normalization.Scope, options.Normalization.Window) = (NormalizationScope.Series, ofSeries);
        })).ToArray();
        CollectionAssert.AreEqual(Losses(models[0].Model), Losses(models[1].Model));
        CollectionAssert.AreEqual(Forecaster.Forecast(models[0], rows)[100].Forecast, Forecaster.Forecast(models[1], rows)[100].Forecast);

        static double[] Losses(RecurrentModel model) => [.. model.History.Epochs.SelectMany(epoch => (double[])[epoch.Loss, epoch.ValidationLoss!.Value])];
    }

    /// <summary>Each part has its own stretches; a resumed run goes on in the middle of an epoch.</summary>
    [TestMethod]
    public void Streamed_rows_in_parts_are_learned_and_resumed()
    {
        var rows = Rows(600);
        var folder = Directory.CreateTempSubdirectory().FullName;
        try
        {
            var whole = Forecaster.Fit(rows, options => options.Series.MaximumRowsInMemory = 1000);
            var answers = Forecaster.Forecast(whole, rows);
            int[] origins = [.. Enumerable.Range(Window, 580 - Window)];
            NumberAssert.IsLessThan(0.3 * origins.Average(i => Math.Abs(rows[i].Value - rows[i + 1].Value)),
                origins.Average(i => Math.Abs(answers[i].Forecast[0] - rows[i + 1].Value)));

            using var cancellation = new CancellationTokenSource();
            var batches = 0;
            Forecaster.Fit(rows, options =>
            {
                options.Series.MaximumRowsInMemory = 1000;
                (options.Checkpoints.Folder, options.Checkpoints.EverySteps, options.CancellationToken) = (folder, 10, cancellation.Token);
                options.Logging.Progress = new Batches(() => { if (++batches == 90) cancellation.Cancel(); });
            });
            var resumed = Forecaster.Fit(rows, options =>
            {
                options.Series.MaximumRowsInMemory = 1000;
                (options.Checkpoints.Folder, options.Checkpoints.Resume) = (folder, true);
            });
            CollectionAssert.AreEqual(answers[100].Forecast, Forecaster.Forecast(resumed, rows)[100].Forecast);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private sealed class Batches(Action then) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => then();
    }

    /// <summary>The batches of an epoch are as many as it says, in parts too, and each pass has every position about once.</summary>
    [TestMethod]
    [DataRow(64)]
    [DataRow(12)]
    [DataRow(1000)]
    public void An_epoch_of_parts_has_as_many_batches_as_it_says(int size)
    {
        int[] lengths = [120, 0, 37, 200];
        var shape = StretchShape.For(Window, Horizon, 1);
        StretchSet[] parts = [.. lengths.Select(length => Part(length))];
        var source = StretchSet.Stream(() => lengths.Select(length => Part(length, parts.Sum(part => part.Stretches))), shape,
            [.. parts.Select(part => (part.Count, part.Stretches))]).Batches(size, null);
        using var batch = new SequenceBatch();
        double batches = 0, learned = 0;
        for (source.Begin(5); source.Next(batch); batches++) learned += Learner.WeightOf(batch);
        Assert.AreEqual(source.Batches, batches);
        var positions = lengths.Sum(length => Math.Max(0, length - Window - Horizon + 1));
        Assert.AreEqual(positions, source.Count);
        NumberAssert.IsGreaterThan(0.8 * positions, learned);
        Assert.AreEqual(0, learned % 1);

        StretchSet Part(int length, int? whole = null)
        {
            var rows = Rows(400).Take(length).ToArray();
            var data = new MLContext(1).Data.LoadFromEnumerable(rows);
            var layout = SeriesLayout.Resolve(data.Schema, nameof(Row.Value), [], [], [], []);
            var table = SeriesTable.Read(data, layout.Inputs, [nameof(Row.Series)], null);
            layout.Close();
            var stretches = new SeriesStretches(table, layout, shape);
            for (var series = 0; series < table.Series; series++) stretches.Add(series, table.Starts[series + 1] - table.Starts[series]);
            return new(stretches, shape, whole);
        }
    }

    private static readonly (string Option, Action<Options> Change)[] s_obstacles =
    [
        ("Input.Features.Lags", options => options.Decoding.Strategy = ForecastStrategy.Recursive),
        ("Network.Regularization", options =>
        {
            (options.Decoding.Strategy, options.Input.Features.Lags) = (ForecastStrategy.Recursive, []);
            options.Network.Regularization.RecurrentDropoutRate = 0.1f;
        }),
        ("Normalization.Window", options => options.Normalization.Window = WindowNormalization.LastValue),
        ("Normalization.Window", options => options.Normalization.Window = WindowNormalization.Standard),
        ("Network.Pooling", options => options.Network.Pooling = SequencePooling.Mean),
        ("Network.Bidirectional", options => options.Network.Bidirectional = true),
        ("Network.Custom", options => options.Network.Custom = SequenceNetwork.Create().Lstm(4).Attention()),
        ("Network.Regularization.Augmentation", options => options.Network.Regularization.Augmentation = new() { Jitter = 0.1f }),
    ];

    public static IEnumerable<object[]> Obstacles => Enumerable.Range(0, s_obstacles.Length).Select(i => new object[] { i, s_obstacles[i].Option });

    [TestMethod]
    [DynamicData(nameof(Obstacles))]
    public void What_stretches_do_not_go_with_is_named(int obstacle, string option)
    {
        var error = Assert.ThrowsExactly<ArgumentException>(() => Forecaster.Fit(Rows(160), s_obstacles[obstacle].Change));
        Assert.AreEqual(option, error.ParamName);
        StringAssert.Contains(error.Message, "Decoding.TrainingScheme");
        StringAssert.Contains(error.Message, option);
    }

    [TestMethod]
    public void A_custom_network_that_looks_back_only_is_trained()
    {
        var model = Forecaster.Fit(Rows(160), options =>
        {
            options.Network.Custom = SequenceNetwork.Create().Convolution(6, 3, padding: ConvolutionPadding.Causal).Lstm(8).SelfAttention(2, causal: true)
                .Pool(SequencePooling.Last).Dense(7);
            options.Stopping.MaximumNumberOfEpochs = 1;
        });
        Assert.IsTrue(Forecaster.Forecast(model, Rows(160))[100].Forecast.All(float.IsFinite));
    }
}
