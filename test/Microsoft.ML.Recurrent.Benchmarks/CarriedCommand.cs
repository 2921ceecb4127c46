using System.Diagnostics;
using System.Globalization;
using Microsoft.ML.Data;

namespace Microsoft.ML.Recurrent.Benchmarks;

/// <summary>
/// <c>-- carried [--file FILE] [--docs PAGE]</c>: the forecasts of the 17,420 rows of ETTh1's oil temperature (LSTM of 64, 96 rows to 24) by a model that reads
/// the window of each row, and by one that carries its state along the series (<see cref="DecodingOptions.Stateful"/>), in turns in one process.
/// </summary>
internal static class CarriedCommand
{
    public const string Section = "carried";

    private const int Rounds = 7;

    public static int Run(string file, string? docs)
    {
        var context = new MLContext(1);
        var rows = context.Data.LoadFromEnumerable(File.ReadLines(file).Skip(1).Select(Row.Parse).ToArray());
        var (windows, carried) = (Fit(context, rows, carries: false), Fit(context, rows, carries: true));
        List<string[]> table = [];
        foreach (var threads in new[] { 1, 2 })
        {
            foreach (var model in new[] { windows, carried }) model.Scoring = new() { NumberOfThreads = threads };
            var (first, second) = (double.MaxValue, double.MaxValue);
            for (var round = 0; round < Rounds; round++) (first, second) = (Math.Min(first, Seconds(windows, rows)), Math.Min(second, Seconds(carried, rows)));
            table.Add([string.Create(CultureInfo.InvariantCulture, $"{threads}"), Text(1000 * first), Text(1000 * second), Text(first / second)]);
        }
        var text = MarkedSection.Table(["threads", "windows, ms", "carried state, ms", "ratio"], table);
        Console.Write(text);
        using var engine = carried.CreateForecastEngine(context);
        var clock = Stopwatch.StartNew();
        engine.Observe(rows);
        engine.Predict();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"engine: all rows observed and one forecast in {clock.Elapsed.TotalMilliseconds:F1} ms"));
        if (docs is not null) MarkedSection.Replace(docs, Section, text);
        return 0;

        static string Text(double value) => value.ToString("F1", CultureInfo.InvariantCulture);
    }

    private static RecurrentForecastingTransformer Fit(MLContext context, IDataView rows, bool carries) => context.Forecasting.ForecastByRecurrentNetwork(new()
    {
        Input = new SeriesInputOptions { InputColumnName = nameof(Row.Value), WindowSize = 96 },
        Horizon = 24,
        Network = { HiddenSize = 64 },
        Stopping = { MaximumNumberOfEpochs = 1 },
        Decoding = { TrainingScheme = TrainingScheme.Stretches, Stateful = carries },
        Seed = 1,
    }).Fit(context.Data.TakeRows(rows, 5000));

    private static double Seconds(RecurrentForecastingTransformer model, IDataView rows)
    {
        var view = model.Transform(rows);
        var (forecasts, forecast, clock) = (view.Schema["Forecast"], default(VBuffer<float>), Stopwatch.StartNew());
        using var cursor = view.GetRowCursor([forecasts]);
        var read = cursor.GetGetter<VBuffer<float>>(forecasts);
        while (cursor.MoveNext()) read(ref forecast);
        return clock.Elapsed.TotalSeconds;
    }

    private sealed class Row
    {
        public float Value { get; set; }

        public static Row Parse(string line) => new() { Value = float.Parse(line[(line.LastIndexOf(',') + 1)..], CultureInfo.InvariantCulture) };
    }
}
