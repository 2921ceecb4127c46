using Microsoft.ML.Data;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.Recurrent.Model;

namespace Microsoft.ML.Recurrent.Tests.Forecasting;

/// <summary>Forecasters that regress on what is known ahead, where they are used: exported graphs, engines, files, further training, streamed rows.</summary>
[TestClass]
public sealed class RegressionDeploymentTests
{
    private const int Window = 24, Horizon = 4;
    private const double Level = 123_456_789;

    private static readonly ForecasterFixture<Hour, Answer> Forecaster = new(() => new()
    {
        Input = new SeriesInputOptions
        {
            InputColumnName = "Load", FutureCovariateColumnNames = ["Temperature", "Day"], TimeColumnName = "Time", SeriesColumnNames = ["Site"],
            WindowSize = Window,
        },
        Horizon = Horizon,
        Network = { HiddenSize = 16 },
        Optimizer = { LearningRate = 1e-2f },
        Stopping = { MaximumNumberOfEpochs = 20 },
        Seed = 1,
    });

    private static readonly Lazy<RecurrentForecastingTransformer> Trained = new(() => Forecaster.Fit(Hours(900)));

    private sealed class Hour
    {
        public string Site { get; set; } = "";
        public DateTime Time { get; set; }
        public float Load { get; set; }
        public double Exact { get; set; }
        public float Temperature { get; set; }
        public double Degrees { get; set; }
        public string Day { get; set; } = "";
    }

    private sealed class Answer
    {
        public float[] Forecast { get; set; } = [];
    }

    private sealed class ExactAnswer
    {
        public double[] Forecast { get; set; } = [];
    }

    /// <summary>Loads of two sites that depend on how far the temperature is from 0 and on the half of the day.</summary>
    private static Hour[] Hours(int count, int seed = 1)
    {
        var random = new Random(seed);
        return
        [
            .. from site in (string[])["north", "south"]
               from t in Enumerable.Range(0, count)
               let temperature = 2 * random.NextSingle() - 1
               let load = (site == "north" ? 50 : 30) * Math.Abs(temperature) + (t % 24 < 12 ? 0 : 20)
               select new Hour
               {
                   Site = site, Time = new DateTime(2026, 1, 1).AddHours(t), Temperature = temperature, Degrees = 1e9 + temperature,
                   Day = t % 24 < 12 ? "am" : "pm",
                   Load = 100 + (float)load, Exact = Level + load,
               },
        ];
    }

    private static double Error(ITransformer model, Hour[] hours)
    {
        var forecasts = Forecaster.Forecast(model, hours);
        return Enumerable.Range(Window, hours.Length / 2 - Window - Horizon)
            .Average(row => Enumerable.Range(0, Horizon).Average(step => Math.Abs(forecasts[row - 1].Forecast[step] - hours[row + step].Load)));
    }

    [TestMethod]
    public void What_is_known_ahead_is_learned() => NumberAssert.IsLessThan(4, Error(Trained.Value, Hours(200, seed: 2)));

    [TestMethod]
    [DataRow(11, OnnxPrecision.Single)]
    [DataRow(13, OnnxPrecision.Single)]
    [DataRow(17, OnnxPrecision.Single)]
    [DataRow(22, OnnxPrecision.Single)]
    [DataRow(26, OnnxPrecision.Single)]
    [DataRow(17, OnnxPrecision.HalfWeights)]
    [DataRow(17, OnnxPrecision.Half)]
    [DataRow(17, OnnxPrecision.Int8Weights)]
    [DataRow(17, OnnxPrecision.Int8)]
    public void An_exported_graph_answers_as_transform_does(int opset, OnnxPrecision precision)
    {
        var hours = Hours(80, seed: 3);
        var expected = Forecaster.Forecast(Trained.Value, hours);
        using var file = new MemoryStream();
        var report = Trained.Value.Model.ExportToOnnx(file, new() { Opset = opset, Precision = precision, EvaluationData = Forecaster.Load(hours) });
        using var session = new InferenceSession(file.ToArray());
        for (var origin = Window; origin < 40; origin += 5)
        {
            var answers = Ask<float>(session, Trained.Value.Model.Manifest, hours, origin);
            for (var step = 0; step < Horizon; step++)
            {
                var allowed = precision is OnnxPrecision.Single ? 1e-4 * Math.Abs(expected[origin - 1].Forecast[step])
                    : 1e-3 + report.Outputs[0].MaximumAbsoluteError;
                Assert.AreEqual(expected[origin - 1].Forecast[step], answers[step], allowed, $"origin {origin}, step {step}");
            }
        }
        // Loads lie between 100 and 170.
        if (precision is not OnnxPrecision.Single) NumberAssert.IsLessThan(1, report.Outputs[0].MeanAbsoluteError, report.ToString());
    }

