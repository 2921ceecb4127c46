namespace Microsoft.ML.Recurrent.Scoring;

/// <summary>
/// How many rows run together. Rows of a run are padded to its longest, so one very long row among short ones would make the run many times as large as the
/// rows are, and some thousand rows of some thousand steps take more memory inside ONNX Runtime than there is: such runs are cut.
/// </summary>
internal sealed class RunSize
{
    // 64 MiB of float, padding and all.
    private const long Budget = 1 << 24;

    // What a step counts at the least: a recurrent layer makes that many numbers of it, however few go in.
    private const int MinimumNumbers = 64;

    // Paths that are drawn together: each is a row of its own to the nodes that draw it.
    private const int PathsOfRun = 1 << 14;

    // Padding that costs less than a run of its own.
    private const long CheapSteps = 1 << 13;

    private readonly long _steps;

    /// <param name="manifest">The model's columns.</param>
    /// <param name="rows">Rows of a run at the most.</param>
    public RunSize(ModelManifest manifest, int rows)
    {
        long numbers = manifest.Inputs.Where(input => input.IsSequence).Sum(input => (long)input.Features)
            + manifest.Outputs.Where(output => output.PerStep).Sum(output => (long)output.Size);
        _steps = Budget / Math.Max(MinimumNumbers, numbers);
        Rows = manifest.Forecast is { NumberOfPaths: > 0 and var paths } ? Math.Clamp(PathsOfRun / paths, 1, rows) : rows;
    }

    /// <summary>Rows of a run at the most.</summary>
    public int Rows { get; }

    /// <summary>Rows that run together out of so many of one length: at least one.</summary>
    public int OfOneLength(int rows, int time) => (int)Math.Min(Math.Min(rows, Rows), Math.Max(1, _steps / time));

    /// <summary>Whether rows as they come, no more than a run takes, had better be put in order of length and cut.</summary>
    public bool IsTooUneven(ReadOnlySpan<int> times)
    {
        long sum = 0;
        int longest = 0;
        foreach (int time in times) (sum, longest) = (sum + time, Math.Max(longest, time));
        return IsTooUneven(times.Length, longest, sum);
    }

    /// <summary>How many of the rows, which are in order of length, the shortest first, run next: at least one.</summary>
    public int OfLengths(ReadOnlySpan<int> times, ReadOnlySpan<int> rows)
    {
        rows = rows[..Math.Min(rows.Length, Rows)];
        long sum = 0;
        foreach (int row in rows) sum += times[row];
        while (rows.Length > 1 && IsTooUneven(rows.Length, times[rows[^1]], sum))
        {
            int cut = Cut(times, rows);
            foreach (int row in rows[cut..]) sum -= times[row];
            rows = rows[..cut];
        }
        return rows.Length;
    }

    private bool IsTooUneven(int rows, int longest, long sum) =>
        (long)rows * longest is var padded && (padded > _steps || padded > 4 * sum && padded - sum > CheapSteps);

    // Where a cut spares the most padding; where all are about as long, where the budget ends.
    private int Cut(ReadOnlySpan<int> times, ReadOnlySpan<int> rows)
    {
        int longest = times[rows[^1]], cut = 0;
        long spared = 0;
        for (int i = 1; i < rows.Length; i++)
            if ((long)i * (longest - times[rows[i - 1]]) is var spares && spares > spared) (cut, spared) = (i, spares);
        if (2 * spared > (long)rows.Length * longest) return cut;
        return (int)Math.Clamp(_steps / longest, 1, rows.Length - 1);
    }
}
