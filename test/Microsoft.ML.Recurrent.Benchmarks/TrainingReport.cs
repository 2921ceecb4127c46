using System.Globalization;
using System.Text;

namespace Microsoft.ML.Recurrent.Benchmarks;

/// <summary>A peer's time for a configuration.</summary>
/// <param name="BestMs">Its best milliseconds.</param>
/// <param name="MedianMs">Its median.</param>
/// <param name="Gflops">Its speed by the best.</param>
/// <param name="Ratio">How many times its speed ours is.</param>
internal sealed record PeerResult(double BestMs, double MedianMs, double Gflops, double Ratio);

/// <summary>A peer in a run.</summary>
/// <param name="Label">What it is.</param>
/// <param name="Name">Its name and version, once it has run.</param>
/// <param name="Gemm">GFLOP/s of its own matrix product.</param>
/// <param name="Absence">Why it has no figures, where it has none.</param>
internal sealed record PeerRun(string Label, string? Name, double? Gemm, string? Absence);

/// <summary>One row of the table; its peers in the order of the run's, null where one did not run.</summary>
internal sealed record TrainingResult(string Name, double BestMs, double MedianMs, double Gflops, double OfPeak, IReadOnlyList<PeerResult?> Peers)
{
    /// <summary>Managed bytes allocated by one step.</summary>
    public required double AllocatedBytes { get; init; }

    /// <summary>Share of a step's time in each part, measured on one thread; null where it is run on several.</summary>
    public IReadOnlyDictionary<string, double>? Profile { get; init; }

    /// <summary>What a process of its own took to its first step; null where it is run on several threads.</summary>
    public FreshProcess? Fresh { get; init; }
}

/// <summary>All configurations with one number of threads: the matrix products at 2048 x 2048, the highest of which is the peak, and the rows.</summary>
internal sealed record TrainingRun(int Threads, string Path, string Processor, double Ours, double? Blas, IReadOnlyList<PeerRun> Peers,
    IReadOnlyList<TrainingResult> Results)
{
    /// <summary>The highest of the products in GFLOP/s.</summary>
    public double Peak => Math.Max(Math.Max(Ours, Blas ?? 0), Peers.Max(peer => peer.Gemm ?? 0));

    /// <summary>What the shares are of.</summary>
    public string Caption => string.Create(
        CultureInfo.InvariantCulture,
        $"{Processor}, path {Path}, {Threads} thread(s). GFLOP/s at 2048 x 2048: ours {Ours:F1}, "
            + $"OpenBLAS {Figure(Blas)}, {string.Join(", ", Peers.Select(peer => $"{peer.Name ?? peer.Label} {Figure(peer.Gemm)}"))}; shares are "
            + $"of {Peak:F1}.");

    private static string Figure(double? value) => value?.ToString("F1", CultureInfo.InvariantCulture) ?? "absent";
}

/// <summary>The runs as the Markdown of docs/kernels.md.</summary>
internal static class TrainingReport
{
    private const double FirstStepGoal = 400;

    public static string Markdown(IReadOnlyList<TrainingRun> runs)
    {
        CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
        var text = new StringBuilder();
        var first = runs[0];
        text.Append(first.Caption).Append("\n\n").Append(Rows(first)).Append('\n');
        foreach (var peer in first.Peers.Where(peer => peer.Absence is not null))
            text.Append($"No figures of {peer.Label}: {peer.Absence}.\n\n");
        if (first.Threads == 1)
            text.Append(Verdict(first)).Append('\n');
        if (first.Results.All(row => row.Profile is not null))
            text.Append("Share of time, one thread:\n\n").Append(Profile(first)).Append('\n');
        foreach (var more in runs.Skip(1))
            text.Append(more.Caption).Append(" The matrix product itself goes from ")
                .Append($"{first.Ours:F0} to {more.Ours:F0} GFLOP/s ({more.Ours / first.Ours:F2}).\n\n").Append(Threads(first, more)).Append('\n');
        return text.ToString();
    }

    private static string Rows(TrainingRun run)
    {
        var one = run.Threads == 1;
        string[] heads =
        [
            "configuration", "ms best", "median", "GFLOP/s", "of peak", .. one ? (string[])["bar", "goal", "to the goal"] : [],
            .. run.Peers.SelectMany(peer => (string[])[$"{peer.Label} ms", "GFLOP/s", "ratio"]), "managed bytes a step",
            .. one ? (string[])["first step ms", "peak MiB"] : [],
        ];
        return MarkedSection.Table(heads, run.Results.Select(r =>
        {
            (var bar, var goal) = Bars.Of(r.Name);
            return (string[])
            [
                r.Name, $"{r.BestMs:F3}", $"{r.MedianMs:F3}", $"{r.Gflops:F1}", $"{100 * r.OfPeak:F0}%",
                .. one ? (string[])[$"{100 * bar:F0}%", $"{100 * goal:F0}%", $"{100 * (r.OfPeak - goal):+0;-0;0}"] : [],
                .. r.Peers.SelectMany(peer => (string[])[$"{peer?.BestMs:F3}", $"{peer?.Gflops:F1}", $"{peer?.Ratio:F2}"]), $"{r.AllocatedBytes:F0}",
                .. one ? (string[])[$"{r.Fresh?.FirstStepMs:F0}", $"{r.Fresh?.PeakMiB:F0}"] : [],
            ];
        }));
    }

    // What the run says of bars and goals, by name.
    private static string Verdict(TrainingRun run)
    {
        string Names(Func<TrainingResult, bool> which) =>
            run.Results.Where(which).Select(row => row.Name).ToList() is { Count: > 0 } names ? string.Join(", ", names) : "none";
        return $"""
            - below the bar: {Names(r => r.OfPeak < Bars.Of(r.Name).Bar)}{string.Concat(run.Peers.Select((peer, i) =>
                $"; below 1.2 times {peer.Label}: {(peer.Name is null ? "no figures" : Names(r => r.Peers[i]?.Ratio is null or < 1.2))}"))}
            - below the goal: {Names(r => r.OfPeak < Bars.Of(r.Name).Goal)}
            - first step later than {FirstStepGoal:F0} ms: {Names(r => r.Fresh?.FirstStepMs > FirstStepGoal)}

            """;
    }

    private static string Profile(TrainingRun run) => MarkedSection.Table(
        ["", .. run.Results[0].Profile!.Keys], run.Results.Select(row => (string[])[row.Name, .. row.Profile!.Values.Select(share => $"{100 * share:F0}%")]));

    private static string Threads(TrainingRun one, TrainingRun more) => MarkedSection.Table(
        ["", $"ms, {one.Threads} thread(s)", $"ms, {more.Threads} threads", "factor",
            .. more.Peers.SelectMany(peer => (string[])[$"{peer.Label} ms, {more.Threads} threads", "ratio"]), "managed bytes a step"],
        one.Results.Zip(more.Results, (a, b) => (string[])
            [a.Name, $"{a.BestMs:F3}", $"{b.BestMs:F3}", $"{a.BestMs / b.BestMs:F2}",
                .. b.Peers.SelectMany(peer => (string[])[$"{peer?.BestMs:F3}", $"{peer?.Ratio:F2}"]), $"{b.AllocatedBytes:F0}"]));
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
