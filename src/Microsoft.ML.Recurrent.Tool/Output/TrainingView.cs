using System.Globalization;
using Spectre.Console;

namespace Microsoft.ML.Recurrent.Tool.Output;

/// <summary>Shows the progress of a training run: a bar on a terminal, occasional lines if the output is redirected.</summary>
internal static class TrainingView
{
    private static readonly TimeSpan s_lineInterval = TimeSpan.FromSeconds(2);

    /// <summary>Runs <paramref name="train"/> and shows its progress.</summary>
    public static async Task<T> RunAsync<T>(IAnsiConsole console, string name, Func<IProgress<TrainingProgress>, T> train)
    {
        if (!console.Profile.Capabilities.Interactive || !console.Profile.Capabilities.Ansi)
        {
            var lines = new Lines(console, name);
            var trained = await Task.Run(() => train(lines));
            lines.End();
            return trained;
        }
        return await console.Progress()
            .Columns(new SpinnerColumn(), new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn(),
                new ElapsedTimeColumn())
            .StartAsync(async context =>
            {
                var task = context.AddTask(Markup.Escape(name));
                var result = await Task.Run(() => train(new Bar(task, name)));
                task.Value = task.MaxValue;
                return result;
            });
    }

    private static string Say(TrainingProgress progress) => string.Create(CultureInfo.InvariantCulture,
        $"epoch {progress.Epoch}/{progress.MaximumNumberOfEpochs}, "
            + $"loss {progress.Loss:0.0000}{(progress.ValidationLoss is { } validation ? $", validation {validation:0.0000}" : "")}");

    /// <summary>Updates the bar in order on the training thread, unlike <see cref="Progress{T}"/>.</summary>
    private sealed class Bar(ProgressTask task, string name) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value)
        {
            task.MaxValue = value.MaximumNumberOfEpochs;
            task.Value = value.Epoch - 1 + (value.EpochEnded ? 1 : (double)value.Batch / Math.Max(1, value.BatchesPerEpoch));
            task.Description = Markup.Escape($"{name}: {Say(value)}");
        }
    }

    private sealed class Lines(IAnsiConsole console, string name) : IProgress<TrainingProgress>
    {
        private TimeSpan _next;
        private TrainingProgress? _untold;

        public void Report(TrainingProgress value)
        {
            if (!value.EpochEnded) return;
            _untold = value;
            if (value.Elapsed >= _next) End();
        }

        /// <summary>Writes the line of the last epoch unless already written.</summary>
        public void End()
        {
            if (_untold is null) return;
            console.WriteLine($"{name}: {Say(_untold)}");
            _next = _untold.Elapsed + s_lineInterval;
            _untold = null;
        }
    }
}
