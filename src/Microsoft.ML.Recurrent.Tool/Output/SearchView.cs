using System.Globalization;
using Microsoft.ML.Recurrent.Workbench.Runs;
using Spectre.Console;

namespace Microsoft.ML.Recurrent.Tool.Output;

/// <summary>Shows the progress of a run: a table of trials on a terminal, occasional lines if the output is redirected.</summary>
internal static class SearchView
{
    private const int MostShown = 12;
    private static readonly TimeSpan s_lineInterval = TimeSpan.FromSeconds(5);

    public static async Task<RunResult> RunAsync(IAnsiConsole console, PreparedRun run, Func<IProgress<RunProgress>, RunResult> execute)
    {
        if (!console.Profile.Capabilities.Interactive || !console.Profile.Capabilities.Ansi) return await Task.Run(() => execute(new Lines(console, run)));
        return await console.Live(new Markup("")).AutoClear(true).StartAsync(context => Task.Run(() => execute(new Live(context, run))));
    }

    private static string Say(RunStage stage) => stage is RunStage.Evaluation ? "Measuring on the held-out rows." : "Writing.";

    private static string Say(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    /// <summary>The trials so far: those that run, then the best finished ones.</summary>
    private static Table Build(ExperimentProgress search, PreparedRun run)
    {
        var metric = run.Plan.Metric;
        var finished = search.Finished.Where(static one => one.Metric is not null).OrderBy(one => metric.HigherIsBetter ? -one.Metric : one.Metric)
            .Take(MostShown);
        IEnumerable<string[]> rows =
        [
            .. search.Running.Select(
                static one => (string[])[one.IsRefit ? "refit" : Say($"{one.Trial.Number}"), one.Fold is { } fold ? $"fold {fold}" : "",
                    Say($"{one.Epoch}/{one.MaximumNumberOfEpochs}"),
                Say($"{one.Elapsed.TotalSeconds:0} s"), Cell.Spark(one.Curve), one.Loss is { } loss ? $"loss {Cell.Number(loss)}" : "begins"]),
            .. finished.Select(one => (string[])[Say($"{one.Trial.Number}{(one == search.Best ? " *" : "")}"), Cell.Number(one.Metric), Say($"{one.Epochs}"),
                Say($"{one.Elapsed.TotalSeconds:0} s"), Cell.Spark(one.Curve), Describe(one)]),
        ];
        var table = TextTable.Create(["Trial", $">{metric.Name}", ">Epochs", ">Time", "Validation", "Options"], rows);
        return table.Title(Say($"{run.Request.Name}: {search.Finished.Length} trials in {search.Elapsed.TotalSeconds:0} s")
            + (search.Remaining is { } left ? Say($", {left.TotalSeconds:0} s left") : "") + ". Ctrl+C keeps the best.");
    }

    private static string Describe(TrialResult trial) =>
        Describe(trial.Trial) + (trial.Folds.IsEmpty ? "" : $"; folds {string.Join(", ", trial.Folds.Select(static fold => Cell.Number(fold.Metric)))}");

    private static string Describe(Trial trial) =>
        trial.Parameters.Count == 0 ? "as given" : string.Join(", ", trial.Parameters.Select(static one => $"{one.Key.Split('.')[^1]} {one.Value}"));

    private sealed class Live(LiveDisplayContext context, PreparedRun run) : IProgress<RunProgress>
    {
        public void Report(RunProgress value) =>
            context.UpdateTarget(value.Search is { } search ? Build(search, run) : new Markup(Markup.Escape(Say(value.Stage))));
    }

    private sealed class Lines(IAnsiConsole console, PreparedRun run) : IProgress<RunProgress>
    {
        private readonly HashSet<int> _told = [];
        private readonly HashSet<(int Trial, string Fold)> _toldFolds = [];
        private TimeSpan _next;

        public void Report(RunProgress value)
        {
            if (value.Search is not { } search)
            {
                console.WriteLine(Say(value.Stage));
                return;
            }
            var known = _told.Count;
            foreach (var trial in search.Finished.Where(trial => _told.Add(trial.Trial.Number)))
                console.WriteLine(Say($"trial {trial.Trial.Number}: {run.Plan.Metric.Name} {Cell.Number(trial.Metric)}, {trial.Epochs} epochs, ")
                    + Say($"{trial.Elapsed.TotalSeconds:0.0} s, {trial.Reason ?? Describe(trial.Trial)}"));
            foreach (var (trial, fold) in search.Finished.SelectMany(static trial => trial.Folds.Select(fold => (trial.Trial.Number, fold))))
                if (_toldFolds.Add((trial, fold.Fold)))
                    console.WriteLine(
                        Say($"fold {fold.Fold} of trial {trial}: {run.Plan.Metric.Name} {Cell.Number(fold.Metric)}, {fold.Elapsed.TotalSeconds:0.0} s"));
            if (_told.Count == known && search.Elapsed < _next) return;
            _next = search.Elapsed + s_lineInterval;
            foreach (var one in search.Running.Where(static one => one.Loss is not null))
            {
                var what = one.IsRefit ? "refit of " : one.Fold is { } fold ? $"fold {fold} of " : "";
                console.WriteLine(Say($"{what}trial {one.Trial.Number}: epoch {one.Epoch}/{one.MaximumNumberOfEpochs}, loss {Cell.Number(one.Loss)}"));
            }
        }
    }
}
