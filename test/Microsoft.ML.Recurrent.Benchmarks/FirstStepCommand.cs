using System.Diagnostics;
using System.Globalization;
using Microsoft.ML.Recurrent.Kernels;

namespace Microsoft.ML.Recurrent.Benchmarks;

/// <summary>
/// <c>-- first-step NAME</c>: what a fresh process needs, the core alone loaded: milliseconds from its start to the end of the first training step, and its
/// largest resident memory after twenty steps.
/// </summary>
internal static class FirstStepCommand
{
    /// <summary>Runs in the fresh process and prints the two figures.</summary>
    public static int Run(string name, int threads)
    {
        Workers.Threads = threads;
        using var step = TrainingStep.Create(Configuration.All.Single(c => c.Name == name));
        step.Run();
        using var self = Process.GetCurrentProcess();
        var milliseconds = (DateTime.Now - self.StartTime).TotalMilliseconds;
        for (var i = 0; i < 20; i++)
            step.Run();
        self.Refresh();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{milliseconds:F1} {self.PeakWorkingSet64 / 1048576.0:F1}"));
        return 0;
    }

    /// <summary>Starts a fresh process three times and keeps the lowest of each figure.</summary>
    public static FreshProcess Measure(string name)
    {
        var best = new FreshProcess(double.PositiveInfinity, double.PositiveInfinity);
        for (var i = 0; i < 3; i++)
        {
            var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true };
            if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet")
                start.ArgumentList.Add(typeof(FirstStepCommand).Assembly.Location);
            foreach (var argument in (string[])["first-step", name, Workers.Threads.ToString(CultureInfo.InvariantCulture)])
                start.ArgumentList.Add(argument);
            using var process = Process.Start(start)!;
            var figures = process.StandardOutput.ReadToEnd().Split(' ');
            process.WaitForExit();
            best = new(Math.Min(best.FirstStepMs, double.Parse(figures[0], CultureInfo.InvariantCulture)),
                Math.Min(best.PeakMiB, double.Parse(figures[1], CultureInfo.InvariantCulture)));
        }
        return best;
    }
}
