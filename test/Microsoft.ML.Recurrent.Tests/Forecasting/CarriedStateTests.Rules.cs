using Microsoft.ML.Data;
using Microsoft.ML.OnnxRuntime;
using Options = Microsoft.ML.Recurrent.RecurrentForecastingEstimator.Options;

namespace Microsoft.ML.Recurrent.Tests.Forecasting;

/// <content>What a state is that of, step by step, and what is refused.</content>
public sealed partial class CarriedStateTests
{
    [TestMethod]
    [DynamicData(nameof(Forms))]
    public void Rows_to_come_change_no_answer(Form form)
    {
        var rows = Rows(form);
        var model = Fit(form);
        var before = Forecaster.Forecast(model, rows);
        var last = rows.Length / 2;
        foreach (var row in rows[last..]) (row.Value, row.Past, row.Weather) = (float.IsNaN(row.Value) ? 7 : 1000, -5, "snow");
        var after = Forecaster.Forecast(model, rows);
        for (var i = 0; i < last; i++) CollectionAssert.AreEqual(before[i].All, after[i].All, $"row {i}");
        CollectionAssert.AreNotEqual(before[last + 3].All, after[last + 3].All);
    }

    [TestMethod]
    public void Rows_that_are_held_out_change_no_weight()
    {
        var rows = Rows();
        var before = Learned(rows);
        // The last fifth of each series.
        foreach (var row in rows.Where(row => row.Time >= new DateTime(2026, 1, 1).AddHours(126))) row.Value = 500 - row.Value;
        CollectionAssert.AreEqual(before, Learned(rows));
        rows[60].Value *= 2;
        CollectionAssert.AreNotEqual(before, Learned(rows));

        static float[] Learned(Row[] rows)
        {
            var options = Carried();
            // A linear skip starts with the ridge that serves the validation windows best.
            (options.Stopping.MaximumNumberOfEpochs, options.Stopping.ValidationFraction, options.Decoding.LinearSkip) = (1, 0.2f, false);
            using var network = Forecaster.Fit(rows, options).Model.ToNetwork();
            return [.. network.Parameters.SelectMany(parameter => parameter.Value.Span.ToArray())];
        }
    }

