using Microsoft.ML.Data;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.Recurrent.Tests.Hosting;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using Options = Microsoft.ML.Recurrent.RecurrentForecastingEstimator.Options;

namespace Microsoft.ML.Recurrent.Tests.Forecasting;

/// <summary>Numbers that need more than the 24 bits of a Single: a meter that stands at 123,456,789 is forecast as well as one that stands at 0.</summary>
[TestClass]
public sealed class WideNumberTests
{
    private const int Window = 21, Horizon = 7;
    private const double Level = 123_456_789;

    private sealed class Meter
    {
        public string Name { get; set; } = "";
        public double Y { get; set; }
        public long Count { get; set; }
        public double Known { get; set; }
        public double Site { get; set; }
    }

    private sealed class Answer
    {
        public double[] Forecast { get; set; } = [];
        public double[] Lower { get; set; } = [];
        public double[] Upper { get; set; } = [];
        public double[] P10 { get; set; } = [];
        public float[] Single { get; set; } = [];
    }

    private static double Wave(int day) => 3 * Math.Sin(day * Math.Tau / 7);

    private static Meter[] Meters(double level, int days = 400, string name = "") =>
        [.. Enumerable.Range(0, days).Select(day => new Meter { Name = name, Y = level + Wave(day), Count = (long)level + 30 * (day % 7 - 3) / 3 })];

    private static ForecasterFixture<Meter, Answer> Forecaster { get; } = new(() => new()
    {
        Input = new SeriesInputOptions { InputColumnName = "Y", WindowSize = Window },
        Horizon = Horizon,
        Output = { DoubleColumns = true },
        Stopping = { MaximumNumberOfEpochs = 20 },
        Seed = 3,
    });

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void Limits_are_compared_with_the_values_not_with_their_distance_from_a_level(bool series)
    {
        var context = new MLContext(1);
        using var seen = new SeenWarnings(context);
        foreach (var limit in new[] { Level - 10, Level - 1 })
        {
            Options options = new()
            {
                Input = new SeriesInputOptions { InputColumnName = "Y", WindowSize = Window },
                Horizon = Horizon,
                Network = { HiddenSize = 2 },
                Stopping = { MaximumNumberOfEpochs = 1 },
                Output = { LowerLimit = limit },
            };
            var rows = context.Data.LoadFromEnumerable(Meters(Level));
            if (!series)
            {
                rows = context.Data.CreateWindows(rows, "Window", ["Y"], Window, horizon: Horizon, labelColumnName: "Y");
                options.Input = new WindowInputOptions { InputColumnName = "Window", LabelColumnName = "Y", WindowSize = Window };
            }
            using var model = context.Forecasting.ForecastByRecurrentNetwork(options).Fit(rows);
            Assert.IsTrue(model.Model.Manifest.Forecast!.HasOrigins, "the test is about differences from levels");
            if (limit < Level - 3) Assert.IsEmpty(seen.Messages);
        }
        StringAssert.StartsWith(seen.Messages.Single(), "MLR1014: 42.9% of the values of");
        StringAssert.Contains(seen.Messages[0], "lie below Output.LowerLimit = 123456788 (the smallest is 123456786.0");
    }

    [TestMethod]
    public void Samples_keep_the_level_and_lie_around_the_forecasts()
    {
        var context = new MLContext(1);
        var random = new Random(1);
        Meter[] rows = [.. Meters(Level).Select(row => new Meter { Y = row.Y + random.NextDouble() - 0.5 })];
        var model = Forecaster.Fit(rows,
            options => (options.Output.ConfidenceLowerBoundColumn, options.Output.ConfidenceUpperBoundColumn) = ("Lower", "Upper"));
        using var engine = model.CreateForecastEngine(context);
        engine.Observe(context.Data.LoadFromEnumerable(rows));
        var (samples, forecast) = (engine.Sample(count: 200, seed: 1), engine.Predict());
        for (var step = 0; step < Horizon; step++)
        {
            double[] values = [.. samples.Paths.Select(path => path[step])];
            Assert.AreEqual(forecast.Values[step], values.Average(), 0.3);
            // Singles of this size lie 8 apart.
            NumberAssert.IsGreaterThan(150, values.Distinct().Count());
        }
    }

    // The mean error of the last row's forecast, which looks beyond the data.
    private static double ErrorOf(double[] forecast, double level, int days = 400)
    {
        Assert.HasCount(Horizon, forecast);
        return forecast.Select((value, step) => Math.Abs(value - level - Wave(days + step))).Average();
    }

