using System.Runtime.InteropServices;
using System.Text.Json;
using Microsoft.ML.Recurrent.Kernels;

namespace Microsoft.ML.Recurrent.Benchmarks;

/// <summary>What the user asks of <c>-- training</c>.</summary>
internal sealed record TrainingOptions(string? Only, IReadOnlyList<int> Threads, string? Json, string? Chart, string? Report, string Python, string Script);

/// <summary>
/// <c>-- training</c>: training steps of all configurations beside the peer's, configuration by configuration in turn, on the same machine with the same number of
/// threads. Shares are of the highest of three matrix products at 2048 x 2048: ours, OpenBLAS's and the peer's.
/// </summary>
internal static class TrainingCommand
{
    private static readonly JsonSerializerOptions s_json = new() { WriteIndented = true, IncludeFields = true };

    public static int Run(TrainingOptions options)
    {
        var wanted = Configuration.All.Where(c => options.Only is null || options.Only.Split(',').Contains(c.Name)).ToList();
        if (wanted.Count == 0)
        {
            Console.Error.WriteLine($"--only {options.Only}: there are {string.Join(", ", Configuration.All.Select(c => c.Name))}.");
            return 1;
        }
        List<TrainingRun> runs = [.. options.Threads.Select(threads => Run(options, wanted, threads))];
        string markdown = TrainingReport.Markdown(runs);
        Console.WriteLine(markdown);
        if (options.Json is not null)
            File.WriteAllText(options.Json, JsonSerializer.Serialize(runs, s_json) + "\n");
        if (options.Chart is not null)
            File.WriteAllText(options.Chart, TrainingChart.Svg(runs[0].Caption, runs[0].Results));
        if (options.Report is not null)
            MarkedSection.Replace(options.Report, "training", markdown);
        return 0;
    }

    private static TrainingRun Run(TrainingOptions options, List<Configuration> wanted, int threads)
    {
        Workers.Threads = threads;
        (double ours, double? blas) = Gemms(threads);
        Peer? peer = File.Exists(options.Script) ? new Peer(options.Python, options.Script, threads) : null;
        var rows = new List<(Configuration Configuration, TrainingResult Result, Measurement? Peer)>();
        string error = options.Script + " is not there";
        foreach (Configuration c in wanted)
        {
            Console.Error.Write($"\r{c.Name,-12}");
            TrainingResult result = Measure(c, threads);
            Measurement? peerTime = peer?.Run(c.Name, out error);
            if (peerTime is null && rows.Count == 0)
                Console.Error.WriteLine($"\r{Peer.InstallHint}: {error}");
            peer = peerTime is null ? null : peer;
            rows.Add((c, result, peerTime));
        }
        Console.Error.Write("\r            \r");
        ours = Math.Max(ours, KernelsCommand.Gemm(2048));
        double peak = Math.Max(ours, Math.Max(blas ?? 0, peer?.Gemm ?? 0));
        return new TrainingRun(threads, CpuKernels.Current.Name, Processor(), ours, blas, peer?.Name, peer?.Gemm, rows.ConvertAll(row => row.Result with
        {
            Gflops = row.Configuration.StepFlops / row.Result.BestMs / 1e6,
            OfPeak = row.Configuration.StepFlops / row.Result.BestMs / 1e6 / peak,
            PeerBestMs = row.Peer?.BestMilliseconds, PeerMedianMs = row.Peer?.MedianMilliseconds,
            PeerGflops = row.Configuration.StepFlops / row.Peer?.BestMilliseconds / 1e6,
        }));
    }

    private static TrainingResult Measure(Configuration c, int threads)
    {
        using TrainingStep step = TrainingStep.Create(c);
        Measurement time = Measurement.Of(() => step.Run());
        const int counted = 5;
        long before = GC.GetTotalAllocatedBytes(precise: true);
        for (int i = 0; i < counted; i++)
            step.Run();
        double allocated = (double)(GC.GetTotalAllocatedBytes(precise: true) - before) / counted;
        return new TrainingResult(c.Name, time.BestMilliseconds, time.MedianMilliseconds, 0, 0, null, null, null)
        {
            AllocatedBytes = allocated, Profile = threads == 1 ? Profile(step) : null, Fresh = threads == 1 ? FirstStepCommand.Measure(c.Name) : null,
        };
    }

    private static Dictionary<string, double> Profile(TrainingStep step)
    {
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

    private static string Processor()
    {
        string? model = File.Exists("/proc/cpuinfo") ? File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal)) : null;
        return $"{model?.Split(':', 2)[1].Trim() ?? RuntimeInformation.ProcessArchitecture.ToString()}, {Environment.ProcessorCount} cores, .NET {Environment.Version.Major}";
    }
}