    [TestMethod]
    [DataRow(OnnxPrecision.Single)]
    [DataRow(OnnxPrecision.Half)]
    [DataRow(OnnxPrecision.Int8)]
    public void So_does_one_that_takes_doubles(OnnxPrecision precision)
    {
        var hours = Hours(300);
        var fixture = new ForecasterFixture<Hour, ExactAnswer>(() => throw new NotSupportedException());
        var model = fixture.Fit(hours, new()
        {
            Input = new SeriesInputOptions
            {
                InputColumnName = "Exact", FutureCovariateColumnNames = ["Degrees", "Day"], TimeColumnName = "Time", SeriesColumnNames = ["Site"],
                WindowSize = Window,
            },
            Horizon = Horizon,
            Network = { HiddenSize = 16 },
            Optimizer = { LearningRate = 1e-2f },
            Stopping = { MaximumNumberOfEpochs = 12 },
            Output = { DoubleColumns = true },
            Seed = 1,
        });
        Assert.IsNotNull(model.Model.Description.DynamicRegression);
        Assert.AreEqual(2, model.Model.Manifest.Inputs.Count(input => input.Kind is InputKind.Sequence && !input.Origins.IsEmpty));
        var expected = fixture.Forecast(model, hours);
        using var file = new MemoryStream();
        var report = model.Model.ExportToOnnx(file, new() { Precision = precision, EvaluationData = fixture.Load(hours) });
        using var session = new InferenceSession(file.ToArray());
        for (var origin = Window; origin < 250; origin += 25)
        {
            var answers = Ask<double>(session, model.Model.Manifest, hours, origin);
            for (var step = 0; step < Horizon; step++)
            {
                // Beside the level, which is none of the network's.
                var allowed = precision is OnnxPrecision.Single ? 1e-4 * Math.Abs(expected[origin - 1].Forecast[step] - Level) + 1e-4
                    : 1e-2 + report.Outputs[0].MaximumAbsoluteError;
                Assert.AreEqual(expected[origin - 1].Forecast[step], answers[step], allowed, $"origin {origin}, step {step}");
            }
        }
        if (precision is not OnnxPrecision.Single) NumberAssert.IsLessThan(1, report.Outputs[0].MeanAbsoluteError, report.ToString());
    }

    [TestMethod]
    public void An_engine_answers_as_transform_does_also_from_a_file()
    {
        var hours = Hours(80, seed: 4);
        var expected = Forecaster.Forecast(Trained.Value, hours);
        var loaded = Forecaster.Reload(Trained.Value, hours);
        CollectionAssert.AreEqual(expected.SelectMany(answer => answer.Forecast).ToArray(),
            Forecaster.Forecast(loaded, hours).SelectMany(answer => answer.Forecast).ToArray());
        foreach (var model in (ITransformer[])[Trained.Value, loaded])
        {
            using var engine = model.CreateForecastEngine(Forecaster.Context);
            foreach (var site in (string[])["north", "south"])
            {
                var own = Enumerable.Range(0, hours.Length).Where(row => hours[row].Site == site).ToArray();
                engine.Observe(Forecaster.Load(own[..50].Select(row => hours[row])));
                Hour[] ahead = [.. own[50..(50 + Horizon)].Select(row => new Hour
                {
                    Site = site, Time = hours[row].Time, Load = float.NaN, Temperature = hours[row].Temperature, Day = hours[row].Day,
                })];
                var forecast = engine.Predict(Forecaster.Load(ahead), site);
                for (var step = 0; step < Horizon; step++)
                    Assert.AreEqual(expected[own[49]].Forecast[step], forecast.Values[step], 1e-5 * expected[own[49]].Forecast[step], site);
            }
        }
    }

    [TestMethod]
    public void Further_training_goes_on_from_its_weights()
    {
        var hours = Hours(300, seed: 5);
        var before = Forecaster.Forecast(Trained.Value, hours);
        var tuned = Forecaster.Fit(hours, options => (options.Network.Initialization.Model, options.Optimizer.LearningRate,
            options.Stopping.MaximumNumberOfEpochs) = (Trained.Value.Model, 1e-12f, 1));
        Assert.AreNotSame(Trained.Value.Model, tuned.Model);
        var after = Forecaster.Forecast(tuned, hours);
        for (var row = Window - 1; row < hours.Length / 2 - Horizon; row++)
            for (var step = 0; step < Horizon; step++)
                Assert.AreEqual(before[row].Forecast[step], after[row].Forecast[step], 1e-4 * before[row].Forecast[step], $"row {row}, step {step}");
    }

