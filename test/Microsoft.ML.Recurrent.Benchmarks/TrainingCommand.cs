using System.Globalization;
using System.Text.Json;
using Microsoft.ML.Recurrent.Kernels;
using Spectre.Console;

namespace Microsoft.ML.Recurrent.Benchmarks;

/// <summary>What the user asks of <c>-- training</c>.</summary>
internal sealed record TrainingOptions(string? Only, int Threads, string? Json, string? Chart, string Python, string Script);

/// <summary>One row of the table.</summary>
internal sealed record TrainingResult(string Name, double BestMs, double MedianMs, double Gflops, double OfPeak, double? PeerBestMs, double? PeerMedianMs, double? PeerGflops)
{
    /// <summary>How many times the peer's speed.</summary>
    public double? Ratio => PeerGflops is null ? null : Gflops / PeerGflops;

    /// <summary>Managed bytes allocated by one step.</summary>
    public required double AllocatedBytes { get; init; }

    /// <summary>Share of a step's time in each part, measured on one thread.</summary>
    public required IReadOnlyDictionary<string, double> Profile { get; init; }

    /// <summary>What a process of its own took to its first step.</summary>
    public required FreshProcess Fresh { get; init; }
}

/// <summary>
/// <c>-- training</c>: training steps of all configurations beside the peer's, configuration by configuration in turn, on the same machine with the same number of
/// threads. Shares are of the highest of three matrix products at 2048 x 2048: ours, OpenBLAS's and the peer's.
/// </summary>
internal static class TrainingCommand
{
    private static readonly JsonSerializerOptions s_json = new() { WriteIndented = true, IncludeFields = true };

    public static int Run(TrainingOptions options)
    {
        Workers.Threads = options.Threads;
        var wanted = Configuration.All.Where(c => options.Only is null || options.Only.Split(',').Contains(c.Name)).ToList();
        if (wanted.Count == 0)
        {
            Console.Error.WriteLine($"--only {options.Only}: there are {string.Join(", ", Configuration.All.Select(c => c.Name))}.");
            return 1;
        }
        (double ours, double? blas) = Gemms(options.Threads);
        Peer? peer = File.Exists(options.Script) ? new Peer(options.Python, options.Script, options.Threads) : null;
        var rows = new List<(Configuration Configuration, Measurement Time, Measurement? Peer, TrainingResult Result)>();
        foreach (Configuration c in wanted)
        {
            Console.Error.Write($"\r{c.Name,-12}");
            (Measurement time, TrainingResult result) = Measure(c);
            string error = options.Script + " is not there";
            Measurement? peerTime = peer?.Run(c.Name, out error);
            if (peerTime is null && rows.Count == 0)
                Console.Error.WriteLine($"\r{Peer.InstallHint}: {error}");
            peer = peerTime is null ? null : peer;
            rows.Add((c, time, peerTime, result));
        }
        Console.Error.Write("\r            \r");
        ours = Math.Max(ours, KernelsCommand.Gemm(2048));
        double peak = Math.Max(ours, Math.Max(blas ?? 0, peer?.Gemm ?? 0));
        var results = rows.ConvertAll(row => row.Result with
        {
            Gflops = row.Configuration.StepFlops / row.Time.BestMilliseconds / 1e6,
            OfPeak = row.Configuration.StepFlops / row.Time.BestMilliseconds / 1e6 / peak,
            PeerBestMs = row.Peer?.BestMilliseconds, PeerMedianMs = row.Peer?.MedianMilliseconds,
            PeerGflops = row.Configuration.StepFlops / row.Peer?.BestMilliseconds / 1e6,
        });
        string machine = FormattableString.Invariant(
            $"path {CpuKernels.Current.Name}, {options.Threads} thread(s); GFLOP/s at 2048 x 2048: ours {ours:F1}, OpenBLAS {blas?.ToString("F1") ?? "absent"}, {peer?.Name ?? "no peer"} {peer?.Gemm ?? 0:F1}; shares are of {peak:F1}");
        Print(machine, results, options.Threads);
        if (options.Json is not null)
            File.WriteAllText(options.Json, JsonSerializer.Serialize(new { machine, ours, blas, peer = peer?.Name, peerGemm = peer?.Gemm, peak, options.Threads, results }, s_json));
        if (options.Chart is not null)
            File.WriteAllText(options.Chart, TrainingChart.Svg(machine, results));
        return 0;
    }