    [TestMethod]
    [DataRow(null, ForecastStrategy.Direct)]
    [DataRow(WindowNormalization.Standard, ForecastStrategy.Direct)]
    [DataRow(WindowNormalization.Robust, ForecastStrategy.Direct)]
    [DataRow(WindowNormalization.Difference, ForecastStrategy.Direct)]
    [DataRow(WindowNormalization.None, ForecastStrategy.Direct)]
    [DataRow(null, ForecastStrategy.EncoderDecoder)]
    [DataRow(WindowNormalization.Standard, ForecastStrategy.EncoderDecoder)]
    [DataRow(null, ForecastStrategy.Recursive)]
    [DataRow(WindowNormalization.None, ForecastStrategy.Recursive)]
    public void A_level_costs_nothing(WindowNormalization? normalization, ForecastStrategy strategy)
    {
        var rows = Meters(Level);
        var (high, low) = (Error(Level), Error(0));
        NumberAssert.IsLessThan(0.02 + 2 * low, high, $"at level 0 the error is {low}");

        double Error(double level)
        {
            var own = Meters(level);
            var model = Forecaster.Fit(own, options =>
            {
                options.Normalization.Window = normalization;
                options.Decoding.Strategy = strategy;
                if (strategy is ForecastStrategy.EncoderDecoder) options.Stopping.MaximumNumberOfEpochs = 6;
            });
            return ErrorOf(Forecaster.Forecast(model, own)[^1].Forecast, level);
        }
    }

    [TestMethod]
    public void An_integer_is_forecast_as_it_is_counted()
    {
        const long level = 1_234_567_890;
        var rows = Meters(level);
        var model = Forecaster.Fit(rows, options => options.Input.InputColumnName = "Count");
        var forecast = Forecaster.Forecast(model, rows)[^1].Forecast;
        for (var step = 0; step < Horizon; step++) Assert.AreEqual(level + 30 * ((400 + step) % 7 - 3) / 3, forecast[step], 1, $"step {step}");
    }

    [TestMethod]
    [DataRow(null)]
    [DataRow(NormalizationScope.Series)]
    public void Series_of_different_levels_do_not_disturb_each_other(NormalizationScope? scope)
    {
        (string Name, double Level)[] series = [("a", Level), ("b", 987_654_321), ("c", -5e8), ("d", 12)];
        var rows = series.SelectMany(one => Meters(one.Level, 200, one.Name)).ToArray();
        foreach (var normalization in (WindowNormalization[])[WindowNormalization.LastValue, WindowNormalization.Standard])
        {
            var model = Forecaster.Fit(rows, options =>
            {
                options.Series.SeriesColumnNames = ["Name"];
                (options.Normalization.Window, options.Normalization.Scope) = (normalization, scope);
            });
            // One that was not there in training, too.
            var all = rows.Concat(Meters(3e8, 200, "new")).ToArray();
            var answers = Forecaster.Forecast(model, all);
            foreach (var (name, level) in series.Append(("new", 3e8)))
                NumberAssert.IsLessThan(0.2, ErrorOf(answers[Array.FindLastIndex(all, row => row.Name == name)].Forecast, level, 200),
                    $"{name} {normalization}");
        }
    }

    [TestMethod]
    public void Bounds_and_quantiles_are_at_the_level_too()
    {
        var random = new Random(1);
        var rows = Meters(Level);
        foreach (var row in rows) row.Y += random.NextDouble() - 0.5;
        // Missing values are left out of the level.
        for (var i = 5; i < 200; i += 31) rows[i].Y = double.NaN;
        var model = Forecaster.Fit(rows, options =>
        {
            (options.Output.ConfidenceLowerBoundColumn, options.Output.ConfidenceUpperBoundColumn) = ("Lower", "Upper");
            options.Output.QuantileColumnNames = new Dictionary<double, string> { [0.1] = "P10" };
        });
        var answer = Forecaster.Forecast(model, rows)[^1];
        NumberAssert.IsLessThan(0.6, ErrorOf(answer.Forecast, Level));
        for (var step = 0; step < Horizon; step++)
        {
            Assert.IsTrue(answer.Forecast[step] - answer.Lower[step] is > 0.1 and < 5, $"{answer.Forecast[step] - answer.Lower[step]}");
            Assert.IsTrue(answer.Upper[step] - answer.Forecast[step] is > 0.1 and < 5);
            Assert.IsTrue(answer.Forecast[step] - answer.P10[step] is > 0 and < 5);
        }
    }

    private sealed class Both
    {
        [VectorType(2)] public double[] Y { get; set; } = [];
    }

    private sealed class Drawn
    {
        public double[] Forecast { get; set; } = [];
        public double[] Samples { get; set; } = [];
        public double[] Deviation { get; set; } = [];
    }

