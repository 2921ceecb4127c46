using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Recurrent;
using Microsoft.ML.Recurrent.Benchmarks.Accuracy;

// <program> SET SEED THREADS DATA: trains one forecaster and prints one line of JSON.
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
var (name, seed, threads, folder) = (args[0], int.Parse(args[1]), int.Parse(args[2]), args[3]);
var context = new MLContext(seed);
var set = AccuracySets.Read(name, folder);
var (train, validation) = (set.View(context, set.Train), set.Validation is { } held ? set.View(context, held) : null);
var options = set.Options();
var clock = new Stopwatch();
List<EpochFigures> epochs = [];
(options.Seed, options.NumberOfThreads) = (seed, threads);
options.Logging.Progress = new Callback(progress =>
{
    if (progress.EpochEnded) epochs.Add(new(clock.Elapsed.TotalSeconds, progress.Elapsed.TotalSeconds, progress.Loss, progress.ValidationLoss ?? double.NaN));
});

clock.Start();
var model = context.Forecasting.ForecastByRecurrentNetwork(options).Fit(train, validation);
var seconds = clock.Elapsed.TotalSeconds;
using var process = Process.GetCurrentProcess();
var peak = process.PeakWorkingSet64 / 1048576.0;

clock.Restart();
var forecasts = Forecasts(set.Test);
var scoring = clock.Elapsed.TotalSeconds;
double? validationError = set.Validation is { } rows ? set.Error(rows, Forecasts(rows)) : null;
var figures = new RunFigures(name, seed, seconds, epochs, model.Model.History.BestEpoch, set.Metric, set.Error(set.Test, forecasts), validationError, peak,
    scoring);
Console.WriteLine(JsonSerializer.Serialize(figures, JsonSerializerOptions.Web));

float[][] Forecasts(SeriesRow[] rows) => [.. model.Transform(set.View(context, rows)).GetColumn<float[]>("Forecast")];

/// <summary>Reports on the training thread; <see cref="Progress{T}"/> would report later.</summary>
internal sealed class Callback(Action<TrainingProgress> report) : IProgress<TrainingProgress>
{
    public void Report(TrainingProgress value) => report(value);
}
