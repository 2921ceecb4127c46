using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace Microsoft.ML.Recurrent.Benchmarks;

/// <summary>The peer's figures: its script, run for one configuration at a time so that both sides alternate.</summary>
internal sealed class Peer(string python, string script, int threads)
{
    /// <summary>What to do where the peer is not there.</summary>
    public const string InstallHint = "no peer: PyTorch beside OpenBLAS is wanted, on Debian by apt-get install python3-torch libopenblas0-pthread (or --python, --peer)";

    /// <summary>The peer's name and version, once it has run.</summary>
    public string? Name { get; private set; }

    /// <summary>The highest GFLOP/s of torch.mm seen.</summary>
    public double Gemm { get; private set; }

    /// <summary>Best and median milliseconds of a configuration, or null where the peer cannot run.</summary>
    public Measurement? Run(string configuration, out string error)
    {
        var start = new ProcessStartInfo(python, [script, threads.ToString(), configuration]) { RedirectStandardOutput = true, RedirectStandardError = true };
        // Large blocks stay with the process: without this the peer's memory is mapped and unmapped at every step.
        start.Environment["MALLOC_MMAP_THRESHOLD_"] = "2000000000";
        start.Environment["MALLOC_TRIM_THRESHOLD_"] = "4000000000";
        start.Environment["OPENBLAS_NUM_THREADS"] = start.Environment["OMP_NUM_THREADS"] = threads.ToString();
        error = "";
        try
        {
            using Process process = Process.Start(start)!;
            Task<string> errors = process.StandardError.ReadToEndAsync();
            Measurement? result = null;
            while (process.StandardOutput.ReadLine() is { } line)
            {
                using JsonDocument document = JsonDocument.Parse(line);
                JsonElement root = document.RootElement;
                if (root.TryGetProperty("gemmPeakGflops", out JsonElement gemm))
                    (Name, Gemm) = (root.GetProperty("peer").GetString(), Math.Max(Gemm, gemm.GetDouble()));
                else
                    result = new Measurement(root.GetProperty("bestMs").GetDouble(), root.GetProperty("medianMs").GetDouble());
            }
            process.WaitForExit();
            error = errors.Result.Trim();
            return process.ExitCode == 0 ? result : null;
        }
        catch (Exception e) when (e is System.ComponentModel.Win32Exception or JsonException)
        {
            error = e.Message;
            return null;
        }
    }
}

/// <summary>OpenBLAS's own matrix product, where its library is on the machine.</summary>
internal static unsafe partial class OpenBlas
{
    private const string Library = "libopenblas.so.0";

    /// <summary>GFLOP/s of a square product, or null where the library is absent.</summary>
    public static double? Gemm(int n, int threads, Tensors.Tensor a, Tensors.Tensor b, Tensors.Tensor c)
    {
        if (!NativeLibrary.TryLoad(Library, out _))
            return null;
        openblas_set_num_threads(threads);
        float* pa = a.Pointer, pb = b.Pointer, pc = c.Pointer;
        const int rowMajor = 101, plain = 111;
        Measurement time = Measurement.Of(() => cblas_sgemm(rowMajor, plain, plain, n, n, n, 1, pa, n, pb, n, 0, pc, n), 0.3, 5);
        return 2.0 * n * n * n / time.BestMilliseconds / 1e6;
    }

    [LibraryImport(Library)]
    private static partial void openblas_set_num_threads(int threads);

    [LibraryImport(Library)]
    private static partial void cblas_sgemm(
        int order, int transposeA, int transposeB, int m, int n, int k, float alpha, float* a, int lda, float* b, int ldb, float beta, float* c, int ldc);
}
