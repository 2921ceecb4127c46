using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Microsoft.ML.Recurrent.Benchmarks.Translation;

/// <summary>PyTorch's side: the script <c>pytorch_translation.py</c>, whose translations are scored by the measure of this library's.</summary>
internal static class PyTorchTranslation
{
    /// <summary>The result; null, with a word on why, where PyTorch is not there.</summary>
    public static TranslationResult? Run(MLContext mlContext, SentencePairs pairs, TranslationOptions benchmark, int seed)
    {
        var script = Path.Combine(Repository.Root ?? "", "test", "Microsoft.ML.Recurrent.Benchmarks", "Translation", "pytorch_translation.py");
        var folder = Directory.CreateTempSubdirectory("recurrent-translation-").FullName;
        var start = new ProcessStartInfo(benchmark.Python,
        [
            script, benchmark.Data, "--seed", Text(seed), "--epochs", Text(benchmark.Epochs), "--threads", Text(benchmark.Threads), "--out", folder,
        ])
        {
            RedirectStandardOutput = true, RedirectStandardError = true,
        };
        // Large blocks stay with the process: without this the peer's memory is mapped and unmapped at every step.
        start.Environment["MALLOC_MMAP_THRESHOLD_"] = "2000000000";
        start.Environment["MALLOC_TRIM_THRESHOLD_"] = "4000000000";
        start.Environment["OPENBLAS_NUM_THREADS"] = start.Environment["OMP_NUM_THREADS"] = Text(benchmark.Threads);
        try
        {
            using var process = Process.Start(start)!;
            var errors = process.StandardError.ReadToEndAsync();
            var (name, losses, speeds) = ("PyTorch", new List<double>(), new Dictionary<string, double>());
            var (seconds, peak) = (double.NaN, double.NaN);
            while (process.StandardOutput.ReadLine() is { } line)
            {
                using var document = JsonDocument.Parse(line);
                var root = document.RootElement;
                if (root.TryGetProperty("peer", out var peer)) name = peer.GetString()!;
                else if (root.TryGetProperty("valid", out var loss)) losses.Add(loss.GetDouble());
                else if (root.TryGetProperty("search", out var search)) speeds[search.GetString()!] = root.GetProperty("sentencesPerSecond").GetDouble();
                else (seconds, peak) = (root.GetProperty("trainingSeconds").GetDouble(), root.GetProperty("peakMiB").GetDouble());
            }
            process.WaitForExit();
            if (process.ExitCode == 0) return new(name, seed, losses, seconds, Bleu("greedy"), Bleu("beam"), speeds["greedy"], speeds["beam"], peak);
            Console.Error.WriteLine($"PyTorch was not measured: {errors.Result.Trim()}");
        }
        catch (Win32Exception error)
        {
            Console.Error.WriteLine($"PyTorch was not measured: {error.Message}");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
        return null;

        double Bleu(string search) => ScoredSentence.Bleu(mlContext, pairs.References, File.ReadLines(Path.Combine(folder, search + ".txt")));
    }

    private static string Text(int value) => value.ToString(CultureInfo.InvariantCulture);
}