    [TestMethod]
    public void Targets_and_their_samples_have_a_level_each()
    {
        var fixture = new ForecasterFixture<Both, Drawn>(() => new()
        {
            Input = new SeriesInputOptions { InputColumnName = "Y", WindowSize = Window },
            Horizon = Horizon,
            Likelihood = ForecastLikelihood.Gaussian,
            Output = { DoubleColumns = true, SamplesColumnName = "Samples", NumberOfSamples = 50, StandardDeviationColumnName = "Deviation" },
            Stopping = { MaximumNumberOfEpochs = 20 },
            Seed = 3,
        });
        var random = new Random(1);
        var rows = Enumerable.Range(0, 400).Select(day => new Both { Y = [Level + Wave(day) + random.NextDouble(), 5 - Wave(day)] }).ToArray();
        var answer = fixture.Forecast(fixture.Fit(rows), rows)[^1];
        Assert.HasCount(2 * Horizon, answer.Forecast);
        Assert.HasCount(100 * Horizon, answer.Samples);
        for (var step = 0; step < Horizon; step++)
        {
            Assert.AreEqual(Level + Wave(400 + step) + 0.5, answer.Forecast[2 * step], 1);
            Assert.AreEqual(5 - Wave(400 + step), answer.Forecast[2 * step + 1], 1);
            for (var target = 0; target < 2; target++)
            {
                var samples = answer.Samples.AsSpan((2 * step + target) * 50, 50).ToArray();
                var deviation = answer.Deviation[2 * step + target];
                Assert.IsTrue(deviation is > 0 and < 2, $"{deviation}");
                Assert.AreEqual(answer.Forecast[2 * step + target], samples.Average(), deviation);
                Assert.IsTrue(samples.Distinct().Count() > 40);
            }
        }
    }

    [TestMethod]
    public void A_column_of_Singles_holds_the_nearest_ones()
    {
        var rows = Meters(Level);
        var doubles = Forecaster.Forecast(Forecaster.Fit(rows), rows)[^1].Forecast;
        var model = Forecaster.Fit(rows, options => (options.Output.DoubleColumns, options.Output.ForecastColumnName) = (false, "Single"));
        var singles = Forecaster.Forecast(model, rows)[^1].Single;
        CollectionAssert.AreEqual(Array.ConvertAll(doubles, value => (float)value), singles);
        Assert.AreEqual(NumberDataViewType.Single, ((VectorDataViewType)model.GetOutputSchema(Forecaster.Load(rows).Schema)["Single"].Type).ItemType);
    }

    [TestMethod]
    public void An_exported_graph_takes_doubles_and_gives_doubles()
    {
        var rows = Meters(Level);
        var model = Forecaster.Fit(rows, options => options.MissingValues.Handling = MissingValueHandling.Mask);
        using var stream = new MemoryStream();
        model.Model.ExportToOnnx(stream);
        using var session = new InferenceSession(stream.ToArray());
        using var window = OrtValue.CreateTensorValueFromMemory(rows[^Window..].Select(row => row.Y).ToArray(), [1, Window, 1]);
        using var run = new RunOptions();
        using var answers = session.Run(run, new Dictionary<string, OrtValue> { ["Y"] = window }, ["Forecast"]);
        var forecast = answers[0].GetTensorDataAsSpan<double>().ToArray();
        NumberAssert.IsLessThan(0.02, ErrorOf(forecast, Level));
        var (reloaded, original) = (Forecaster.Forecast(Forecaster.Reload(model, rows), rows)[^1], Forecaster.Forecast(model, rows)[^1]);
        for (var step = 0; step < Horizon; step++)
        {
            Assert.AreEqual(original.Forecast[step], forecast[step], 1e-3);
            Assert.AreEqual(original.Forecast[step], reloaded.Forecast[step]);
        }
    }

    [TestMethod]
    public void An_engine_keeps_all_bits_beyond_the_horizon_and_in_a_checkpoint()
    {
        var rows = Meters(Level);
        using var engine = Forecaster.Fit(rows).CreateForecastEngine(Forecaster.Context);
        engine.Observe(Forecaster.Load(rows[..390]));
        foreach (var row in rows[390..]) engine.Observe(row);
        Check(engine.Predict(horizon: 3 * Horizon));
        var path = Path.GetTempFileName();
        engine.CheckPoint(Forecaster.Context, path);
        using var other = Forecaster.Context.Model.Load(path, out _).CreateForecastEngine(Forecaster.Context);
        Check(other.Predict(horizon: 3 * Horizon));
        File.Delete(path);

        static void Check(SeriesForecast forecast)
        {
            for (var step = 0; step < 3 * Horizon; step++) Assert.AreEqual((float)(Level + Wave(400 + step)), forecast.Values[step], 8, $"step {step}");
        }
    }

