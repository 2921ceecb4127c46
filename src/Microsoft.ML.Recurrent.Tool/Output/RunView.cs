using System.Globalization;
using Microsoft.ML.Recurrent.Workbench.Runs;
using Spectre.Console;

namespace Microsoft.ML.Recurrent.Tool.Output;

/// <summary>Shows what a run made.</summary>
internal static class RunView
{
    public static object ToJson(RunResult result) => new
    {
        scenario = result.Run.Plan.Scenario.Name,
        folder = result.Folder,
        model = result.ModelPath,
        seconds = result.Elapsed.TotalSeconds,
        cancelled = result.Search.WasCancelled,
        metric = result.Run.Plan.Metric.Name,
        best = ToJson(result.Search.Best),
        trials = result.Search.Trials.Select(ToJson),
        final = result.Search.Final is { } final ? ToJson(final) : null,
        evaluation = result.Evaluation is { } evaluation ? EvaluationView.ToJson(evaluation) : null,
        result.Run.Warnings,
    };

    private static object ToJson(TrialResult trial) => new
    {
        trial.Trial.Number, trial.Trial.Seed, trial.Metric, trial.State, trial.Epochs, seconds = trial.Elapsed.TotalSeconds, trial.Trial.Parameters,
        trial.Curve,
        trial.Reason,
        trial.Folds,
    };

    private static object ToJson(ExperimentFinal final) => new
    {
        final.Folds, final.Reason,
        trials = final.Finalists.Select(static one => new { number = one.Trial, one.Ratios, one.MeanRatio, one.StandardError, one.IsBetter, one.Reason }),
    };

    public static void Write(IAnsiConsole console, RunResult result)
    {
        var (best, metric) = (result.Search.Best, result.Run.Plan.Metric);
        console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{result.Search.Trials.Length} trials; the best is number {best.Trial.Number}: ")
            + string.Create(CultureInfo.InvariantCulture, $"{metric.Name} {best.Metric:G5} on the validation rows, seed {best.Trial.Seed}, ")
            + (best.Trial.Parameters.IsEmpty
                ? "the default options."
                : string.Join(", ", best.Trial.Parameters.Select(static one => $"{one.Key} = {one.Value}")) + "."));
        if (result.Search.Final is { } final) Write(console, final);
        if (result.Search.WhyNotRefitted is { } reason) console.WriteLine(reason);
        if (result.Evaluation is { } evaluation) EvaluationView.Write(console, evaluation);
        console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Done in {result.Elapsed.TotalSeconds:0.0} s. Written to {result.Folder}:"));
        foreach (var file in Directory.EnumerateFiles(result.Folder).Order(StringComparer.Ordinal)) console.WriteLine($"  {Path.GetFileName(file)}");
        if (result.Search.WasCancelled) console.WriteLine($"Stopped before its time. 'mlrecurrent resume {result.Folder}' goes on.");
    }

    // The final's trials by fold, as ratios to the default options.
    private static void Write(IAnsiConsole console, ExperimentFinal final)
    {
        if (!final.Finalists.IsEmpty)
        {
            console.Write(TextTable.Create(["Trial", .. final.Folds.Select(static name => $">{name}"), ">Mean ratio", ">Std. error"],
                final.Finalists.Select(one => (string[])[one.Trial.ToString(CultureInfo.InvariantCulture),
                    .. final.Folds.Select((_, i) => Ratio(i < one.Ratios.Length ? one.Ratios[i] : double.NaN)), Ratio(one.MeanRatio),
                    Ratio(one.StandardError)])));
        }
        console.WriteLine(final.Reason);

        static string Ratio(double value) => double.IsNaN(value) ? "" : value.ToString("F3", CultureInfo.InvariantCulture);
    }
}
