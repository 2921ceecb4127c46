using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Microsoft.ML.Recurrent.Benchmarks;

/// <summary>What the user asks of <c>-- scale</c>.</summary>
internal sealed record ScaleOptions(int[] Rows, int RowsInMemory, int Epochs, int Threads, string? Json, string? Chart, string? Docs);

/// <summary>One fit.</summary>
/// <param name="Rows">Rows of the data.</param>
/// <param name="IsStreamed">Whether they were read anew in every epoch.</param>
/// <param name="Seconds">Seconds of the fit: reading, training and validation.</param>
/// <param name="WindowsPerSecond">Training windows a second in the last epoch, reading included.</param>
/// <param name="MiB">The largest resident memory of the process.</param>
internal sealed record ScaleFit(int Rows, bool IsStreamed, double Seconds, double WindowsPerSecond, double MiB)
{
    public double MicrosecondsPerRow => 1e6 * Seconds / Rows;
}

/// <summary>
/// <c>-- scale [--rows N,N,N] [--json FILE] [--chart SVG] [--docs PAGE]</c>: fits a forecaster to more and more rows, in memory and streamed from disk, each in
/// a process of its own, and prints time a row, training speed and memory.
/// </summary>
internal static class ScaleCommand
{
    private const string Section = "scale";
    private const int RowsOfSeries = 1000;

    public static int Run(ScaleOptions options)
    {
        ScaleFit[] fits = [.. options.Rows.SelectMany(rows => (ScaleFit[])[Measure(options, rows, true), Measure(options, rows, false)])];
        var table = MarkedSection.Table(["rows", "in memory", "microseconds a row", "training windows a second", "peak memory, MiB"],
            fits.Select(fit => (IReadOnlyList<string>)[Number(fit.Rows, "N0"), fit.IsStreamed ? Number(options.RowsInMemory, "N0") : "all",
                Number(fit.MicrosecondsPerRow, "F2"), Number(fit.WindowsPerSecond, "N0"), Number(fit.MiB, "F0")]));
        Console.WriteLine(table);
        if (options.Json is not null) File.WriteAllText(options.Json, JsonSerializer.Serialize(fits, JsonSerializerOptions.Web));
        if (options.Chart is not null) File.WriteAllText(options.Chart, ScaleChart.Svg(fits));
        if (options.Docs is not null) MarkedSection.Replace(options.Docs, Section, table);
        return 0;
    }

    private static ScaleFit Measure(ScaleOptions options, int rows, bool streamed)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true };
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet") start.ArgumentList.Add(typeof(ScaleCommand).Assembly.Location);
        // The same stride whatever the number of rows: by default it grows with them.
        string[] arguments = ["streaming", "--series", Plain(Math.Max(1, rows / RowsOfSeries)), "--length", Plain(Math.Min(rows, RowsOfSeries)), "--stride",
            "7",
            "--epochs", Plain(options.Epochs), "--threads", Plain(options.Threads), "--rows-in-memory", Plain(streamed ? options.RowsInMemory : 0)];
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEnd().Trim();
        process.WaitForExit();
        if (process.ExitCode != 0) throw new InvalidOperationException($"The fit to {rows} rows ended with code {process.ExitCode}:\n{output}");
        double[] figures = [.. output.Split('\n')[^1].Split(' ').Select(text => double.Parse(text, CultureInfo.InvariantCulture))];
        var fit = new ScaleFit(rows, streamed, figures[0], figures[1], figures[2]);
        Console.WriteLine(fit);
        return fit;
    }

    private static string Plain(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Number(double number, string format) => number.ToString(format, CultureInfo.InvariantCulture);
}
