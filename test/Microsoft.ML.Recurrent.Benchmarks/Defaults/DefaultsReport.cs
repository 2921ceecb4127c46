using System.Text;

namespace Microsoft.ML.Recurrent.Benchmarks.Defaults;

/// <summary>The tables of docs/research/defaults.md.</summary>
internal static class DefaultsReport
{
    /// <summary>The part of the page that holds them.</summary>
    public const string Section = "defaults", SecondSection = "second round", ThirdSection = "third round", RecipesSection = "recipes";

    public static void Write(string page, IReadOnlyList<SelectionResult> results)
    {
        MarkedSection.Replace(page, Section, $"{Machine(results)}\n\n{Comparisons(Candidates.FirstRound, results)}\n{Sets(results)}");
        MarkedSection.Replace(page, SecondSection, Comparisons(Candidates.SecondRound, results));
        MarkedSection.Replace(page, ThirdSection, Comparisons(Candidates.ThirdRound, results));
        MarkedSection.Replace(page, RecipesSection, OfRecipes(results));
    }

    /// <summary>A row a recipe, the taken ones in bold.</summary>
    public static string OfRecipes(IReadOnlyList<SelectionResult> results) =>
        MarkedSection.Table(["set", "recipe", "error, mean of 3 seeds", "its standard error", "seconds"], Recipes.Choose(results)
        .Select(row => (string[])[row.Set, row.IsTaken ? $"**{row.Recipe}**" : row.Recipe, $"{row.Mean:G4}", $"{row.Error:G2}", $"{row.Seconds:F1}"]));

    public static string Line(Comparison comparison) =>
        $"{comparison.Candidate}: {comparison.Ratio:F4} +- {comparison.Noise:F4}, worst {comparison.Worst:F3} ({comparison.WorstSet}), "
            + $"time {comparison.Time:F2}: {comparison.Verdict}";

    /// <summary>A row a candidate.</summary>
    public static string Comparisons(IReadOnlyList<Candidate> candidates, IReadOnlyList<SelectionResult> results) => MarkedSection.Table(
        ["candidate", "error over the defaults'", "noise", "worst set", "time", "the rule says"],
        candidates.Where(candidate => candidate.Name != Candidates.Present)
            .Select(candidate => SelectionRule.Compare(candidate, Candidates.Present, results) is { } comparison
            ? (string[])[candidate.Name, $"{comparison.Ratio:F4}", $"{comparison.Noise:F4}", $"{comparison.Worst:F3} ({comparison.WorstSet})",
                $"{comparison.Time:F2}", comparison.Verdict]
            : [candidate.Name, "not run", "", "", "", ""]));

    // What the defaults as they were reach on each set, and each candidate's ratio.
    private static string Sets(IReadOnlyList<SelectionResult> results)
    {
        var text = new StringBuilder();
        text.Append(MarkedSection.Table(["set", "what is taken", "error", "as the defaults were", "spread of seeds", "last value", "seconds"],
            SelectionSets.All.Select(set =>
        {
            SelectionResult[] own = [.. results.Where(result => result.Candidate == Candidates.Present && result.Set == set.Name)];
            return own.Length == 0 ? (string[])[set.Name, set.Subset, set.Measured, "not run", "", "", ""] :
            [
                set.Name, set.Subset, set.Measured, $"{own.Average(result => result.Error):G4}", $"{SelectionRule.SpreadOfSeeds(set.Name, results):P1}",
                $"{own[0].LastValue:G4}", $"{own.Average(result => result.Seconds):F1}",
            ];
        })));
        text.Append("\nEach candidate's error over the defaults', set by set:\n\n");
        text.Append(MarkedSection.Table(["candidate", .. SelectionSets.All.Select(set => set.Name.Replace('_', ' '))], Candidates.FirstRound
            .Select(candidate => candidate.Name == Candidates.Present ? null : SelectionRule.Compare(candidate, Candidates.Present, results))
            .OfType<Comparison>()
            .Select(comparison => (string[])[comparison.Candidate, .. SelectionSets.All.Select(set => $"{comparison.Ratios[set.Name]:F3}")])));
        return text.ToString();
    }

    private static string Machine(IReadOnlyList<SelectionResult> results) =>
        $"{results.Select(result => result.Date).Distinct().Order().LastOrDefault()}, {Processor()}, one thread, "
            + $"seeds {string.Join(", ", results.Select(result => result.Seed).Distinct().Order())}.";

    private static string Processor()
    {
        var model = File.Exists("/proc/cpuinfo")
            ? File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))
            : null;
        return model?.Split(':', 2)[1].Trim() ?? System.Runtime.InteropServices.RuntimeInformation.ProcessArchitecture.ToString();
    }
}
