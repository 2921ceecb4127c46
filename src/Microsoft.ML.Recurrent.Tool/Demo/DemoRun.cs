using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using Microsoft.ML.Recurrent.Tool.Commands;
using Microsoft.ML.Recurrent.Tool.Output;
using Microsoft.ML.Recurrent.Workbench.Reports;
using Spectre.Console;

namespace Microsoft.ML.Recurrent.Tool.Demo;

/// <summary>The demo, from data to files. The held-out months are used only to measure the forecasts.</summary>
internal static class DemoRun
{
    /// <summary>Held-out months, forecast all at once.</summary>
    public const int HeldOut = 24;

    public const string ModelFile = "airline.zip", OnnxFile = "airline.onnx", PageFile = "report.html", PictureFile = "forecast.svg";

    public static async Task<int> RunAsync(CommandRun run, DemoOptions options, CancellationToken cancellation)
    {
        var console = run.Progress;
        var start = Stopwatch.GetTimestamp();
        options.Output.Create();
        var months = AirlinePassengers.Months;
        var training = months.AsMemory()[..^HeldOut];
        console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"Airline passengers, {months[0].Time:MMM yyyy} to {months[^1].Time:MMM yyyy}: {training.Length} training months, the last {HeldOut} held "
                + $"out."));

        var forecaster =
            await TrainingView.RunAsync(console, "Training", progress => DemoForecaster.Train(training, HeldOut, options, progress, cancellation));
        cancellation.ThrowIfCancellationRequested();

        var model = PathOf(ModelFile);
        forecaster.Save(model);
        forecaster.Model.ExportToOnnx(PathOf(OnnxFile));
        // Measures what a user of the file gets: the model as loaded, scored by ONNX Runtime.
        var forecast = DemoForecaster.Forecast(model, training);

        double[] known = [.. training.ToArray().Select(month => month.Value)];
        var lines = new List<ForecastLine> { Line("LSTM", forecast.Values) with { Interval = forecast.Interval,
            ConfidenceLevel = DemoForecaster.ConfidenceLevel } };
        foreach (var baseline in (ForecastBaseline[])[ForecastBaseline.LastValue, ForecastBaseline.SeasonalNaive, new SeasonalGrowthBaseline(),
            ForecastBaseline.Theta, ForecastBaseline.Ets])
        {
            var values = new double[HeldOut];
            baseline.Forecast(known, AirlinePassengers.Season, values);
            lines.Add(Line(baseline.Name, values));
        }
        cancellation.ThrowIfCancellationRequested();

        var report = Describe(lines, forecaster, options);
        await PageRenderer.WriteAsync(PathOf(PageFile), await PageRenderer.RenderAsync(report), cancellation);
        await PageRenderer.WriteAsync(PathOf(PictureFile), await PageRenderer.RenderAsync(ForecastCharts.Forecast(report)), cancellation);

        var elapsed = Stopwatch.GetElapsedTime(start).TotalSeconds;
        return run.Finish(() => new
        {
            folder = options.Output.FullName,
            seconds = elapsed,
            files = report.Files.Prepend((PageFile, "")).Select(static file => file.Item1),
            forecasts = lines.Select(static line => new { line.Name, line.Errors }),
        }, result =>
        {
            result.Write(ErrorTable.Build($"Errors over the {HeldOut} held-out months (thousands of passengers)", lines));
            result.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Done in {elapsed:0.0} s. Written to {options.Output.FullName}:"));
            foreach (var (name, purpose) in report.Files.Prepend((PageFile, "the forecast as a web page"))) result.WriteLine($"  {name,-13} {purpose}");
        });

        string PathOf(string name) => Path.Combine(options.Output.FullName, name);

        ForecastLine Line(string name, double[] values)
        {
            SeriesValue[] actual = [.. months[^HeldOut..]];
            return new(name, [.. actual.Zip(values, (month, value) => month with { Value = value })],
                ForecastMetrics.Measure([.. actual.Select(month => month.Value)], values, known, AirlinePassengers.Season));
        }
    }

    private static ForecastReport Describe(List<ForecastLine> lines, DemoForecaster forecaster, DemoOptions options) => new()
    {
        Title = "Airline passengers, two years ahead",
        Introduction = $"Monthly totals of international airline passengers, 1949 to 1960 (Box and Jenkins 1976). {DemoForecaster.Description} " +
            $"It was trained on the first {AirlinePassengers.Months.Length - HeldOut} months and forecast the last {HeldOut}, which it never saw, at once.",
        Unit = "Passengers (thousands)",
        Series = AirlinePassengers.Months,
        HeldOutFrom = AirlinePassengers.Months[^HeldOut].Time,
        Forecasts = [.. lines],
        Training = forecaster.Model.History,
        ModelSummary = forecaster.Model.Summary(),
        Facts =
        [
            .. DemoForecaster.Facts,
            ("Seed", options.Seed.ToString(CultureInfo.InvariantCulture)),
            ("Maximum number of epochs", options.MaximumNumberOfEpochs.ToString(CultureInfo.InvariantCulture)),
            ("Training", string.Create(CultureInfo.InvariantCulture, $"{forecaster.Model.History.Elapsed?.TotalSeconds:0.0} s")),
        ],
        Files =
        [
            (ModelFile, "the whole ML.NET pipeline: mlContext.Model.Load restores it"),
            (OnnxFile, "the network as an ONNX graph, for any ONNX runtime"),
            (PictureFile, "the chart as an image"),
        ],
    };
}
