using System.Text.Json;
using Microsoft.ML.Recurrent.Forecasting.Evaluation.Smoothing;

namespace Microsoft.ML.Recurrent.Tests.Forecasting.Evaluation;

/// <summary>
/// Theta, exponential smoothing and ETS: against R's package forecast 8.20, against cases that can be worked out by hand, and on series at the edge.
/// </summary>
[TestClass]
public sealed class SmoothingBaselineTests
{
    private static readonly ForecastBaseline[] s_fitted = [ForecastBaseline.Theta, ForecastBaseline.SimpleExponentialSmoothing, ForecastBaseline.DampedHolt,
        ForecastBaseline.Ets];

    private static readonly MLContext Context = new(1);

    public static IEnumerable<object[]> Golden() => Enumerable.Range(0, 4).Select(i => new object[] { i });

    [TestMethod]
    [DynamicData(nameof(Golden))]
    public void They_forecast_as_r_does(int index)
    {
        var golden = Case(index);
        var (history, period) = (Numbers(golden.GetProperty("history")), golden.GetProperty("period").GetInt32());
        Close(Numbers(golden.GetProperty("thetaf")), ForecastBaseline.Theta, "Theta");
        Close(Numbers(golden.GetProperty("ses").GetProperty("mean")), ForecastBaseline.SimpleExponentialSmoothing, "SES");
        Close(Numbers(golden.GetProperty("holtDamped").GetProperty("mean")), ForecastBaseline.DampedHolt, "damped Holt");
        Close(Numbers(golden.GetProperty("snaive")), ForecastBaseline.SeasonalNaive, "seasonal naive", 1e-9);
        Close(Numbers(golden.GetProperty("drift")), ForecastBaseline.Drift, "drift", 1e-6);

        void Close(double[] expected, ForecastBaseline baseline, string name, double tolerance = 0.01)
        {
            var actual = new double[expected.Length];
            baseline.Forecast(history, period, actual);
            for (var i = 0; i < actual.Length; i++) Assert.AreEqual(expected[i], actual[i], tolerance * Math.Abs(expected[i]), $"{name}, step {i + 1}");
        }
    }

    /// <summary>
    /// R's search ends before the peak of the likelihood where there are many states; ours may find a form of a lower AICc, never one of a higher.
    /// </summary>
    [TestMethod]
    [DynamicData(nameof(Golden))]
    public void Ets_chooses_a_form_of_no_higher_aicc_than_r(int index)
    {
        var golden = Case(index);
        var (history, period, expected) = (Numbers(golden.GetProperty("history")), golden.GetProperty("period").GetInt32(), golden.GetProperty("ets"));
        var model = SmoothingFit.Choose(history, period);
        var (aicc, form) = (expected.GetProperty("aicc").GetDouble(), expected.GetProperty("method").GetString());
        Assert.IsTrue(model.CorrectedAic <= aicc + 1e-3, $"{model.Form}: {model.CorrectedAic}, R's {form}: {aicc}");
        // R's own form, fitted here, forecasts as R does.
        var own = SmoothingFit.TryFit(SmoothingForm.All.Single(candidate => candidate.ToString() == form), history, period)!;
        Assert.IsTrue(own.CorrectedAic <= aicc + 1e-3, $"{form}: {own.CorrectedAic}, R: {aicc}");
        var actual = new double[expected.GetProperty("mean").GetArrayLength()];
        Assert.IsTrue(own.TryForecast(history, actual));
        foreach (var (r, ours) in Numbers(expected.GetProperty("mean")).Zip(actual)) Assert.AreEqual(r, ours, 0.01 * Math.Abs(r), $"{form}");
    }

    /// <summary>Of a straight line the trend is known; SES lags behind it, Theta goes on with half its slope.</summary>
    [TestMethod]
    public void Trends_go_on()
    {
        double[] line = [.. Enumerable.Range(0, 40).Select(i => 10 + 2.0 * i)];
        var steps = Forecast(ForecastBaseline.Ets, line, 1, 3);
        for (var i = 0; i < 3; i++) Assert.AreEqual(90 + 2 * i, steps[i], 0.05);
        steps = Forecast(ForecastBaseline.Theta, line, 1, 3);
        Assert.AreEqual(1, steps[1] - steps[0], 1e-3, "half of the slope");
        foreach (var step in Forecast(ForecastBaseline.SimpleExponentialSmoothing, line, 1, 3))
            Assert.AreEqual(88, step, 0.1, "the last value, where every value is a surprise in one direction");
    }

