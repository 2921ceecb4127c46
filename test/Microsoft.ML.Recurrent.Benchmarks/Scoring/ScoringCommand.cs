using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Microsoft.ML.Data;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Regression;
using Microsoft.ML.Recurrent.Scoring;
using Spectre.Console;

namespace Microsoft.ML.Recurrent.Benchmarks.Scoring;

/// <summary>
/// <c>scoring [--json FILE] [--threads N] [--python PROGRAM]</c>: an LSTM of 64 over 50 steps, scored by our scorer, our cursor and PredictionEngine, by ONNX Runtime called directly, by ML.NET's own
/// OnnxTransformer and by PyTorch, in one run and in turns.
/// </summary>
internal static class ScoringCommand
{
    private const int Steps = 50, Features = 1, Rounds = 9;

    public static int Run(string? json, int threads, string python)
    {
        using var setting = new ScoringSetting(Steps, Features, threads);
        List<ScoringFigure> figures = [];
        foreach (int batch in new[] { 1, 16, 256 })
        {
            ScoringContender[] contenders = [setting.Bare(batch), setting.Scorer(batch), setting.Direct(batch), setting.Cursor(batch)];
            figures.AddRange(Measure(contenders, batch));
            foreach (var contender in contenders) contender.Dispose();
        }
        ScoringContender[] single = [setting.Engine(), setting.OnnxTransformer()];
        figures.AddRange(Measure(single, 1));
        foreach (var contender in single) contender.Dispose();
        figures.AddRange(PyTorchScoring.Measure(python, Steps, Features, threads));
        Print(figures);
        if (json is not null) File.WriteAllText(json, JsonSerializer.Serialize(figures, JsonSerializerOptions.Web));
        return 0;
    }

    // In turns, so that what else the machine does falls on all of them alike.
    private static IEnumerable<ScoringFigure> Measure(ScoringContender[] contenders, int batch)
    {
        int[] calls = [.. contenders.Select(contender =>
        {
            contender.Call();
            var clock = Stopwatch.StartNew();
            int done = 0;
            while (clock.Elapsed.TotalSeconds < 0.15) { contender.Call(); done++; }
            return Math.Max(2, done);
        })];
        var times = contenders.Select(_ => new List<double>()).ToArray();
        var medians = contenders.Select(_ => new List<double>()).ToArray();
        long[] allocated = new long[contenders.Length];
        for (int round = 0; round < Rounds; round++)
            for (int i = 0; i < contenders.Length; i++)
            {
                long before = GC.GetTotalAllocatedBytes(precise: true);
                var whole = Stopwatch.StartNew();
                double[] each = contenders[i].Latencies(calls[i]);
                medians[i].Add(whole.Elapsed.TotalMicroseconds / calls[i]);
                allocated[i] = GC.GetTotalAllocatedBytes(precise: true) - before - 8L * calls[i];
                times[i].AddRange(each);
            }
        for (int i = 0; i < contenders.Length; i++)
        {
            var (all, runs) = (times[i].Order().ToArray(), medians[i].Order().ToArray());
            double rows = contenders[i].RowsPerCall, median = runs[runs.Length / 2];
            yield return new(contenders[i].Name, batch, rows / median * 1e6, median / rows * batch, all[all.Length / 2] / rows * batch, all[(int)(all.Length * 0.99)] / rows * batch, Math.Max(0, allocated[i]) / (rows * calls[i]));
        }
    }

    private static void Print(List<ScoringFigure> figures)
    {
        var table = new Table().AddColumns("batch", "who", "rows/s", "us a batch", "p50", "p99", "bytes/row", "against bare");
        foreach (var figure in figures)
        {
            double? bare = figures.FirstOrDefault(other => other.Batch == figure.Batch && other.Name == ScoringSetting.BareName)?.Microseconds;
            string Number(double? value, string format = "N1") => value is double number ? number.ToString(format, CultureInfo.InvariantCulture) : "-";
            table.AddRow(Number(figure.Batch, "N0"), figure.Name, Number(figure.RowsPerSecond, "N0"), Number(figure.Microseconds), Number(figure.P50), Number(figure.P99), Number(figure.BytesPerRow, "N2"),
                bare is double own ? $"{Number(figure.Microseconds - own, "+0.0;-0.0")} us ({Number(100 * (figure.Microseconds / own - 1), "+0.0;-0.0")}%)" : "");
        }
        AnsiConsole.Profile.Width = Math.Max(AnsiConsole.Profile.Width, 140);
        AnsiConsole.Write(table);
    }
}

/// <summary>One line of the table.</summary>
internal sealed record ScoringFigure(string Name, int Batch, double RowsPerSecond, double Microseconds, double P50, double P99, double? BytesPerRow);

/// <summary>One way to score.</summary>
internal sealed class ScoringContender(string name, int rowsPerCall, Action call, params IDisposable[] owned) : IDisposable
{
    private double[] _latencies = [];

    public string Name => name;

    public int RowsPerCall => rowsPerCall;

    public void Call() => call();

    /// <summary>Microseconds of each of so many calls.</summary>
    public double[] Latencies(int calls)
    {
        if (_latencies.Length != calls) _latencies = new double[calls];
        for (int i = 0; i < calls; i++)
        {
            long start = Stopwatch.GetTimestamp();
            call();
            _latencies[i] = Stopwatch.GetElapsedTime(start).TotalMicroseconds;
        }
        return _latencies;
    }

    public void Dispose()
    {
        foreach (var one in owned) one.Dispose();
    }
}