    [TestMethod]
    public void Streamed_rows_are_learned_too()
    {
        var streamed = Forecaster.Fit(Hours(900), options => options.Series.MaximumRowsInMemory = 1000);
        CollectionAssert.AreEqual(Trained.Value.Model.Description.DynamicRegression!.ExponentialAverages.ToArray(),
            streamed.Model.Description.DynamicRegression!.ExponentialAverages.ToArray());
        NumberAssert.IsLessThan(4, Error(streamed, Hours(200, seed: 2)));
    }

    private sealed class Whole
    {
        [VectorType(Window)] public float[] Load { get; set; } = [];
        [VectorType(Window + Horizon)] public float[] Temperature { get; set; } = [];
        [VectorType(Horizon)] public float[] Next { get; set; } = [];
    }

    /// <summary>Rows that hold windows, the form that ML.NET converts.</summary>
    [TestMethod]
    public void A_converted_pipeline_answers_as_transform_does()
    {
        var hours = Hours(400)[..400];
        var rows = Enumerable.Range(0, 370).Select(first => new Whole
        {
            Load = [.. hours[first..(first + Window)].Select(hour => hour.Load)],
            Temperature = [.. hours[first..(first + Window + Horizon)].Select(hour => hour.Temperature)],
            Next = [.. hours[(first + Window)..(first + Window + Horizon)].Select(hour => hour.Load)],
        }).ToArray();
        var context = new MLContext(1);
        var data = context.Data.LoadFromEnumerable(rows);
        var model = context.Forecasting.ForecastByRecurrentNetwork(new()
        {
            Input = new WindowInputOptions
            {
                InputColumnName = "Load", LabelColumnName = "Next", FutureCovariateColumnNames = ["Temperature"], WindowSize = Window,
            },
            Horizon = Horizon,
            Network = { HiddenSize = 8 },
            Stopping = { MaximumNumberOfEpochs = 3 },
            Seed = 1,
        }).Fit(data);
        Assert.IsTrue(model.Model.Description.DynamicRegression!.ReadsWindow);
        var expected = model.Transform(data).GetColumn<float[]>("Forecast").ToArray();
        using var file = new MemoryStream();
        context.Model.ConvertToOnnx(model, data, file);
        using var session = new InferenceSession(file.ToArray());
        using OrtValue load = OrtValue.CreateTensorValueFromMemory(rows.SelectMany(row => row.Load).ToArray(), [rows.Length, Window]),
            temperature = OrtValue.CreateTensorValueFromMemory(rows.SelectMany(row => row.Temperature).ToArray(), [rows.Length, Window + Horizon]),
            next = OrtValue.CreateTensorValueFromMemory(rows.SelectMany(row => row.Next).ToArray(), [rows.Length, Horizon]);
        using var run = new RunOptions();
        var inputs = new Dictionary<string, OrtValue> { ["Load"] = load, ["Temperature"] = temperature, ["Next"] = next }
            .Where(input => session.InputNames.Contains(input.Key)).ToDictionary();
        using var answers = session.Run(run, inputs, ["Forecast.output"]);
        var actual = answers[0].GetTensorDataAsSpan<float>();
        for (var i = 0; i < actual.Length; i++)
            Assert.AreEqual(expected[i / Horizon][i % Horizon], actual[i], 1e-4 * Math.Abs(expected[i / Horizon][i % Horizon]), $"number {i}");
    }

    /// <summary>What a graph answers when the rows before <paramref name="origin"/> are known, given as its inputs want them.</summary>
    private static T[] Ask<T>(InferenceSession session, ModelManifest manifest, Hour[] hours, int origin)
        where T : unmanaged
    {
        var values = manifest.Inputs.ToDictionary(input => input.Name, input =>
        {
            var rows = input.Kind is InputKind.Future ? hours[origin..(origin + Horizon)] : hours[(origin - Window)..origin];
            long[] shape = input.IsCategory ? [1, rows.Length] : [1, rows.Length, 1];
            if (input.IsCategory)
            {
                var known = manifest.Forecast!.Categories.Single(category => category.Column == "Day").Values;
                return OrtValue.CreateTensorValueFromMemory(rows.Select(row => known.IndexOf(row.Day) + 1L).ToArray(), shape);
            }
            double[] numbers = [.. rows.Select(row => input.Column switch
            {
                "Load" => row.Load,
                "Exact" => row.Exact,
                "Temperature" => row.Temperature,
                "Degrees" => row.Degrees,
                _ => throw new NotSupportedException(input.Name),
            })];
            return session.InputMetadata[input.Name].ElementType == typeof(double)
                ? OrtValue.CreateTensorValueFromMemory(numbers, shape)
                : OrtValue.CreateTensorValueFromMemory(Array.ConvertAll(numbers, number => (float)number), shape);
        });
        using var run = new RunOptions();
        using var answers = session.Run(run, values, ["Forecast"]);
        foreach (var value in values.Values) value.Dispose();
        return answers[0].GetTensorDataAsSpan<T>().ToArray();
    }
}
