using System.Diagnostics;
using System.Globalization;

namespace Microsoft.ML.Recurrent.Benchmarks.Scoring;

/// <summary>The same network in PyTorch, where a Python has it.</summary>
internal static class PyTorchScoring
{
    private const string Script = """
        import sys, time, torch
        steps, features, threads = map(int, sys.argv[1:4])
        torch.set_num_threads(threads)
        lstm, head = torch.nn.LSTM(features, 64, batch_first=True).eval(), torch.nn.Linear(64, 1).eval()
        with torch.inference_mode():
            for batch in (1, 16, 256):
                x = torch.randn(batch, steps, features)
                times, start = [], time.perf_counter()
                while time.perf_counter() - start < 1.5 or len(times) < 20:
                    begin = time.perf_counter()
                    head(lstm(x)[0][:, -1])
                    times.append(time.perf_counter() - begin)
                times = sorted(times[len(times) // 5:])
                print(batch, 1e6 * times[len(times) // 2], 1e6 * times[int(len(times) * .99)])
        """;

    /// <summary>The figures; none, with a word on why, where PyTorch is not there.</summary>
    public static IReadOnlyList<ScoringFigure> Measure(string python, int steps, int features, int threads)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(python, ["-c", Script, .. new[] { steps, features, threads }.Select(value => value.ToString(CultureInfo.InvariantCulture))])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            var errors = process.StandardError.ReadToEndAsync();
            string[] lines = process.StandardOutput.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
            process.WaitForExit();
            if (process.ExitCode != 0) throw new InvalidOperationException(errors.Result.Trim().Split('\n')[^1]);
            return [.. lines.Select(line =>
            {
                double[] figures = [.. line.Split(' ').Select(text => double.Parse(text, CultureInfo.InvariantCulture))];
                return new ScoringFigure("PyTorch", (int)figures[0], figures[0] / figures[1] * 1e6, figures[1], figures[1], figures[2], null);
            })];
        }
        catch (Exception error) when (error is InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            Console.Error.WriteLine($"PyTorch was not measured: {error.Message}");
            return [];
        }
    }
}