    private static (Measurement, TrainingResult) Measure(Configuration c)
    {
        using TrainingStep step = TrainingStep.Create(c);
        Measurement time = Measurement.Of(() => step.Run());
        const int counted = 5;
        long before = GC.GetTotalAllocatedBytes(precise: true);
        for (int i = 0; i < counted; i++)
            step.Run();
        double allocated = (double)(GC.GetTotalAllocatedBytes(precise: true) - before) / counted;
        return (time, new TrainingResult(c.Name, time.BestMilliseconds, time.MedianMilliseconds, 0, 0, null, null, null)
        {
            AllocatedBytes = allocated, Profile = Profile(step), Fresh = FirstStepCommand.Measure(c.Name),
        });
    }

    private static Dictionary<string, double> Profile(TrainingStep step)
    {
        using Workers.Limitation one = Workers.Limit(1);
        KernelProfile.Reset();
        KernelProfile.IsEnabled = true;
        long start = System.Diagnostics.Stopwatch.GetTimestamp();
        double seconds;
        int steps = 0;
        do
        {
            step.Run();
            seconds = System.Diagnostics.Stopwatch.GetElapsedTime(start).TotalSeconds;
        }
        while (++steps < 3 || seconds < 0.2);
        KernelProfile.IsEnabled = false;
        double Share(KernelPart part) => KernelProfile.Seconds(part) / seconds;
        double gates = Share(KernelPart.Gates), recurrent = Share(KernelPart.Steps) - gates, rest = 1 - recurrent - gates;
        var profile = new Dictionary<string, double> { ["recurrent products"] = recurrent, ["gates"] = gates };
        foreach (KernelPart part in (KernelPart[])[KernelPart.Products, KernelPart.Sums, KernelPart.Softmax, KernelPart.Optimizer])
        {
            profile[part.ToString().ToLowerInvariant()] = Share(part);
            rest -= Share(part);
        }
        profile["rest"] = rest;
        return profile;
    }

    private static (double Ours, double? Blas) Gemms(int threads)
    {
        const int n = 2048;
        double ours = KernelsCommand.Gemm(n);
        using Tensors.Tensor a = Tensors.Tensor.Zeros(new Tensors.Shape(n, n)), b = a.Clone(), c = a.Clone();
        return (ours, OpenBlas.Gemm(n, threads, a, b, c));
    }

    private static void Print(string machine, List<TrainingResult> results, int threads)
    {
        CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
        AnsiConsole.WriteLine(machine);
        var table = new Table().Border(TableBorder.Markdown).AddColumns(
            "configuration", "ms best", "median", "GFLOP/s", "of peak", "bar", "goal", "peer ms", "peer GFLOP/s", "ratio", "bytes/step", "first step ms", "peak MiB");
        var profile = new Table().Border(TableBorder.Markdown).AddColumn("share of time, 1 thread").AddColumns([.. results[0].Profile.Keys]);
        foreach (TrainingResult r in results)
        {
            (double bar, double goal) = Bars.Of(r.Name);
            table.AddRow(
                r.Name, $"{r.BestMs:F3}", $"{r.MedianMs:F3}", $"{r.Gflops:F1}", $"{r.OfPeak:P0}", threads == 1 ? $"{bar:P0}" : "", threads == 1 ? $"{goal:P0}" : "",
                $"{r.PeerBestMs:F3}", $"{r.PeerGflops:F1}", $"{r.Ratio:F2}", $"{r.AllocatedBytes:F0}", $"{r.Fresh.FirstStepMs:F0}", $"{r.Fresh.PeakMiB:F0}");
            profile.AddRow([r.Name, .. r.Profile.Values.Select(share => $"{share:P0}")]);
        }
        AnsiConsole.Profile.Width = 220;
        AnsiConsole.Write(table);
        AnsiConsole.Write(profile);
    }
}

/// <summary>What one thread is to reach, as shares of the machine's peak: the best of all peers, and our goal.</summary>
internal static class Bars
{
    public static (double Bar, double Goal) Of(string name) => name switch
    {
        "lstm32" => (0.15, 0.35),
        "lstm64" => (0.32, 0.55),
        "lstm128" => (0.62, 0.80),
        "lstm2x256" => (0.73, 0.85),
        "lstm512" => (0.76, 0.88),
        "gru64" => (0.21, 0.45),
        "gru128" => (0.51, 0.70),
        "gru2x256" => (0.67, 0.82),
        "rnn128" => (0.46, 0.60),
        _ => (0.65, 0.80),
    };
}
