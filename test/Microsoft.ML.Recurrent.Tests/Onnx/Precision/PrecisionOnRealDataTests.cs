using Microsoft.ML.Data;

namespace Microsoft.ML.Recurrent.Tests.Onnx.Precision;

/// <summary>
/// What fewer bits cost on real data: a classifier's accuracy and a forecaster's squared error, scored from the exported files by ApplyRecurrentOnnx.
/// </summary>
[TestClass]
public sealed class PrecisionOnRealDataTests
{
    private const int Window = 96, Horizon = 24;

    private static readonly OnnxPrecision[] s_precisions = Enum.GetValues<OnnxPrecision>();

    private readonly MLContext _context = new(1);

    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    public void Japanese_vowels()
    {
        IDataView Load(string file) =>
            _context.Data.GroupIntoSequences(_context.Data.LoadFromTextFile<Step>(SharedFolder.Find("data", "japanese_vowels", file), ',', hasHeader: true),
            "Features", [nameof(Step.Coefficients)], nameof(Step.Series), nameof(Step.Time));
        var transformer = _context.Transforms.Conversion.MapValueToKey("Label", nameof(Step.Speaker))
            .Append(_context.MulticlassClassification.Trainers.Lstm("Label", "Features")).Fit(Load("train.csv"));
        var test = transformer.Transform(Load("test.csv"));
        var expected = _context.MulticlassClassification.Evaluate(test).MicroAccuracy;
        uint[] labels = [.. test.GetColumn<uint>("Label")];
        var rows = Load("test.csv");
        WithFile(path =>
        {
            foreach (var precision in s_precisions)
            {
                var report = transformer.LastTransformer.Model.ExportToOnnx(path, new() { Precision = precision, EvaluationData = rows });
                using var scorer = _context.Transforms.ApplyRecurrentOnnx(["Score"], ["Features"], path, lengthColumnName: "sequence_length").Fit(rows);
                float[][] scores = [.. scorer.Transform(rows).GetColumn<float[]>("Score")];
                var accuracy = scores.Zip(labels, (score, label) => Array.IndexOf(score, score.Max()) + 1 == label ? 1d : 0).Average();
                TestContext.WriteLine($"accuracy {accuracy:F4} (of the model {expected:F4}) {report}");
                Assert.AreEqual(expected, accuracy, precision is OnnxPrecision.Single ? 1e-9 : 0.011, precision.ToString());
                NumberAssert.IsGreaterThan(0.94, accuracy);
                Assert.AreEqual(new FileInfo(path).Length, report.FileSize);
                if (precision is OnnxPrecision.Single) continue;
                var label = report.Outputs.Single(output => output.Name == "PredictedLabel");
                NumberAssert.IsGreaterThan(0.98, label.Agreement, report.ToString());
                Assert.AreEqual(labels.Length, report.Rows);
            }
        });
    }

    [TestMethod]
    public void Etth1()
    {
        var rows = _context.Data.LoadFromTextFile<Hour>(SharedFolder.Find("data", "ett", "ETTh1.csv"), ',', hasHeader: true);
        IDataView Part(int skip, int take) => _context.Data.TakeRows(_context.Data.SkipRows(rows, skip), take);
        var transformer = _context.Forecasting.ForecastByRecurrentNetwork(new()
        {
            Input = { InputColumnName = nameof(Hour.OilTemperature), WindowSize = Window },
            Horizon = Horizon,
            Network = { HiddenSize = 64 },
            Optimizer = { BatchSize = 64 },
            Stopping = { MaximumNumberOfEpochs = 2 },
            Seed = 1,
        }).Fit(_context.Data.TakeRows(rows, 8640));
        var test = Part(11520 - Window, Window + 1500);
        float[] truth = [.. test.GetColumn<float>(nameof(Hour.OilTemperature))];
        double Error(IReadOnlyList<float[]> forecasts) =>
            forecasts.Select((forecast, i) => forecast.Select((value, h) => Math.Pow((value - truth[i + Window + h]) / 9.18, 2)).Average()).Average();
        var expected = Error([.. transformer.Transform(test).GetColumn<float[]>("Forecast").Skip(Window - 1).SkipLast(Horizon)]);
        NumberAssert.IsLessThan(0.08, expected);
        var windows = _context.Data.CreateWindows(test, "Window", [nameof(Hour.OilTemperature)], Window, Horizon, labelColumnName: nameof(Hour.OilTemperature));
        WithFile(path =>
        {
            foreach (var precision in s_precisions)
            {
                var report = transformer.Model.ExportToOnnx(path, new() { Precision = precision, EvaluationData = test });
                using var scorer = _context.Transforms.ApplyRecurrentOnnx(["Forecast"], ["Window"], path).Fit(windows);
                var error = Error([.. scorer.Transform(windows).GetColumn<float[]>("Forecast")]);
                TestContext.WriteLine($"MSE {error:F5} (of the model {expected:F5}) {report}");
                Assert.AreEqual(expected, error, precision is OnnxPrecision.Single ? 1e-6 : precision is OnnxPrecision.Half or OnnxPrecision.HalfWeights
                    ? 1e-4
                    : 0.02 * expected, precision.ToString());
                Assert.AreEqual(precision is OnnxPrecision.Single ? 0 : 1501, report.Rows);
            }
        });
    }

    private static void WithFile(Action<string> use)
    {
        var path = Path.GetTempFileName();
        try
        {
            use(path);
        }
        finally
        {
            File.Delete(path);
        }
    }

    private sealed class Step
    {
        [LoadColumn(0)]
        public int Series { get; set; }

        [LoadColumn(1)]
        public string Speaker { get; set; } = "";

        [LoadColumn(2)]
        public float Time { get; set; }

        [LoadColumn(3, 14), VectorType(12)]
        public float[] Coefficients { get; set; } = [];
    }

    private sealed class Hour
    {
        [LoadColumn(7)]
        public float OilTemperature { get; set; }
    }
}
