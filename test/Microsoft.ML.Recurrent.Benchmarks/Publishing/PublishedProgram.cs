using System.Diagnostics;
using System.Globalization;

namespace Microsoft.ML.Recurrent.Benchmarks.Publishing;

/// <summary>A published program and what was measured of it.</summary>
internal sealed class PublishedProgram(PublishingMode mode, string folder, string model)
{
    private readonly List<double> _milliseconds = [], _peaks = [];

    public PublishingMode Mode => mode;

    /// <summary>Files that it needs: symbols are left out.</summary>
    public IReadOnlyList<FileInfo> Files { get; } =
        [.. new DirectoryInfo(folder).EnumerateFiles("*", SearchOption.AllDirectories).Where(file => file.Extension is not (".pdb" or ".dbg"))];

    /// <summary>Their size, in millions of bytes.</summary>
    public double Megabytes => Files.Sum(file => file.Length) / 1e6;

    /// <summary>Milliseconds from its start to its answer, median of all runs.</summary>
    public double Milliseconds => Median(_milliseconds);

    /// <summary>Its largest resident memory up to the answer, in MiB, median of all runs.</summary>
    public double PeakMiB => Median(_peaks);

    /// <summary>Runs it once.</summary>
    /// <param name="count">Whether the figures are kept. The first run reads the files from disk, and unpacks those that a single file holds.</param>
    /// <returns>Its answer.</returns>
    public float Run(bool count)
    {
        var start = new ProcessStartInfo(Path.Combine(folder, mode.Program.Name), [model]) { RedirectStandardInput = true, RedirectStandardOutput = true };
        start.Environment["DOTNET_BUNDLE_EXTRACT_BASE_DIR"] = Path.Combine(Path.GetDirectoryName(folder)!, "unpacked");
        start.Environment["ORT_DISABLE_TELEMETRY"] = "1";
        var clock = Stopwatch.StartNew();
        using var process = Process.Start(start)!;
        var answer = process.StandardOutput.ReadLine();
        var milliseconds = clock.Elapsed.TotalMilliseconds;
        var peak = answer is null ? 0 : process.PeakWorkingSet64 / 1048576.0;
        process.StandardInput.Close();
        process.WaitForExit();
        if (process.ExitCode != 0) throw new InvalidOperationException($"'{mode.Name}' ended with code {process.ExitCode}.");
        if (count)
        {
            _milliseconds.Add(milliseconds);
            _peaks.Add(peak);
        }
        return float.Parse(answer!, CultureInfo.InvariantCulture);
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
