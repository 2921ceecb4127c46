using Microsoft.ML.Data;

namespace Microsoft.ML.Recurrent.Tests.Forecasting;

/// <summary>What forecasters and their engines say about options and rows.</summary>
[TestClass]
public sealed class ForecastMessageTests
{
    private static readonly MLContext Context = new(1);

    private sealed class Step
    {
        public DateTime Time { get; set; }
        public float Value { get; set; }
    }

    private sealed class Window
    {
        [VectorType(4)] public float[] Values { get; set; } = [1, 2, 3, 4];
        public float Label { get; set; }
    }

    [TestMethod]
    public void A_window_size_that_was_forgotten_has_to_be_set()
    {
        foreach (var fit in new Action[]
        {
            () => Context.Forecasting.ForecastByRecurrentNetwork(new() { Input = { InputColumnName = "Value" }, Horizon = 2 }),
            () => Context.Forecasting.ForecastByRecurrentNetwork(new()
            {
                Input = new WindowInputOptions { InputColumnName = "Value", LabelColumnName = "Next" }, Horizon = 2,
            }),
        })
        {
            var error = Assert.ThrowsExactly<ArgumentOutOfRangeException>(fit);
            Assert.AreEqual("Input.WindowSize", error.ParamName);
            StringAssert.Contains(error.Message, "Input.WindowSize must be set");
        }
    }

    [TestMethod]
    public void A_row_given_alone_has_no_number()
    {
        Step[] rows = [.. Enumerable.Range(0, 60).Select(i => new Step { Time = new DateTime(2026, 1, 1).AddHours(i), Value = i % 6 })];
        using var model = Context.Forecasting.ForecastByLstm("Forecast", "Value", 6, 2, "Time", hiddenSize: 2, maximumNumberOfEpochs: 1)
            .Fit(Context.Data.LoadFromEnumerable(rows));
        using var engine = model.CreateForecastEngine(Context);
        foreach (var row in rows) engine.Observe(row);
        var late = Assert.ThrowsExactly<ArgumentException>(() => engine.Observe(rows[5]));
        Assert.AreEqual("row", late.ParamName);
        StringAssert.Contains(late.Message, "The time column 'Time' of the given row (");
        StringAssert.Contains(late.Message, "is earlier than a previous row");
        Assert.DoesNotContain("Row 6", late.Message);
        // Rows of a view have numbers.
        var view = Assert.ThrowsExactly<ArgumentException>(() => engine.Observe(Context.Data.LoadFromEnumerable(rows[5..7])));
        StringAssert.Contains(view.Message, "The rows start at");
        Assert.DoesNotContain("given row", view.Message);
    }

    [TestMethod]
    public void A_row_of_a_prediction_engine_has_no_number()
    {
        var data = Context.Data.LoadFromEnumerable(Enumerable.Range(0, 20).Select(i => new Window { Values = [i, 1, 2, 3], Label = i }));
        using var model = Context.Regression.Trainers.Lstm("Label", "Values", hiddenSize: 2, maximumNumberOfEpochs: 1).Fit(data);
        using var engine = Context.Model.CreatePredictionEngine<Window, RegressionPrediction>(model);
        engine.Predict(new());
        engine.Predict(new());
        var error = Assert.Throws<Exception>(() => engine.Predict(new() { Values = [1, 2] }));
        while (error.InnerException is { } inner) error = inner;
        Assert.AreEqual("row", ((ArgumentException)error).ParamName);
        StringAssert.Contains(error.Message, "The feature column 'Values' of the given row holds 2 steps");
    }

    [TestMethod]
    public void An_array_that_is_null_is_said_to_be()
    {
        var rows = Enumerable.Range(0, 20).Select(i => new Window { Values = [i, 1, 2, 3], Label = i }).ToArray();
        using var model = Context.Regression.Trainers.Lstm("Label", "Values", hiddenSize: 2, maximumNumberOfEpochs: 1)
            .Fit(Context.Data.LoadFromEnumerable(rows));
        rows[7].Values = null!;
        var error = Assert.ThrowsExactly<ArgumentException>(
            () => model.Transform(Context.Data.LoadFromEnumerable(rows)).GetColumn<float>("Score").ToArray());
        StringAssert.Contains(error.Message, "Row 7 of the feature column 'Values' holds 0 steps (it is null or empty), but ");
    }

    private sealed class RegressionPrediction
    {
        public float Score { get; set; }
    }
}
