using System.Text.Json;

namespace Microsoft.ML.Recurrent.Benchmarks.Defaults;

/// <summary>What the user asks of <c>-- defaults</c>.</summary>
internal sealed record DefaultsRequest(string Data, string Results, int[] Seeds, string[] Only, string[] Sets, int Threads, string? Report, string? Json,
    DefaultsPart Part, bool Run);

/// <summary>What is run.</summary>
internal enum DefaultsPart
{
    /// <summary>One option at a time.</summary>
    FirstRound,

    /// <summary>What went on, together, with fresh seeds.</summary>
    SecondRound,

    /// <summary>The same, with the loss by the series' spreads.</summary>
    ThirdRound,

    /// <summary>Training on stretches instead of windows.</summary>
    FourthRound,

    /// <summary>The samples' recipes.</summary>
    Recipes,
}

/// <summary>
/// <c>-- defaults</c>: measures candidates for the forecasters' defaults on selection parts, without a look at any test row, and applies the rule of
/// docs/research/defaults.md. Every result is appended to a file of JSON lines at once; what the file holds is not run again.
/// </summary>
internal static class DefaultsCommand
{
    public static int Run(DefaultsRequest request)
    {
        var results = DefaultsResults.Read(request.Results);
        var (all, seeds) = request.Part switch
        {
            DefaultsPart.Recipes => (Recipes.All, Recipes.Seeds),
            DefaultsPart.SecondRound => (Candidates.SecondRound, Candidates.FreshSeeds),
            DefaultsPart.ThirdRound => (Candidates.ThirdRound, Candidates.LastSeeds),
            DefaultsPart.FourthRound => (Candidates.FourthRound, Candidates.StretchSeeds),
            _ => (Candidates.FirstRound, request.Seeds),
        };
        var unknown = request.Only.Except(all.Select(candidate => candidate.Name)).Concat(request.Sets.Except(SelectionSets.All.Select(set => set.Name)))
            .ToArray();
        if (unknown.Length > 0)
        {
            Console.Error.WriteLine(
                $"Not known: {string.Join(", ", unknown)}. There are the candidates {string.Join(", ", all.Select(candidate => candidate.Name))} and the "
                    + $"sets {string.Join(", ", SelectionSets.All.Select(set => set.Name))}.");
            return 1;
        }
        foreach (var candidate in request.Run ? all : [])
        {
            if (request.Only.Length > 0 && !request.Only.Contains(candidate.Name)) continue;
            foreach (var seed in seeds)
            {
                foreach (var set in SelectionSets.All)
                {
                    if (!candidate.Applies(set) || request.Sets.Length > 0 && !request.Sets.Contains(set.Name)
                        || results.Exists(one => (one.Candidate, one.Set, one.Seed) == (candidate.Name, set.Name, seed))) continue;
                    var result = SelectionRun.Of(set, candidate, seed, request.Data, request.Threads);
                    results.Add(result);
                    DefaultsResults.Append(request.Results, result);
                    Console.WriteLine(
                        $"{DateTime.Now:HH:mm:ss} {candidate.Name}, {set.Name}, seed {seed}: {result.Error:G5} (last "
                            + $"value {result.LastValue:G5}), {result.Seconds:F1} s, {result.Epochs:F0} epochs");
                }
            }
            if (request.Part is not DefaultsPart.Recipes && SelectionRule.Compare(candidate, Candidates.Present, results) is { } comparison)
                Console.WriteLine(DefaultsReport.Line(comparison));
        }
        if (request.Part is DefaultsPart.Recipes) Console.WriteLine(DefaultsReport.OfRecipes(results));
        else if (!request.Run) Console.WriteLine(DefaultsReport.Comparisons(all, results));
        if (request.Json is not null) File.WriteAllText(request.Json, JsonSerializer.Serialize(results, DefaultsResults.Format) + "\n");
        if (request.Report is not null) DefaultsReport.Write(request.Report, results);
        return 0;
    }
}
