using System.Runtime.InteropServices;
using System.Text.Json;
using Microsoft.ML.Recurrent.Kernels;

namespace Microsoft.ML.Recurrent.Benchmarks;

/// <summary>What the user asks of <c>-- training</c>.</summary>
internal sealed record TrainingOptions(string? Only, IReadOnlyList<int> Threads, string? Json, string? Chart, string? Report, string Python, string Script,
    bool TorchSharp, string? TorchSharpProgram);

/// <summary>
/// <c>-- training</c>: training steps of all configurations beside the peers', configuration by configuration in turn, on the same machine with the same number
/// of threads. Shares are of the highest matrix product at 2048 x 2048: ours, OpenBLAS's and the peers'.
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
        var torchSharp = options.TorchSharpProgram is { } path ? TorchSharpProgram.At(path) : options.TorchSharp
            ? TorchSharpProgram.Build()
            : null;
        List<TrainingRun> runs = [.. options.Threads.Select(threads => Run(options, torchSharp, wanted, threads))];
        var markdown = TrainingReport.Markdown(runs);
        Console.WriteLine(markdown);
        if (options.Json is not null)
            File.WriteAllText(options.Json, JsonSerializer.Serialize(runs, s_json) + "\n");
        if (options.Chart is not null)
            File.WriteAllText(options.Chart, TrainingChart.Svg(runs[0]));
        if (options.Report is not null)
            MarkedSection.Replace(options.Report, "training", markdown);
        return 0;
    }

    private static TrainingRun Run(TrainingOptions options, TorchSharpProgram? torchSharp, List<Configuration> wanted, int threads)
    {
        Workers.Threads = threads;
        (var ours, var blas) = Gemms(threads);
        List<Peer> peers = [Peer.PyTorch(options.Python, options.Script, threads)];
        if (torchSharp is not null)
            peers.Add(Peer.TorchSharp(torchSharp, threads));
        var rows = new List<(Configuration Configuration, TrainingResult Result, List<Measurement?> Peers)>();
        foreach (var c in wanted)
        {
            Console.Error.Write($"\r{c.Name,-12}");
            var result = Measure(c, threads);
            rows.Add((c, result, peers.ConvertAll(peer => peer.Run(c))));
        }
        Console.Error.Write("\r            \r");
        foreach (var peer in peers.Where(peer => peer.Absence is not null))
            Console.Error.WriteLine($"no figures of {peer.Label}: {peer.Absence}");
        ours = Math.Max(ours, KernelsCommand.Gemm(2048));
        var runs = peers.ConvertAll(peer => new PeerRun(peer.Label, peer.Name, peer.Name is null ? null : peer.Gemm, peer.Absence));
        var run = new TrainingRun(threads, CpuKernels.Current.Name, Processor(), ours, blas, runs, []);
        return run with
        {
            Results = rows.ConvertAll(row => row.Result with
            {
                Gflops = row.Configuration.StepFlops / row.Result.BestMs / 1e6,
                OfPeak = row.Configuration.StepFlops / row.Result.BestMs / 1e6 / run.Peak,
                Peers = row.Peers.ConvertAll(time => time is not { } t ? null
                    : new PeerResult(t.BestMilliseconds, t.MedianMilliseconds, row.Configuration.StepFlops / t.BestMilliseconds / 1e6,
                        t.BestMilliseconds / row.Result.BestMs)),
            }),
        };
    }

    private static TrainingResult Measure(Configuration c, int threads)
    {
        using var step = TrainingStep.Create(c);
        var time = Measurement.Of(() => step.Run());
        const int counted = 5;
        var before = GC.GetTotalAllocatedBytes(precise: true);
        for (var i = 0; i < counted; i++)
            step.Run();
        var allocated = (double)(GC.GetTotalAllocatedBytes(precise: true) - before) / counted;
        return new TrainingResult(c.Name, time.BestMilliseconds, time.MedianMilliseconds, 0, 0, [])
        {
            AllocatedBytes = allocated, Profile = threads == 1 ? Profile(step) : null, Fresh = threads == 1 ? FirstStepCommand.Measure(c.Name) : null,
        };
    }

    private static Dictionary<string, double> Profile(TrainingStep step)
    {
        Array.Clear(KernelProfile.Ticks);
        KernelProfile.IsEnabled = true;
        var start = System.Diagnostics.Stopwatch.GetTimestamp();
        double seconds;
        var steps = 0;
        do
        {
            step.Run();
            seconds = System.Diagnostics.Stopwatch.GetElapsedTime(start).TotalSeconds;
        }
        while (++steps < 3 || seconds < 0.2);
        KernelProfile.IsEnabled = false;
        double Share(KernelPart part) => KernelProfile.Ticks[(int)part] / (double)System.Diagnostics.Stopwatch.Frequency / seconds;
        double gates = Share(KernelPart.Gates), recurrent = Share(KernelPart.Steps) - gates, rest = 1 - recurrent - gates;
        var profile = new Dictionary<string, double> { ["recurrent products"] = recurrent, ["gates"] = gates };
        foreach (var part in (KernelPart[])[KernelPart.Products, KernelPart.Sums, KernelPart.Softmax, KernelPart.Optimizer])
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
        var ours = KernelsCommand.Gemm(n);
        using Tensors.Tensor a = Tensors.Tensor.Zeros(new Tensors.Shape(n, n)), b = a.Clone(), c = a.Clone();
        return (ours, OpenBlas.Gemm(n, threads, a, b, c));
    }

    private static string Processor()
    {
        var model = File.Exists("/proc/cpuinfo")
            ? File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))
            : null;
        return $"{model?.Split(':', 2)[1].Trim() ?? RuntimeInformation.ProcessArchitecture.ToString()}, {Environment.ProcessorCount} cores, "
            + $".NET {Environment.Version.Major}";
    }
}