    [TestMethod]
    public void All_rows_of_a_series_count_and_no_row_of_another()
    {
        var rows = Rows();
        var model = Fit(AllForms[0]);
        var before = Forecaster.Forecast(model, rows);
        // Far more than a window before the last row of series a.
        foreach (var row in rows.Where(row => row.Series == "a").Take(Window)) row.Value *= 3;
        var after = Forecaster.Forecast(model, rows);
        for (var i = 0; i < rows.Length; i++)
        {
            if (rows[i].Series == "b") CollectionAssert.AreEqual(before[i].All, after[i].All, $"row {i}");
        }
        CollectionAssert.AreNotEqual(before[2 * Window + 20].All, after[2 * Window + 20].All);
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    public void The_exported_graph_goes_on_step_by_step_and_takes_many_steps_at_once(int layers)
    {
        var form = AllForms[0] with { Layers = layers };
        Row[] rows = [.. Rows(form).Where(row => row.Series == "a")];
        var model = Fit(form);
        var answers = Forecaster.Forecast(model, rows);
        using var file = new MemoryStream();
        model.Model.ExportToOnnx(file);
        using var session = new InferenceSession(file.ToArray());
        var states = session.InputNames.Where(name => name.StartsWith("lstm", StringComparison.Ordinal)).ToArray();
        Assert.HasCount(2 * layers, states);
        foreach (var steps in new[] { 1, 7, rows.Length })
        {
            var carried = states.ToDictionary(name => name, _ => new float[8]);
            for (var from = 0; from < rows.Length; from += steps)
            {
                var count = Math.Min(steps, rows.Length - from);
                // Rows before the first one repeat it.
                float[] windows = [.. Enumerable.Range(from, count).SelectMany(row => Enumerable.Range(row - Window + 1, Window))
                    .Select(row => rows[Math.Max(0, row)].Value)];
                var inputs = carried.ToDictionary(state => state.Key, state => OrtValue.CreateTensorValueFromMemory(state.Value, [1, 1, 8]));
                inputs.Add(nameof(Row.Value), OrtValue.CreateTensorValueFromMemory(windows, [count, Window, 1]));
                using var options = new RunOptions();
                using var results = session.Run(options, inputs, ["Forecast", .. states.Select(name => name + ".next")]);
                for (var row = Math.Max(from, Window - 1); row < from + count; row++)
                    Close(answers[row].Forecast, results[0].GetTensorDataAsSpan<float>().Slice((row - from) * Horizon, Horizon), $"row {row}, {steps} steps");
                for (var i = 0; i < states.Length; i++) carried[states[i]] = results[i + 1].GetTensorDataAsSpan<float>().ToArray();
                foreach (var input in inputs.Values) input.Dispose();
            }
        }
    }

    [TestMethod]
    public void Where_nothing_may_be_missing_a_row_that_lacks_a_number_begins_the_state_anew()
    {
        Row[] rows = [.. Rows().Where(row => row.Series == "a")];
        var model = Fit(AllForms[0]);
        rows[60].Value = float.NaN;
        var answers = Forecaster.Forecast(model, rows);
        var anew = Forecaster.Forecast(model, rows[61..]);
        using var engine = model.CreateForecastEngine(Forecaster.Context, adaptationRate: 0);
        for (var i = 0; i < rows.Length; i++)
        {
            engine.Observe(rows[i]);
            Assert.AreEqual(i < Window - 1 || i is >= 60 and < 60 + Window, float.IsNaN(answers[i].Forecast[0]), $"row {i}");
            if (i >= 61) Close(anew[i - 61].All, answers[i].All, $"row {i}");
            if (!float.IsNaN(answers[i].Forecast[0])) Check(engine, answers[i], rows, i, AllForms[0]);
        }
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void The_last_row_can_be_corrected_and_others_come_again_as_they_were(bool lacks)
    {
        Row[] rows = [.. Rows().Where(row => row.Series == "a")];
        var model = Fit(AllForms[0]);
        var answers = Forecaster.Forecast(model, rows);
        using var engine = model.CreateForecastEngine(Forecaster.Context, adaptationRate: 0);
        engine.Observe(Forecaster.Load(rows[..80]));
        engine.Predict("a");
        var wrong = new Row { Series = "a", Time = rows[80].Time, Value = lacks ? float.NaN : 99 };
        engine.Observe(wrong);
        engine.Observe(rows[80]);
        Check(engine, answers[80], rows, 80, AllForms[0]);
        engine.Observe(Forecaster.Load(rows[75..90]));
        Check(engine, answers[89], rows, 89, AllForms[0]);
        var error = Assert.ThrowsExactly<ArgumentException>(() => engine.Observe(new Row { Series = "a", Time = rows[85].Time, Value = 99 }));
        Assert.Contains("Decoding.Stateful", error.Message);
        // All rows of a view, or none.
        Assert.ThrowsExactly<ArgumentException>(() => engine.Observe(Forecaster.Load([rows[90], new Row { Series = "a", Time = rows[85].Time, Value = 99 }])));
        Check(engine, answers[89], rows, 89, AllForms[0]);
        engine.Observe(Forecaster.Load(rows[90..100]));
        Check(engine, answers[99], rows, 99, AllForms[0]);
        // Transform reads the rows in the same way.
        Row[] twice = [.. rows[..80], wrong, .. rows[80..]];
        var again = Forecaster.Forecast(model, twice);
        for (var i = Window; i < rows.Length; i++) Close(answers[i].All, again[i < 80 ? i : i + 1].All, $"row {i}");
    }

    [TestMethod]
    public void A_gap_longer_than_a_window_begins_the_state_anew()
    {
        var form = AllForms.Single(form => form.Gaps);
        Row[] rows = [.. Rows(form).Where(row => row.Series == "a")];
        var model = Fit(form);
        Row[] after = [.. rows[70..]];
        foreach (var row in after) row.Time = row.Time.AddDays(30);
        var answers = Forecaster.Forecast(model, rows);
        // What lies before a window of steps without rows is of no account.
        foreach (var row in rows[..50]) row.Value = 3;
        var other = Forecaster.Forecast(model, rows);
        for (var i = 70; i < rows.Length; i++) CollectionAssert.AreEqual(answers[i].All, other[i].All, $"row {i}");
        using var engine = model.CreateForecastEngine(Forecaster.Context, adaptationRate: 0);
        for (var i = 0; i < rows.Length; i++)
        {
            engine.Observe(rows[i]);
            if (i > 70 && i % 5 == 0) Check(engine, answers[i], rows, i, AllForms[0]);
        }
    }

    [TestMethod]
    public void An_engine_forgets_begins_anew_and_takes_over_windows()
    {
        Row[] rows = [.. Rows().Where(row => row.Series == "a")];
        var model = Fit(AllForms[0]);
        using var engine = model.CreateForecastEngine(Forecaster.Context, adaptationRate: 0);
        engine.Observe(Forecaster.Load(rows[..60]));
        Assert.IsTrue(engine.Forget("a"));
        engine.Observe(Forecaster.Load(rows[30..90]));
        Check(engine, Forecaster.Forecast(model, rows[30..90])[^1], rows, 89, AllForms[0]);
        // The rows of the window are all that another engine has.
        using var next = model.CreateForecastEngine(Forecaster.Context, adaptationRate: 0);
        Assert.IsEmpty(next.MigrateFrom(engine));
        Check(next, Forecaster.Forecast(model, rows[(90 - Window)..90])[^1], rows, 89, AllForms[0]);
        next.Observe(Forecaster.Load(rows[90..95]));
        Check(next, Forecaster.Forecast(model, rows[(90 - Window)..95])[^1], rows, 94, AllForms[0]);
    }

    [TestMethod]
    public void Others_forecast_while_rows_are_observed()
    {
        Row[] rows = [.. Rows().Where(row => row.Series == "a")];
        var model = Fit(AllForms[0]);
        var answers = Forecaster.Forecast(model, rows);
        using var engine = model.CreateForecastEngine(Forecaster.Context, adaptationRate: 0);
        engine.Observe(Forecaster.Load(rows[..50]));
        engine.Observe(Forecaster.Context.Data.LoadFromEnumerable(Arriving()));
        Check(engine, answers[99], rows, 99, AllForms[0]);

        IEnumerable<Row> Arriving()
        {
            for (var i = 50; i < 100; i++)
            {
                if (i % 20 == 0) Task.Run(() => Check(engine, answers[49], rows, 49, AllForms[0])).GetAwaiter().GetResult();
                yield return rows[i];
            }
        }
    }

    [TestMethod]
    public void Beyond_the_horizon_the_state_goes_on_with_the_forecasts()
    {
        var rows = Rows();
        var model = Fit(AllForms[0]);
        using var engine = model.CreateForecastEngine(Forecaster.Context);
        engine.Observe(Forecaster.Load(rows));
        var all = engine.PredictAll(2 * Horizon + 1);
        foreach (var name in (string[])["a", "b"])
        {
            Row[] own = [.. rows.Where(row => row.Series == name)];
            for (var block = 0; block < 3; block++)
            {
                var answer = Forecaster.Forecast(model, own)[^1].Forecast;
                var count = block < 2 ? Horizon : 1;
                Close(answer[..count], [.. all[name].Values.Skip(block * Horizon).Take(count).Select(value => (float)value)], $"block {block} of {name}");
                own = [.. own, .. answer.Select((value, i) => new Row { Series = name, Time = own[^1].Time.AddHours(i + 1), Value = value })];
            }
            Close([.. all[name].Values.Select(value => (float)value)], [.. engine.Predict(name, 2 * Horizon + 1).Values.Select(value => (float)value)], name);
        }
    }

    [TestMethod]
    [DataRow(LikelihoodName.Point)]
    [DataRow(LikelihoodName.StudentT)]
    public void Paths_are_drawn_from_the_state(LikelihoodName likelihood)
    {
        var form = AllForms[0] with { Likelihood = likelihood };
        var rows = Rows(form);
        var model = Fit(form);
        using var engine = model.CreateForecastEngine(Forecaster.Context, adaptationRate: 0);
        engine.Observe(Forecaster.Load(rows));
        var paths = engine.Sample("a", 400, seed: 3).Targets[0].Paths;
        var mean = Enumerable.Range(0, Horizon).Select(step => (float)paths.Average(path => path[step])).ToArray();
        var forecast = engine.Predict("a").Targets[0];
        for (var step = 0; step < Horizon; step++)
            NumberAssert.IsLessThan(0.35 * (forecast.UpperBounds[step] - forecast.LowerBounds[step]), Math.Abs(mean[step] - forecast.Values[step]),
                $"step {step}");
        // Drawing leaves the state as it is.
        Check(engine, Forecaster.Forecast(model, rows).Where((_, i) => rows[i].Series == "a").Last(), rows, Array.FindLastIndex(rows, row => row.Series == "a"),
            form);
    }

    [TestMethod]
    public void A_model_says_so_and_is_trained_on()
    {
        var model = Fit(AllForms[0]);
        Assert.Contains("Carries states along each series: lstm_1.h [8], lstm_1.c [8].", model.Model.Summary());
        var options = Carried();
        (options.Decoding.Stateful, options.Network.Initialization.Model) = (false, model.Model);
        var more = Forecaster.Fit(Rows(), options);
        Assert.IsTrue(more.Model.Manifest.CarriesState);
        Same(Forecaster.Forecast(more, Rows()), Forecaster.Forecast(Forecaster.Reload(more, Rows()), Rows()));
    }

    [TestMethod]
    public void The_same_seed_gives_the_same_model_whatever_the_threads()
    {
        var answers = ((int[])[1, 2]).Select(threads =>
        {
            var options = Carried();
            options.NumberOfThreads = threads;
            return Forecaster.Forecast(Forecaster.Fit(Rows(), options), Rows())[100].Forecast;
        }).ToArray();
        CollectionAssert.AreEqual(answers[0], answers[1]);
    }

    /// <summary>Streamed rows in one part are trained on as those in memory, batch by batch, and validated on the same windows.</summary>
    [TestMethod]
    [DataRow("plain")]
    [DataRow("masks")]
    [DataRow("regression with masks")]
    [DataRow("statistics of series")]
    public void Streamed_rows_in_one_part_give_the_same_model(string name)
    {
        var form = AllForms.Single(form => form.Name == name);
        Row[] rows = [.. Rows(form).OrderBy(row => row.Series).ThenBy(row => row.Time)];
        var models = ((int?[])[null, 10_000]).Select(most =>
        {
            var options = Carried(form);
            options.Series.MaximumRowsInMemory = most;
            return Forecaster.Fit(rows, options);
        }).ToArray();
        CollectionAssert.AreEqual(Losses(models[0].Model), Losses(models[1].Model));
        Same(Forecaster.Forecast(models[0], rows), Forecaster.Forecast(models[1], rows));

        static double[] Losses(RecurrentModel model) => [.. model.History.Epochs.SelectMany(epoch => (double[])[epoch.Loss, epoch.ValidationLoss!.Value])];
    }

    /// <summary>
    /// Each part has its own series; a resumed run goes on in the middle of an epoch, and given validation data are read from their first rows on.
    /// </summary>
    [TestMethod]
    public void Streamed_rows_in_parts_are_learned_and_resumed()
    {
        Row[] rows = [.. Rows(length: 600).OrderBy(row => row.Series).ThenBy(row => row.Time)];
        var folder = Directory.CreateTempSubdirectory().FullName;
        try
        {
            var whole = Forecaster.Fit(rows, Streamed());
            Row[] own = [.. rows.Where(row => row.Series == "a")];
            var answers = Forecaster.Forecast(whole, own);
            int[] origins = [.. Enumerable.Range(Window, 580 - Window)];
            NumberAssert.IsLessThan(0.7 * origins.Average(i => Math.Abs(own[i].Value - own[i + 1].Value)),
                origins.Average(i => Math.Abs(answers[i].Forecast[0] - own[i + 1].Value)));

            using var cancellation = new CancellationTokenSource();
            var (stopped, batches) = (Streamed(), 0);
            (stopped.Checkpoints.Folder, stopped.Checkpoints.EverySteps, stopped.CancellationToken) = (folder, 10, cancellation.Token);
            stopped.Logging.Progress = new Batches(() => { if (++batches == 90) cancellation.Cancel(); });
            Forecaster.Fit(rows, stopped);
            var resumed = Streamed();
            (resumed.Checkpoints.Folder, resumed.Checkpoints.Resume) = (folder, true);
            CollectionAssert.AreEqual(answers[100].All, Forecaster.Forecast(Forecaster.Fit(rows, resumed), own)[100].All);

            var given = Streamed();
            given.Series.MaximumRowsInMemory = null;
            var (inMemory, streamed) = (Forecaster.Create(given).Fit(Forecaster.Load(own), Forecaster.Load(rows)),
                Forecaster.Create(Streamed()).Fit(Forecaster.Load(own), Forecaster.Load(rows)));
            CollectionAssert.AreEqual(Forecaster.Forecast(inMemory, own)[100].All, Forecaster.Forecast(streamed, own)[100].All);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        static Options Streamed()
        {
            var options = Carried();
            (options.Series.MaximumRowsInMemory, options.Stopping.MaximumNumberOfEpochs) = (1000, 6);
            return options;
        }
    }

    private sealed class Batches(Action then) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => then();
    }

    [TestMethod]
    public void States_of_rows_are_those_that_are_carried()
    {
        Row[] rows = [.. Rows().Where(row => row.Series == "a")];
        var model = Fit(AllForms[0] with { Layers = 2 });
        var states = Forecaster.Context.Transforms.AppendStateFeatures("States", model.Model, SequencePooling.Last, "lstm_1").Fit(Forecaster.Load(rows));
        var vectors = states.Transform(Forecaster.Load(rows)).GetColumn<float[]>("States").ToArray();
        using var file = new MemoryStream();
        model.Model.ExportToOnnx(file);
        using var session = new InferenceSession(file.ToArray());
        var inputs = session.InputNames.Where(name => name != nameof(Row.Value))
            .ToDictionary(name => name, _ => OrtValue.CreateTensorValueFromMemory(new float[8], [1, 1, 8]));
        float[] windows =
            [.. Enumerable.Range(0, 50).SelectMany(row => Enumerable.Range(row - Window + 1, Window)).Select(row => rows[Math.Max(0, row)].Value)];
        inputs.Add(nameof(Row.Value), OrtValue.CreateTensorValueFromMemory(windows, [50, Window, 1]));
        using var options = new RunOptions();
        using var results = session.Run(options, inputs, ["lstm_1.h.next"]);
        Close(results[0].GetTensorDataAsSpan<float>(), vectors[49], "states of row 49");
        Assert.ThrowsExactly<ArgumentException>(() =>
            Forecaster.Context.Transforms.AppendStateFeatures("States", model.Model, SequencePooling.Mean, "lstm_1").Fit(Forecaster.Load(rows)));
        foreach (var input in inputs.Values) input.Dispose();
    }

    [TestMethod]
    [DataRow(OnnxPrecision.Single, 11)]
    [DataRow(OnnxPrecision.HalfWeights, 17)]
    [DataRow(OnnxPrecision.Half, 17)]
    [DataRow(OnnxPrecision.Int8Weights, 17)]
    [DataRow(OnnxPrecision.Int8, 17)]
    public void Other_forms_of_the_graph_have_the_states(OnnxPrecision precision, int opset)
    {
        var rows = Rows();
        var model = Fit(AllForms[0]);
        using var file = new MemoryStream();
        var report = model.Model.ExportToOnnx(file, new() { Precision = precision, Opset = opset, EvaluationData = Forecaster.Load(rows) });
        NumberAssert.IsLessThan(precision is OnnxPrecision.Single ? 1e-5 : precision < OnnxPrecision.Int8Weights ? 0.05 : 1,
            report.Outputs.Select(output => output.MaximumAbsoluteError).DefaultIfEmpty().Max());
        using var session = new InferenceSession(file.ToArray());
        string[] states = ["lstm_1.h", "lstm_1.c"];
        foreach (var state in states) CollectionAssert.AreEqual((int[])[1, -1, 8], session.InputMetadata[state].Dimensions);
        CollectionAssert.IsSubsetOf(states.Select(state => state + ".next").ToArray(), session.OutputNames.ToArray());
        Assert.ThrowsExactly<NotSupportedException>(() => new SequenceStream<string>(model.Model));
    }

    [TestMethod]
    public void A_run_that_is_resumed_goes_on_with_the_same_bits()
    {
        var folder = Directory.CreateTempSubdirectory("carried-").FullName;
        try
        {
            var whole = Run(4, null);
            Run(2, folder);
            CollectionAssert.AreEqual(whole, Run(4, folder));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        static float[] Run(int epochs, string? folder)
        {
            var options = Carried();
            options.Stopping.MaximumNumberOfEpochs = epochs;
            if (folder is not null) (options.Checkpoints.Folder, options.Checkpoints.Resume) = (folder, true);
            return Forecaster.Forecast(Forecaster.Fit(Rows(), options), Rows())[100].All;
        }
    }

    [TestMethod]
    public void Numbers_of_more_than_24_bits_keep_them()
    {
        const double level = 1e8;
        var context = Forecaster.Context;
        WideRow[] rows = [.. Rows().Where(row => row.Series == "a").Select(row => new WideRow { Time = row.Time, Value = level + row.Value })];
        var model = context.Forecasting.ForecastByRecurrentNetwork(new()
        {
            Input = new SeriesInputOptions { InputColumnName = nameof(WideRow.Value), TimeColumnName = nameof(WideRow.Time), WindowSize = Window },
            Horizon = Horizon, Network = { HiddenSize = 8 }, Stopping = { MaximumNumberOfEpochs = 2 }, Decoding = { Stateful = true }, Seed = 2,
        }).Fit(context.Data.LoadFromEnumerable(rows));
        var view = RecurrentForecastingTransformer.InDouble(model).Transform(context.Data.LoadFromEnumerable(rows));
        var answers = view.GetColumn<double[]>("Forecast").ToArray();
        using var engine = model.CreateForecastEngine(context);
        var error = 0.0;
        for (var i = 0; i < rows.Length; i++)
        {
            engine.Observe(rows[i]);
            if (i < Window || i % 4 > 0 || i + 1 == rows.Length) continue;
            var values = engine.Predict().Values;
            for (var step = 0; step < Horizon; step++) NumberAssert.IsLessThan(1e-4, Math.Abs(values[step] - answers[i][step]), $"row {i}");
            error = Math.Max(error, Math.Abs(values[0] - rows[i + 1].Value));
        }
        NumberAssert.IsLessThan(7, error);
    }

    private sealed class WideRow
    {
        public DateTime Time { get; set; }
        public double Value { get; set; }
    }

    private static readonly Dictionary<string, Action<Options>> s_refused = new()
    {
        ["Decoding.Stateful goes with the strategy Direct"] = options => options.Decoding.Strategy = ForecastStrategy.Recursive,
        ["Decoding.Stateful is trained on stretches"] = options => options.Decoding.TrainingScheme = TrainingScheme.Windows,
        ["Input.TrainingStride"] = options => options.Series.TrainingStride = 2,
        ["Network.Bidirectional"] = options => options.Network.Bidirectional = true,
        ["Network.Custom"] = options => options.Network.Custom = SequenceNetwork.Create().Lstm(4, new() { Dilation = 2 }),
        ["Normalization.Window"] = options => options.Normalization.Window = WindowNormalization.Robust,
        ["Network.Initialization.Model"] = options =>
        {
            var windows = Carried();
            windows.Decoding.Stateful = false;
            options.Network.Initialization.Model = Forecaster.Fit(Rows(), windows).Model;
        },
    };

    public static IEnumerable<object[]> Refused => s_refused.Keys.Select(name => new object[] { name });

    [TestMethod]
    [DynamicData(nameof(Refused))]
    public void What_cannot_carry_a_state_is_refused_before_training(string name)
    {
        var options = Carried();
        s_refused[name](options);
        var error = Assert.ThrowsExactly<ArgumentException>(() => Forecaster.Fit(Rows(), options));
        Assert.Contains(name, error.Message);
        Assert.Contains("Decoding.Stateful", error.Message);
    }
}
