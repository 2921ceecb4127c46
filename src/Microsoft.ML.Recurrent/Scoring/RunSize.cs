namespace Microsoft.ML.Recurrent.Scoring;

/// <summary>
/// Limits the rows of a run. Rows are padded to the longest of the run, so one very long row among short ones makes the run many times larger; and thousands of
/// rows of thousands of steps can exceed the memory of ONNX Runtime. Such runs are split.
/// </summary>
internal sealed class RunSize
{
    // 64 MiB of floats, including padding.
    private const long Budget = 1 << 24;

    // Minimum cost of a step: a recurrent layer computes that many numbers from it, however few are its inputs.
    private const int MinimumNumbers = 64;

    // Paths drawn together: each is a separate row to the sampling nodes.
    private const int PathsOfRun = 1 << 14;

    // Padding that is cheaper than another run.
    private const long CheapSteps = 1 << 13;

    // ONNX Runtime computes the gates of all steps of a layer before its first step. These many floats (4 MiB) stay in the cache, and a row then costs up to
    // half of what it costs in runs of many MiB.
    private const long CachedNumbers = 1 << 20;

    // The weights are read from memory for each step of a run, so that fewer rows cost more.
    private const int FewRows = 16;

    private readonly long _steps, _cachedSteps;

    /// <param name="manifest">The model's columns.</param>
    /// <param name="rows">Maximum number of rows per run.</param>
    /// <param name="gates">Numbers that the largest layer computes for each step and direction; 0 where not known.</param>
    public RunSize(ModelManifest manifest, int rows, int gates = 0)
    {
        _cachedSteps = gates > 0 ? CachedNumbers / gates : long.MaxValue;
        var numbers = manifest.Inputs.Where(input => input.IsSequence).Sum(input => (long)input.Features)
            + manifest.Outputs.Where(output => output.PerStep).Sum(output => (long)output.Size);
        _steps = Budget / Math.Max(MinimumNumbers, numbers);
        Rows = manifest.Forecast is { NumberOfPaths: > 0 and var paths } ? Math.Clamp(PathsOfRun / paths, 1, rows) : rows;
    }

    /// <summary>Maximum number of rows per run.</summary>
    public int Rows { get; }

    /// <summary>Number of rows that run together, out of <paramref name="rows"/> rows of equal length: at least 1.</summary>
    public int OfOneLength(int rows, int time) =>
        (int)Math.Min(Math.Min(rows, Rows), Math.Min(Math.Max(1, _steps / time), Math.Max(FewRows, _cachedSteps / time)));

    /// <summary>Whether the rows of a run should be sorted by length and split.</summary>
    public bool IsTooUneven(ReadOnlySpan<int> times)
    {
        long sum = 0;
        var longest = 0;
        foreach (var time in times) (sum, longest) = (sum + time, Math.Max(longest, time));
        return IsTooUneven(times.Length, longest, sum);
    }

    /// <summary>Number of rows, sorted by length with the shortest first, for the next run: at least 1.</summary>
    public int OfLengths(ReadOnlySpan<int> times, ReadOnlySpan<int> rows)
    {
        rows = rows[..Math.Min(rows.Length, Rows)];
        long sum = 0;
        foreach (var row in rows) sum += times[row];
        while (rows.Length > 1 && IsTooUneven(rows.Length, times[rows[^1]], sum))
        {
            var cut = Cut(times, rows);
            foreach (var row in rows[cut..]) sum -= times[row];
            rows = rows[..cut];
        }
        return rows.Length;
    }

    private bool IsTooUneven(int rows, int longest, long sum) =>
        (long)rows * longest is var padded && (padded > _steps || padded > 4 * sum && padded - sum > CheapSteps);

    // Cuts where it saves the most padding or, for rows of similar length, at the budget.
    private int Cut(ReadOnlySpan<int> times, ReadOnlySpan<int> rows)
    {
        int longest = times[rows[^1]], cut = 0;
        long spared = 0;
        for (var i = 1; i < rows.Length; i++)
            if ((long)i * (longest - times[rows[i - 1]]) is var spares && spares > spared) (cut, spared) = (i, spares);
        if (2 * spared > (long)rows.Length * longest) return cut;
        return (int)Math.Clamp(_steps / longest, 1, rows.Length - 1);
    }
}
