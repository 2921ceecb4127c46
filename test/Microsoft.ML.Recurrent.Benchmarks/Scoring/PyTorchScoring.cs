using System.Diagnostics;
using System.Globalization;

namespace Microsoft.ML.Recurrent.Benchmarks.Scoring;

/// <summary>The same network in PyTorch, where a Python has it: a process that is asked for a turn at a time.</summary>
internal sealed class PyTorchScoring : IDisposable
{
    private const string Script = """
        import sys, time, torch
        steps, features, threads = map(int, sys.argv[1:4])
        torch.set_num_threads(threads)
        lstm, head = torch.nn.LSTM(features, 64, batch_first=True).eval(), torch.nn.Linear(64, 1).eval()
        inputs = {}
        print(torch.__version__, flush=True)
        with torch.inference_mode():
            for line in sys.stdin:
                batch, milliseconds = line.split()
                x = inputs.setdefault(batch, torch.randn(int(batch), steps, features))
                times, now = [], time.perf_counter()
                end = now + float(milliseconds) / 1e3
                while now < end:
                    before = now
                    head(lstm(x)[0][:, -1])
                    now = time.perf_counter()
                    times.append(1e6 * (now - before))
                print(*(f"{t:.2f}" for t in times), flush=True)
        """;

    private readonly Process _process;

    private PyTorchScoring(Process process, string version) => (_process, Version) = (process, version);

    /// <summary>PyTorch's version.</summary>
    public string Version { get; }

    /// <summary>Starts it; null, with a word on why, where PyTorch is not there.</summary>
    public static PyTorchScoring? Start(string python, int steps, int features, int threads)
    {
        try
        {
            var start = new ProcessStartInfo(python,
                ["-c", Script, .. new[] { steps, features, threads }.Select(value => value.ToString(CultureInfo.InvariantCulture))])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
            };
            // As for the training benchmark: large blocks stay with the process, or its memory is mapped and unmapped at every run.
            start.Environment["MALLOC_MMAP_THRESHOLD_"] = "2000000000";
            start.Environment["MALLOC_TRIM_THRESHOLD_"] = "4000000000";
            var process = Process.Start(start)!;
            if (process.StandardOutput.ReadLine() is { } version) return new(process, version);
            process.Dispose();
            Console.Error.WriteLine("PyTorch was not measured: it could not be started.");
        }
        catch (System.ComponentModel.Win32Exception error)
        {
            Console.Error.WriteLine($"PyTorch was not measured: {error.Message}");
        }
        return null;
    }

    public ScoringContender Contender(int batch) => new Remote(this, batch);

    public void Dispose()
    {
        _process.StandardInput.Close();
        _process.WaitForExit();
        _process.Dispose();
    }

    private sealed class Remote(PyTorchScoring owner, int batch) : ScoringContender($"PyTorch {owner.Version}", batch, () => { })
    {
        public override bool CountsBytes => false;

        public override void Run(double milliseconds, List<double> latencies)
        {
            owner._process.StandardInput.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{RowsPerCall} {milliseconds}"));
            owner._process.StandardInput.Flush();
            var line = owner._process.StandardOutput.ReadLine() ?? throw new InvalidOperationException("PyTorch has ended before its time.");
            latencies.AddRange(line.Split(' ').Select(text => double.Parse(text, CultureInfo.InvariantCulture)));
        }
    }
}
