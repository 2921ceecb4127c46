using Microsoft.ML.Data;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Tests.Forecasting;

[TestClass]
public sealed class WindowForecastingTests
{
    private static readonly MLContext Context = new(1);

    private sealed class WindowRow
    {
        [VectorType(12)] public float[] Window { get; set; } = [];
        [VectorType(4)] public float[] Value { get; set; } = [];
    }

    private sealed class Answer
    {
        public float[] Forecast { get; set; } = [];
    }

    private static RecurrentForecastingEstimator.Options Options => new()
    {
        Input = new WindowInputOptions { InputColumnName = "Window", LabelColumnName = "Value", WindowSize = 12 },
        Horizon = 4,
        Network = { HiddenSize = 24 },
        Optimizer = { LearningRate = 5e-3f },
        Stopping = { MaximumNumberOfEpochs = 30 },
        Seed = 3,
    };

    private static IDataView Windows(int length) =>
        Context.Data.CreateWindows(Context.Data.LoadFromEnumerable(ForecastingTests.Waves(length)), "Window", ["Value"], 12, 4,
        labelColumnName: "Value", seriesColumnName: "Series", timeColumnName: "Time");

    [TestMethod]
    public void Windows_in_rows_are_learned_and_scored_one_by_one()
    {
        var data = Windows(300);
        var model = Context.Forecasting.ForecastByRecurrentNetwork(Options).Fit(data);
        var forecasts = model.Transform(data).GetColumn<float[]>("Forecast").ToArray();
        var truth = data.GetColumn<float[]>("Value").ToArray();
        var error = forecasts.Zip(truth, (f, t) => f.Zip(t, (x, y) => Math.Abs(x - y)).Average()).Average();
        NumberAssert.IsLessThan(1.0, error);
        using var engine = Context.Model.CreatePredictionEngine<WindowRow, Answer>(model);
        var windows = data.GetColumn<float[]>("Window").ToArray();
        for (var i = 0; i < 20; i++)
        {
            var answer = engine.Predict(new() { Window = windows[i], Value = truth[i] }).Forecast;
            for (var h = 0; h < 4; h++) Assert.AreEqual(forecasts[i][h], answer[h], 1e-3f);
        }
    }

    [TestMethod]
    public void Folds_of_windows_can_be_trained_and_scored()
    {
        var options = Options;
        options.Stopping.MaximumNumberOfEpochs = 3;
        // ML.NET has no CrossValidate of forecasts: its folds do, since rows are independent.
        foreach (var fold in Context.Data.CrossValidationSplit(Windows(150), numberOfFolds: 3, seed: 1))
        {
            var scored = Context.Forecasting.ForecastByRecurrentNetwork(options).Fit(fold.TrainSet).Transform(fold.TestSet);
            Assert.IsTrue(scored.GetColumn<float[]>("Forecast").All(forecast => forecast.All(float.IsFinite)));
        }
    }

    [TestMethod]
    public void A_window_of_another_size_is_an_error_before_training()
    {
        var options = Options;
        options.Input.WindowSize = 13;
        var error = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Context.Forecasting.ForecastByRecurrentNetwork(options).Fit(Windows(100)));
        StringAssert.Contains(error.Message, "'Window'");
        StringAssert.Contains(error.Message, "Vector<Single, 13>");
        (options.Input.WindowSize, options.Horizon) = (12, 3);
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentOutOfRangeException>(
            () => Context.Forecasting.ForecastByRecurrentNetwork(options).Fit(Windows(100))).Message, "'Value'");
    }
}