    [TestMethod]
    public void A_back_test_measures_in_double()
    {
        var rows = Meters(Level);
        var options = new BackTestOptions { TargetColumnName = "Y", Horizon = Horizon, NumberOfOrigins = 5, Season = 7 };
        var estimator = Forecaster.Context.Forecasting.ForecastByLstm("Forecast", "Y", Window, Horizon);
        var result = Forecaster.Context.Forecasting.BackTest(Forecaster.Load(rows), estimator, options);
        NumberAssert.IsLessThan(0.02, result.Model.Metrics.MeanAbsoluteError);
        NumberAssert.IsLessThan(1e-6, result.Baselines.Single(baseline => baseline.Name == "Seasonal naive").Metrics.MeanAbsoluteError);
        var last = result.Baselines.Single(baseline => baseline.Name == "Last value").Metrics.MeanAbsoluteError;
        Assert.IsTrue(last is > 1.5 and < 4.5, $"{last}");
        foreach (var forecast in result.Model.Forecasts)
            for (var step = 0; step < Horizon; step++)
                Assert.AreEqual(rows[forecast.Row + 1 + step].Y, forecast.Actual.Span[step], 1e-6);
    }

    private sealed class Pair
    {
        public double Label { get; set; }
        public double Forecast { get; set; }
    }

    [TestMethod]
    public void Forecasts_are_evaluated_in_double()
    {
        var data = Forecaster.Context.Data.LoadFromEnumerable(
            Enumerable.Range(0, 300).Select(i => new Pair { Label = 123_456_789 + i % 3, Forecast = 123_456_792 }));
        Assert.AreEqual(2, Forecaster.Context.Forecasting.EvaluateForecasts(data).Metrics.MeanAbsoluteError, 1e-9);
    }

    [TestMethod]
    public void A_time_in_seconds_tells_of_what_comes()
    {
        var random = new Random(1);
        var rows = Enumerable.Range(0, 600).Select(_ => random.Next(2)).Select(spike => new Meter { Y = 40 * spike, Known = 60 * spike }).ToArray();
        var low = Error();
        foreach (var row in rows) row.Known += 1.7e9;
        NumberAssert.IsLessThan(1 + 2 * low, Error(), $"without the offset {low}");

        double Error()
        {
            var model = Forecaster.Fit(rows, options => options.Input.FutureCovariateColumnNames = ["Known"]);
            var answers = Forecaster.Forecast(model, rows);
            return Enumerable.Range(500, 90).Average(day => Enumerable.Range(0, Horizon)
                .Average(step => Math.Abs(answers[day].Forecast[step] - rows[day + 1 + step].Y)));
        }
    }

    [TestMethod]
    public void Streamed_series_and_statics_are_read_in_double()
    {
        var rows = Enumerable.Range(0, 12).SelectMany(site =>
        {
            var own = Meters(Level + 1000 * site, 120, $"s{site}");
            foreach (var row in own) row.Site = 2e9 + site;
            return own;
        }).ToArray();
        var model = Forecaster.Fit(rows, options =>
        {
            (options.Series.SeriesColumnNames, options.Series.MaximumRowsInMemory, options.Input.StaticColumnNames) = (["Name"], 1000, ["Site"]);
        });
        Assert.AreEqual(2, model.Model.Manifest.Inputs.Count(input => !input.Origins.IsEmpty));
        NumberAssert.IsLessThan(0.3, ErrorOf(Forecaster.Forecast(model, rows)[^1].Forecast, Level + 11_000, 120));
    }

    private sealed class WindowRow
    {
        [VectorType(Window)] public double[] Y { get; set; } = [];
        [VectorType(Horizon)] public double[] Next { get; set; } = [];
        [VectorType(Window + Horizon)] public long[] Known { get; set; } = [];
        public double Site { get; set; }
    }