    [TestMethod]
    public void Seasons_are_learned()
    {
        double[] week = [5, 7, 9, 11, 9, 4, 3];
        double[] history = [.. Enumerable.Range(0, 70).Select(i => week[i % 7] + 0.001 * (i * 37 % 11))];
        foreach (var baseline in (ForecastBaseline[])[ForecastBaseline.Theta, ForecastBaseline.Ets])
        {
            var steps = Forecast(baseline, history, 7, 14);
            for (var i = 0; i < 14; i++) Assert.AreEqual(week[i % 7], steps[i], 0.1, $"{baseline}, step {i + 1}");
        }
    }

    [TestMethod]
    [DataRow(new[] { 4.0 }, 1)]
    [DataRow(new[] { 4.0, 5 }, 12)]
    [DataRow(new[] { 4.0, 5, 3 }, 1)]
    [DataRow(new[] { 0.0, 0, 0, 0, 0, 0, 0, 0 }, 2)]
    [DataRow(new[] { -5.0, 3, -2, 8, -5, 3, -2, 8, -5, 3, -2, 8, -5 }, 4)]
    [DataRow(new[] { 1e300, 1.1e300, 0.9e300, 1e300, 1.2e300, 1e300, 1e300 }, 1)]
    [DataRow(new[] { 1e-300, 2e-300, 1e-300, 2e-300, 1e-300, 2e-300, 1e-300 }, 2)]
    [DataRow(new[] { 1.0, 2, 3, 4, 5, 6, 7, 8, 9, 10 }, 500)]
    public void Every_history_has_a_finite_forecast(double[] history, int season)
    {
        foreach (var baseline in s_fitted)
            foreach (var step in Forecast(baseline, history, season, 5)) Assert.IsTrue(double.IsFinite(step), $"{baseline}: {step}");
    }

    [TestMethod]
    public void Constant_series_go_on()
    {
        foreach (var baseline in s_fitted)
            foreach (var step in Forecast(baseline, [.. Enumerable.Repeat(7.5, 60)], 12, 4)) Assert.AreEqual(7.5, step, 1e-9, $"{baseline}");
    }

    [TestMethod]
    public void Wrong_histories_are_refused()
    {
        foreach (var baseline in s_fitted)
        {
            Assert.AreEqual("history", Assert.ThrowsExactly<ArgumentException>(() => Forecast(baseline, [], 1, 1)).ParamName);
            var error = Assert.ThrowsExactly<ArgumentException>(() => Forecast(baseline, [1, double.NaN, 2], 1, 1));
            Assert.AreEqual("history", error.ParamName);
            StringAssert.Contains(error.Message, "value 1 is NaN: fill missing values first");
            Assert.AreEqual("season", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Forecast(baseline, [1, 2, 3], 0, 1)).ParamName);
        }
    }

    /// <summary>
    /// In a large back-test parameters are kept: forecasts are made from all values up to the origin, so they still follow a shift of level, and a back-test of
    /// few origins is the same as forecasts by hand.
    /// </summary>
    [TestMethod]
    [DataRow(20)]
    [DataRow(600)]
    public void Back_tests_forecast_from_the_whole_history(int origins)
    {
        SeriesRow[] rows =
            [.. Enumerable.Range(0, 800).Select(i => new SeriesRow { Time = new DateTime(2026, 1, 1).AddDays(i), Value = (i < 500 ? 10 : 60) + i * 37 % 11 })];
        var options = new BackTestOptions
        {
            TargetColumnName = "Value", TimeColumnName = "Time", Horizon = TestForecasters.Horizon, NumberOfOrigins = origins,
            Stride = 1, Season = 1, Baselines = s_fitted
        };
        var result = Context.Forecasting.BackTest(Context.Data.LoadFromEnumerable(rows), TestForecasters.LastValue(Context), options);
        foreach (var baseline in s_fitted)
        {
            var last = result[baseline.Name].Forecasts.MaxBy(forecast => forecast.Origin.Index)!;
            var history = rows.Where(row => row.Time <= last.Origin.Time).Select(row => (double)row.Value).ToArray();
            var expected = Forecast(baseline, history, 1, TestForecasters.Horizon);
            // What a fit of its own gives; with kept parameters near it, far from the old level.
            for (var i = 0; i < expected.Length; i++)
                Assert.AreEqual(expected[i], last.Forecast.Span[i], origins > 500 ? 8 : 1e-3 * Math.Abs(expected[i]), $"{baseline}, step {i + 1}");
        }
    }

    private static double[] Forecast(ForecastBaseline baseline, double[] history, int season, int steps)
    {
        var forecast = new double[steps];
        baseline.Forecast(history, season, forecast);
        return forecast;
    }

    private static JsonElement Case(int index) =>
        JsonDocument.Parse(File.ReadAllText(SharedFolder.Find("cases", "baselines.json"))).RootElement.GetProperty("cases")[index];

    private static double[] Numbers(JsonElement array) => [.. array.EnumerateArray().Select(number => number.GetDouble())];
}
