using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Microsoft.ML.Recurrent.Benchmarks.Scoring;

/// <summary>What the user asks of <c>-- soak</c>.</summary>
internal sealed record SoakOptions(int Sessions, long Rows, string? Json, string? Chart, string? Docs);

/// <summary>Resident memory at one point of a curve.</summary>
internal sealed record SoakPoint(long Count, double MiB);

/// <summary>One curve.</summary>
internal sealed record SoakCurve(string Name, double Seconds, IReadOnlyList<SoakPoint> Points)
{
    /// <summary>Where the beginning is over: a tenth of the way.</summary>
    public SoakPoint Warm => Points.First(point => point.Count >= Points[^1].Count / 10);

    /// <summary>The highest point after the beginning.</summary>
    public double Peak => Points.Where(point => point.Count >= Warm.Count).Max(point => point.MiB);

    public SoakPoint End => Points[^1];
}

/// <summary>
/// <c>-- soak [--sessions N] [--rows N] [--json FILE] [--chart SVG] [--docs PAGE]</c>: loads, scores and disposes of sessions, and scores rows through one
/// cursor, each beside ONNX Runtime alone, and prints resident memory along the way. Every curve has a process of its own.
/// </summary>
internal static class SoakCommand
{
    public const string Section = "soak";

    public static int Run(SoakOptions options)
    {
        var model = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName() + ".onnx");
        SoakPart.WriteModel(model);
        try
        {
            SoakCurve[] curves =
                [.. SoakPart.Names.Select(name => Measure(name, name.EndsWith("sessions", StringComparison.Ordinal) ? options.Sessions : options.Rows, model))];
            var table = Table(curves);
            Console.WriteLine(table);
            if (options.Json is not null) File.WriteAllText(options.Json, JsonSerializer.Serialize(curves, JsonSerializerOptions.Web));
            if (options.Chart is not null) File.WriteAllText(options.Chart, SoakChart.Svg(curves));
            if (options.Docs is not null) MarkedSection.Replace(options.Docs, Section, table);
            return 0;
        }
        finally
        {
            File.Delete(model);
        }
    }

    private static SoakCurve Measure(string name, long count, string model)
    {
        var clock = Stopwatch.StartNew();
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true };
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet") start.ArgumentList.Add(typeof(SoakCommand).Assembly.Location);
        foreach (var argument in (string[])["soak-part", name, count.ToString(CultureInfo.InvariantCulture), model]) start.ArgumentList.Add(argument);
        // 4 MiB of young objects before they are collected: by default these are as many as the processor's cache holds, which fills so slowly that it looks
        // like a leak.
        start.Environment["DOTNET_GCgen0size"] = "400000";
        // Each method is compiled once: recompiling takes 2 MiB at a time.
        start.Environment["DOTNET_TieredCompilation"] = "0";
        using var process = Process.Start(start)!;
        List<SoakPoint> points = [];
        while (process.StandardOutput.ReadLine() is { } line)
        {
            var figures = line.Split(' ');
            points.Add(new(long.Parse(figures[0], CultureInfo.InvariantCulture), long.Parse(figures[1], CultureInfo.InvariantCulture) / 1048576.0));
            if (points.Count % 10 == 1)
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"{name,-14} {points[^1].Count,12:N0} {points[^1].MiB,8:F1} MiB {clock.Elapsed.TotalSeconds,6:F0} s"));
        }
        process.WaitForExit();
        if (process.ExitCode != 0 || points.Count == 0)
            throw new InvalidOperationException($"The part '{name}' of the soak ended with code {process.ExitCode}.");
        return new(name, clock.Elapsed.TotalSeconds, points);
    }

    private static string Table(SoakCurve[] curves) => MarkedSection.Table(["resident memory, MiB", "at a tenth of the way", "highest after that", "at the end",
        "seconds"], curves.Select(curve => (IReadOnlyList<string>)
    [
        Caption(curve), Number(curve.Warm.MiB), Number(curve.Peak), Number(curve.End.MiB), curve.Seconds.ToString("F0", CultureInfo.InvariantCulture),
    ]));

    /// <summary>A curve in words.</summary>
    public static string Caption(SoakCurve curve) => string.Create(CultureInfo.InvariantCulture,
        $"{curve.End.Count:N0} {(curve.Name.EndsWith("sessions", StringComparison.Ordinal) ? "sessions" : "rows")}, {(
        curve.Name.StartsWith("bare", StringComparison.Ordinal) ? "ONNX Runtime alone" : "Microsoft.ML.Recurrent")}");

    private static string Number(double value) => value.ToString("F1", CultureInfo.InvariantCulture);
}
