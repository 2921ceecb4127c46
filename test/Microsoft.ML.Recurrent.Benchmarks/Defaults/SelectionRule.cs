namespace Microsoft.ML.Recurrent.Benchmarks.Defaults;

/// <summary>How a candidate compares with the defaults as they were, over all sets.</summary>
/// <param name="Candidate">Its name.</param>
/// <param name="Ratio">The geometric mean over the sets of its error over the defaults'.</param>
/// <param name="Noise">The standard deviation of that ratio's logarithm that seeds alone would give.</param>
/// <param name="Worst">The ratio of the set where it does worst.</param>
/// <param name="WorstSet">That set.</param>
/// <param name="Time">Its seconds of training over the defaults', on the sets where it applies.</param>
/// <param name="Verdict">What the rule says.</param>
/// <param name="Ratios">By set; 1 where it does not apply.</param>
internal sealed record Comparison(string Candidate, double Ratio, double Noise, double Worst, string WorstSet, double Time, string Verdict,
    IReadOnlyDictionary<string, double> Ratios);

/// <summary>The rule of docs/research/defaults.md, which was written before the first run.</summary>
internal static class SelectionRule
{
    /// <summary>In units of the noise: so much has a candidate to be better.</summary>
    public const double Confidence = 2;

    /// <summary>So much worse, or twice the set's own noise where that is greater, may it be on one set.</summary>
    public const double WorstShare = 0.03;

    /// <summary>From so much less time on a candidate counts as cheaper, and up to so much more as no dearer.</summary>
    public const double Cheaper = 0.8, Dearer = 1.2;

    /// <summary>So many seeds of the defaults, from 1 on, tell the noise.</summary>
    public const int SeedsOfNoise = 4;

    /// <summary>Compares a candidate with another by the seeds that both were run with on all of its sets; null where there are none.</summary>
    public static Comparison? Compare(Candidate candidate, string against, IReadOnlyList<SelectionResult> results)
    {
        SelectionSet[] sets = [.. SelectionSets.All.Where(candidate.Applies)];
        int[] seeds = [.. results.Where(result => result.Candidate == candidate.Name).Select(result => result.Seed).Distinct()
            .Where(seed => sets.All(set => Find(candidate.Name, set, seed) is not null && Find(against, set, seed) is not null)).Order()];
        if (seeds.Length == 0) return null;
        double sum = 0, variance = 0, own = 0, others = 0, worst = 0, worstNoise = 0;
        var worstSet = "";
        var ratios = SelectionSets.All.ToDictionary(set => set.Name, _ => 1.0);
        foreach (var set in sets)
        {
            var logarithm = Math.Log(seeds.Average(seed => Find(candidate.Name, set, seed)!.Error) / seeds.Average(seed => Find(against, set, seed)!.Error));
            var spread = SpreadOfSeeds(set.Name, results);
            // Of the difference of two means of so many seeds.
            var noise = spread * Math.Sqrt(2.0 / seeds.Length);
            (sum, variance) = (sum + logarithm, variance + noise * noise);
            (own, others) = (own + seeds.Sum(seed => Find(candidate.Name, set, seed)!.Seconds), others + seeds.Sum(seed => Find(against, set, seed)!.Seconds));
            ratios[set.Name] = Math.Exp(logarithm);
            if (worstSet.Length == 0 || logarithm > worst) (worst, worstSet, worstNoise) = (logarithm, set.Name, noise);
        }
        var count = SelectionSets.All.Length;
        var comparison = new Comparison(candidate.Name, Math.Exp(sum / count), Math.Sqrt(variance) / count, Math.Exp(worst), worstSet, own / others, "",
            ratios);
        return comparison with { Verdict = Judge(candidate, comparison, worstNoise) };

        SelectionResult? Find(string name, SelectionSet set, int seed) =>
            results.FirstOrDefault(result => result.Candidate == name && result.Set == set.Name && result.Seed == seed);
    }

    /// <summary>What the rule says of figures; the noise of the set where the candidate does worst is that of its own ratio.</summary>
    internal static string Judge(Candidate candidate, Comparison figures, double worstNoise)
    {
        var logarithm = Math.Log(figures.Ratio);
        if (Math.Log(figures.Worst) > Math.Max(Math.Log(1 + WorstShare), Confidence * worstNoise)) return "stays out: worse on one set";
        if (logarithm < -Confidence * figures.Noise) return "better: goes on";
        if (logarithm > figures.Noise) return "stays out: worse";
        if (candidate.IsSimpler && figures.Time <= Dearer) return "tie, simpler: goes on";
        if (figures.Time <= Cheaper) return "tie, cheaper: goes on";
        if (candidate.IsWanted && figures.Time <= Dearer) return "tie, wanted: goes on";
        return "stays out: tie";
    }

    /// <summary>The standard deviation of the logarithm of the defaults' error on a set, over the first four seeds.</summary>
    public static double SpreadOfSeeds(string set, IReadOnlyList<SelectionResult> results)
    {
        double[] logarithms = [.. results.Where(result => result.Candidate == Candidates.Present && result.Set == set && result.Seed <= SeedsOfNoise)
            .Select(result => Math.Log(result.Error))];
        if (logarithms.Length < 2) return 0;
        var mean = logarithms.Average();
        return Math.Sqrt(logarithms.Sum(value => (value - mean) * (value - mean)) / (logarithms.Length - 1));
    }
}
