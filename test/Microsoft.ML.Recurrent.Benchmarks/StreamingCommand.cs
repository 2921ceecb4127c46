using System.Diagnostics;
using System.Globalization;
using Microsoft.ML.Data;

namespace Microsoft.ML.Recurrent.Benchmarks;

/// <summary>What the user asks of <c>-- streaming</c>.</summary>
internal sealed record StreamingOptions(int Series, int Length, int? RowsInMemory, int Epochs, int Threads, int? Stride = null);

/// <summary>
/// <c>-- streaming</c>: a forecaster of many series learned from disk, some series at a time; says how fast, and how much memory the process took at the most.
/// </summary>
internal static class StreamingCommand
{
    public static int Run(StreamingOptions options)
    {
        var context = new MLContext(1);
        var path = Path.Combine(Path.GetTempPath(), $"series-{Environment.ProcessId}.idv");
        try
        {
            using (var file = File.Create(path)) context.Data.SaveAsBinary(context.Data.LoadFromEnumerable(Rows(options)), file);
            Console.WriteLine($"{options.Series:N0} series of {options.Length:N0} rows: {new FileInfo(path).Length / 1048576.0:F0} MiB on disk");
            Console.WriteLine($"before training: {Memory()} MiB at the most");
            var rows = context.Data.LoadFromBinary(path);
            var clock = Stopwatch.StartNew();
            var model = context.Forecasting.ForecastByRecurrentNetwork(new()
            {
                Input = new SeriesInputOptions
                {
                    InputColumnName = nameof(Row.Value), SeriesColumnNames = [nameof(Row.Series)], WindowSize = 28, MaximumRowsInMemory = options.RowsInMemory,
                    TrainingStride = options.Stride,
                },
                Horizon = 7,
                // No epoch is left out.
                Stopping = { MaximumNumberOfEpochs = options.Epochs, Patience = options.Epochs },
                Seed = 1,
                NumberOfThreads = options.Threads,
                Network = { HiddenSize = 32 },
            }).Fit(rows);
            var seconds = clock.Elapsed.TotalSeconds;
            foreach (var epoch in model.Model.History.Epochs)
                Console.WriteLine($"epoch {epoch.Epoch}: loss {epoch.Loss:F4}, validation {epoch.ValidationLoss:F4}, {epoch.SequencesPerSecond:N0} windows/s");
            Console.WriteLine(
                $"{(options.RowsInMemory is { } most ? $"{most:N0} rows in memory" : "all rows in memory")}, {options.Threads} thread(s): {seconds:F1} s in "
                    + $"all, {Memory()} MiB at the most");
            // The last line, for -- scale: seconds of the fit, windows a second of the last epoch, MiB.
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{seconds} {model.Model.History.Epochs[^1].SequencesPerSecond} {Memory()}"));
            return 0;
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static IEnumerable<Row> Rows(StreamingOptions options)
    {
        for (var series = 0; series < options.Series; series++)
        {
            var random = new Random(series);
            var (level, phase) = (10 + 100 * random.NextSingle(), 7 * random.NextSingle());
            for (var t = 0; t < options.Length; t++)
                yield return new Row
                {
                    Series = series,
                    Value = level * (1 + 0.3f * MathF.Sin((t + phase) * MathF.Tau / 7) + 0.1f * (random.NextSingle() - 0.5f))
                };
        }
    }

    // The greatest resident set so far.
    private static string Memory()
    {
        using var process = Process.GetCurrentProcess();
        return (process.PeakWorkingSet64 / 1048576.0).ToString("F0", CultureInfo.InvariantCulture);
    }

    private sealed class Row
    {
        public int Series { get; set; }
        public float Value { get; set; }
    }
}
