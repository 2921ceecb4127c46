using System.Diagnostics;
using System.Globalization;

namespace Microsoft.ML.Recurrent.Benchmarks.Gpu;

/// <summary>
/// The same network in PyTorch on the same device: with rows that lie on the device already, and with rows brought there and answers brought back.
/// </summary>
internal static class PyTorchGpu
{
    private const string Script = """
        import sys, time, torch
        device, steps, features = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
        if device != "cpu" and not torch.cuda.is_available(): sys.exit("this PyTorch sees no GPU")
        wait = torch.cuda.synchronize if device != "cpu" else (lambda: None)
        print("version", torch.__version__, torch.cuda.get_device_name() if device != "cpu" else "cpu", file=sys.stderr)
        for hidden in map(int, sys.argv[4].split(",")):
            lstm, head = torch.nn.LSTM(features, hidden, batch_first=True).eval().to(device), torch.nn.Linear(hidden, 1).eval().to(device)
            for batch in map(int, sys.argv[5].split(",")):
                here = torch.randn(batch, steps, features)
                there = here.to(device)
                def resident():
                    head(lstm(there)[0][:, -1]); wait()
                def copied():
                    head(lstm(here.to(device))[0][:, -1]).cpu()
                with torch.inference_mode():
                    for name, run in (("PyTorch, on the device", resident), ("PyTorch, with copies", copied)):
                        start, calls = time.perf_counter(), 0
                        while time.perf_counter() - start < .3 or calls < 3: run(); calls += 1
                        calls, times = max(1, calls // 6), []
                        for _ in range(15):
                            start = time.perf_counter()
                            for _ in range(calls): run()
                            times.append((time.perf_counter() - start) / calls)
                        print(f"{name}\t{hidden}\t{batch}\t{1e6 * sorted(times)[7]}")
        """;

    /// <summary>The figures; none, with a word on why, where PyTorch is not there or sees no GPU.</summary>
    public static IReadOnlyList<GpuFigure> Measure(string python, GpuTarget target, int steps, int features, int[] hidden, int[] batches)
    {
        var device = target.Device is int number ? $"cuda:{number.ToString(CultureInfo.InvariantCulture)}" : "cpu";
        string Join(int[] values) => string.Join(',', values.Select(value => value.ToString(CultureInfo.InvariantCulture)));
        try
        {
            using var process = Process.Start(new ProcessStartInfo(python, ["-c", Script, device, Join([steps]), Join([features]), Join(hidden),
                Join(batches)])
            { RedirectStandardOutput = true, RedirectStandardError = true })!;
            var errors = process.StandardError.ReadToEndAsync();
            var lines = process.StandardOutput.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
            process.WaitForExit();
            Console.Error.WriteLine($"PyTorch: {errors.Result.Trim()}");
            return [.. lines.Select(line => line.Split('\t')).Where(parts => parts.Length == 4).Select(parts => new GpuFigure(parts[0], int.Parse(parts[1],
                CultureInfo.InvariantCulture), int.Parse(parts[2], CultureInfo.InvariantCulture), double.Parse(parts[3], CultureInfo.InvariantCulture)))];
        }
        catch (System.ComponentModel.Win32Exception error)
        {
            Console.Error.WriteLine($"PyTorch was not measured: {error.Message}");
            return [];
        }
    }
}
