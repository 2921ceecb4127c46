using System.Collections.Immutable;
using Microsoft.ML.Recurrent.Workbench.Inspection;
using Microsoft.ML.Recurrent.Workbench.Reports;
using Microsoft.ML.Recurrent.Workbench.Reports.Runs;
using Microsoft.ML.Recurrent.Workbench.Tables;

namespace Microsoft.ML.Recurrent.Workbench.Tests.Reports.Runs;

/// <summary>Reports of runs of each task, with names that are long or hold markup.</summary>
internal static class SmallReports
{
    private static readonly TrainingHistory s_history = new()
    {
        Epochs = [.. Enumerable.Range(1, 12).Select(static epoch => new EpochResult(epoch, 1.0 / epoch, 1.2 / epoch + 0.01 * epoch, 1e-3))], BestEpoch = 9,
        End = TrainingEnd.EarlyStopping,
    };

    public static RunReport Forecast(BackTestResult result) => Common("Forecast of load") with
    {
        Verdict = "The recurrent network is better than all baselines.",
        Columns =
        [
            new(new("date", ColumnKind.Time, 4000, 0) { Span = (new(2024, 1, 1), new(2024, 6, 1)) }, "time", "--time-col"),
            new(new("load <MW> of all the substations in the northern part of the grid & more", ColumnKind.Number, 4000, 12)
            {
                Minimum = -1.5, Maximum = 1e6, Outline = [.. Enumerable.Range(0, 40).Select(static i => i == 20 ? double.NaN : Math.Sin(i / 3.0))],
            }, "label", "--label-col"),
            new(new("shop", ColumnKind.Text, 4000, 0) { Distinct = 3 }, "ignored", "no option names it: --past-cols or --future-cols makes it an input"),
        ],
        Series = [new("north", 2000, new(2024, 1, 1), new(2024, 3, 1, 5, 0, 0), new TimeFrequency(TimeUnit.Minute, 15)) { Gaps = 2, MissingTimes = 17 }],
        Metrics = ["RMSE", "MAE", "MASE", "Coverage"],
        Lines = [.. result.Forecasters.Select(static one => new ReportLine(one.Name, one.IsBaseline,
            [one.Metrics.RootMeanSquaredError, one.Metrics.MeanAbsoluteError, one.Metrics.MeanAbsoluteScaledError, one.Metrics.Coverage]))],
        BackTest = result,
        Unit = "Load (MW)",
        TrialMetric = "RMSE",
    };

    public static RunReport Classes() => Common("Classes of questions") with
    {
        Metrics = ["MicroAccuracy", "MacroAccuracy"],
        HigherIsBetter = true,
        TrialMetric = "MicroAccuracy",
        Lines = [new("Recurrent network", false, [0.91, 0.88]), new("Most frequent class", true, [0.25, double.NaN])],
        Classes = ["abbreviation", "description of something that has a very long name", "entity", "<b>human</b>"],
        Confusion = [[5, 1, 0, 0], [0, 40, 3, 1], [0, 4, 30, 2], [0, 0, 0, 0]],
        Attributions = [("What was said", 0.62), ("Words of the title", 0.3), ("Length", 0.08)],
        Explanations = [new() { Name = "1", Answer = "entity", Steps = ["a", "good", "day"], Contributions = [0.1, 0.7, -0.2] }],
    };

    public static RunReport Tags() => Common("Tags of flights") with
    {
        Metrics = ["F1", "TokenAccuracy"],
        HigherIsBetter = true,
        Lines = [new("Recurrent network", false, [0.95, 0.98])],
        Entities = [new(null, 100, 98, 93), new("fromloc.city_name", 60, 60, 58), new("toloc", 0, 1, 0)],
    };

    public static RunReport Numbers() => Common("Numbers of walks") with
    {
        Metrics = ["RMSE"],
        Lines = [new("Recurrent network", false, [0.2]), new("Mean of the labels", true, [0.1])],
        Verdict = "A baseline is better: Mean of the labels. Take it, or give more data.",
        Points = [.. Enumerable.Range(0, 60).Select(static i => (i / 10.0, i / 10.0 + Math.Sin(i)))],
    };

    private static RunReport Common(string title) => new()
    {
        Title = title,
        Introduction = "4,000 rows of table <loads>.csv; 48 steps are forecast from the last 96.",
        Notes = ["The last 400 steps of each series are held out for the final figure."],
        Final = new(["40%", "60%", "80%"],
        [
            new(1, [0.91, 0.95, double.NaN]) { Reason = "2 folds were trained in time, and fewer than 3 do not tell trials apart." },
            new(2, [0.91, 0.95, 0.99]) { IsBetter = true, Reason = "on 3 folds it has 0.950 of the default's error in the mean, standard error 0.023." },
        ], "Trial 2 takes the place of the default options: on 3 folds it has 0.950 of the default's error in the mean, standard error 0.023."),
        Trials =
        [
            new(0, 0.5, TimeSpan.FromSeconds(12), "completed", "") { Losses = [1, 0.7, 0.5] },
            new(1, 0.4, TimeSpan.FromSeconds(10), "completed",
                "Network.HiddenSize = 128, Network.NumberOfLayers = 2, Optimizer.LearningRate = 0.00123, Decoding.Strategy = Recursive")
            {
                Losses = [0.9, 0.6, 0.4], IsChosen = true,
            },
            new(2, 0.8, TimeSpan.FromSeconds(3), "stopped at rung 1", "Network.Cell = Gru") { Losses = [0.95], IsComplete = false },
            new(3, double.NaN, TimeSpan.FromSeconds(1), "diverged", "Optimizer.LearningRate = 0.1"),
        ],
        History = s_history,
        ModelSummary = string.Join('\n', Enumerable.Range(0, 8).Select(static i => $"lstm_{i}   LSTM   [24, 64]   {new string('x', 20 * i)}")),
        Options = "new RecurrentForecastingEstimator.Options\n{\n    Network = { HiddenSize = 128 },\n}",
        Command = "mlrecurrent forecasting --dataset \"table <loads>.csv\" --label-col \"load <MW>\" --time-col date --horizon 48 --train-time 120 --seed 7 "
            + "--output out",
        Environment = [("Microsoft.ML.Recurrent", "1.0.0-preview.1+0123456789012345678901234567890123456789"), ("Processor", "2 x x64"), ("Seed", "7")],
        Files = [("model file.mlnet", "the model")],
    };
}