    [TestMethod]
    [DataRow(null)]
    [DataRow(WindowNormalization.None)]
    [DataRow(WindowNormalization.Standard)]
    public void Rows_that_hold_windows_are_read_in_double(WindowNormalization? normalization)
    {
        var days = Meters(Level);
        var rows = Enumerable.Range(0, 360).Select(first => new WindowRow
        {
            Y = [.. days[first..(first + Window)].Select(day => day.Y)],
            Next = [.. days[(first + Window)..(first + Window + Horizon)].Select(day => day.Y)],
            Known = [.. Enumerable.Range(first, Window + Horizon).Select(day => 1_700_000_000 + 60L * (day % 7))],
            Site = 3e9 + first % 2,
        }).ToArray();
        var context = new MLContext(1);
        var data = context.Data.LoadFromEnumerable(rows);
        var model = context.Forecasting.ForecastByRecurrentNetwork(new()
        {
            Input = new WindowInputOptions
            {
                InputColumnName = "Y", LabelColumnName = "Next", FutureCovariateColumnNames = ["Known"], StaticColumnNames = ["Site"], WindowSize = Window,
            },
            Horizon = Horizon,
            Normalization = { Window = normalization },
            Output = { DoubleColumns = true },
            Stopping = { MaximumNumberOfEpochs = 20 },
            Seed = 3,
        }).Fit(data);
        var answers = context.Data.CreateEnumerable<Answer>(model.Transform(data), false, ignoreMissingColumns: true).ToArray();
        var error = Enumerable.Range(0, rows.Length).Average(row => Enumerable.Range(0, Horizon)
            .Average(step => Math.Abs(answers[row].Forecast[step] - rows[row].Next[step])));
        NumberAssert.IsLessThan(0.05, error);
        Assert.AreEqual(0, context.Forecasting.EvaluateForecasts(model.Transform(data), "Next").Metrics.MeanAbsoluteError, 0.05);
    }

    [TestMethod]
    public void Windows_are_made_of_all_bits()
    {
        var days = Meters(Level);
        foreach (var day in days) (day.Known, day.Site) = (day.Y + 1, 1e8);
        var windows = Forecaster.Context.Data.CreateWindows(Forecaster.Load(days), "Y", ["Y", "Site"], Window, Horizon, labelColumnName: "Count",
            futureCovariateColumnNames: ["Known"]);
        Assert.AreEqual(NumberDataViewType.Double, ((VectorDataViewType)windows.Schema["Count"].Type).ItemType);
        using var cursor = windows.GetRowCursor(windows.Schema);
        var (window, known, next) = (cursor.GetGetter<VBuffer<double>>(windows.Schema["Y"]), cursor.GetGetter<VBuffer<double>>(windows.Schema["Known"]),
            cursor.GetGetter<VBuffer<double>>(windows.Schema["Count"]));
        VBuffer<double> values = default;
        for (var first = 0; cursor.MoveNext(); first++)
        {
            window(ref values);
            for (var step = 0; step < Window; step++)
            {
                Assert.AreEqual(days[first + step].Y, values.GetItemOrDefault(2 * step), 1e-6);
                Assert.AreEqual(1e8, values.GetItemOrDefault(2 * step + 1));
            }
            known(ref values);
            for (var step = 0; step < Window + Horizon; step++) Assert.AreEqual(days[first + step].Known, values.GetItemOrDefault(step), 1e-6);
            next(ref values);
            for (var step = 0; step < Horizon; step++) Assert.AreEqual(days[first + Window + step].Count, values.GetItemOrDefault(step));
        }
    }

    [TestMethod]
    public void What_stays_Single_is_told()
    {
        var own = new ForecasterFixture<Meter, Answer>(() => new()
        {
            Input = new SeriesInputOptions { InputColumnName = "Y", WindowSize = Window }, Horizon = Horizon,
            Stopping = { MaximumNumberOfEpochs = 1 },
        });
        using var seen = new SeenWarnings(own.Context);
        var rows = Enumerable.Range(0, 200).Select(day => new Meter { Y = 123_456_789 + day % 7 }).ToArray();
        own.Fit(rows);
        Assert.IsEmpty(seen.Messages.Where(warning => warning.Contains("can be told apart")));
        foreach (var change in (Action<Options>[])
        [
            options => options.Normalization.Window = WindowNormalization.Mean,
            options => options.Normalization.TargetTransform = TargetTransform.Log1p,
            options => options.Likelihood = ForecastLikelihood.NegativeBinomial,
        ])
        {
            var before = seen.Messages.Length;
            own.Fit(rows, change);
            var warning = seen.Messages.Skip(before).Single(text => text.Contains("can be told apart"));
            StringAssert.Contains(warning, "The column 'Y' has 7 distinct values, of which 1 can be told apart");
        }
    }

    [TestMethod]
    public void Numbers_that_a_Single_holds_keep_its_path()
    {
        var rows = Meters(20);
        var model = Forecaster.Fit(rows);
        Assert.IsTrue(model.Model.Manifest.Inputs.All(input => input.Origins.IsEmpty));
        NumberAssert.IsLessThan(0.02, ErrorOf(Forecaster.Forecast(model, rows)[^1].Forecast, 20));
    }
}
