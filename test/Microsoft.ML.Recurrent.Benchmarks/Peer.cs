using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json;
using Microsoft.ML.Recurrent.Kernels.Recurrent;

namespace Microsoft.ML.Recurrent.Benchmarks;

/// <summary>
/// Another library's figures: a program of its own, run for one configuration at a time so that all sides alternate. It writes a line of JSON with its name and
/// the GFLOP/s of its matrix product, then one with its step's best and median milliseconds.
/// </summary>
internal sealed class Peer(string label, string program, Func<Configuration, IEnumerable<string>> arguments, int threads)
{
    private const string PyTorchHint =
        "PyTorch beside OpenBLAS is wanted, on Debian by apt-get install python3-torch libopenblas0-pthread (or --python, --peer)";

    /// <summary>PyTorch, by its script.</summary>
    public static Peer PyTorch(string python, string script, int threads) =>
        new("PyTorch", python, configuration => [script, $"{threads}", configuration.Name], threads)
        {
            Absence = File.Exists(script) ? null : $"{PyTorchHint}: {script} is not there",
            Hint = PyTorchHint,
        };

    /// <summary>TorchSharp, by the program that <see cref="TorchSharpProgram"/> builds.</summary>
    public static Peer TorchSharp(TorchSharpProgram program, int threads) => new("TorchSharp", program.Path, c =>
    [
        $"{threads}", CellDescriptor.For(c.Cell).Name,
        $"{c.Layers}", $"{c.Hidden}", $"{c.Batch}", $"{c.Time}", $"{c.Inputs}", $"{(c.IsLanguageModel ? Configuration.Vocabulary : 0)}",
    ], threads)
    {
        Absence = program.Fault,
    };

    /// <summary>What the peer is.</summary>
    public string Label => label;

    /// <summary>Its name and version, once it has run.</summary>
    public string? Name { get; private set; }

    /// <summary>The highest GFLOP/s of its matrix product seen.</summary>
    public double Gemm { get; private set; }

    /// <summary>Why it does not run here; null while it does.</summary>
    public string? Absence { get; private set; }

    /// <summary>What to do where it does not run.</summary>
    private string? Hint { get; init; }

    /// <summary>
    /// Best and median milliseconds of a configuration, or null where the peer cannot run: <see cref="Absence"/> then says why, and it is not tried again.
    /// </summary>
    public Measurement? Run(Configuration configuration)
    {
        if (Absence is not null)
            return null;
        var start = new ProcessStartInfo(program, arguments(configuration)) { RedirectStandardOutput = true, RedirectStandardError = true };
        // Large blocks stay with the process: without this the peer's memory is mapped and unmapped at every step.
        start.Environment["MALLOC_MMAP_THRESHOLD_"] = "2000000000";
        start.Environment["MALLOC_TRIM_THRESHOLD_"] = "4000000000";
        start.Environment["OPENBLAS_NUM_THREADS"] = start.Environment["OMP_NUM_THREADS"] = $"{threads}";
        try
        {
            using var process = Process.Start(start)!;
            var errors = process.StandardError.ReadToEndAsync();
            Measurement? result = null;
            while (process.StandardOutput.ReadLine() is { } line)
            {
                using var document = JsonDocument.Parse(line);
                var root = document.RootElement;
                if (root.TryGetProperty("gemmPeakGflops", out var gemm))
                    (Name, Gemm) = (root.GetProperty("peer").GetString(), Math.Max(Gemm, gemm.GetDouble()));
                else
                    result = new Measurement(root.GetProperty("bestMs").GetDouble(), root.GetProperty("medianMs").GetDouble());
            }
            process.WaitForExit();
            if (process.ExitCode == 0 && result is not null)
                return result;
            Fail(errors.Result.Trim());
        }
        catch (Exception e) when (e is Win32Exception or JsonException)
        {
            Fail(e.Message);
        }
        return null;
    }

    private void Fail(string error) => Absence = Hint is null ? error : $"{Hint}: {error}";
}
