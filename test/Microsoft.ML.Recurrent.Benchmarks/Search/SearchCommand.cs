using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.ML.Recurrent.Benchmarks.Defaults;

namespace Microsoft.ML.Recurrent.Benchmarks.Search;

/// <summary>What the user asks of <c>-- search</c>.</summary>
internal sealed record SearchRequest(string Data, string Results, int Trials, int Seed, int Threads, string[] Sets, string? Report, int Folds, int Finalists);

/// <summary>
/// <c>-- search</c>: an experiment on each set by which the defaults were chosen; no test row is read. What the results hold is not run again.
/// </summary>
internal static class SearchCommand
{
    // A set may have no rows to hold out.
    private static readonly JsonSerializerOptions s_format = new() { NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals };

    public static int Run(SearchRequest request)
    {
        string[] unknown = [.. request.Sets.Except(SelectionSets.All.Select(set => set.Name))];
        if (unknown.Length > 0)
        {
            Console.Error.WriteLine($"Not known: {string.Join(", ", unknown)}. The sets are {string.Join(", ", SelectionSets.All.Select(set => set.Name))}.");
            return 1;
        }
        List<SearchResult> results = File.Exists(request.Results)
            ? [.. File.ReadLines(request.Results).Select(line => JsonSerializer.Deserialize<SearchResult>(line, s_format)!)] : [];
        foreach (var set in SelectionSets.All.Where(set => request.Sets.Length == 0 || request.Sets.Contains(set.Name)))
        {
            if (results.Any(one => (one.Set, one.Seed, one.Trials) == (set.Name, request.Seed, request.Trials))) continue;
            var result = SearchRun.Create(set, request);
            results.Add(result);
            File.AppendAllText(request.Results, JsonSerializer.Serialize(result, s_format) + "\n");
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{DateTime.Now:HH:mm:ss} {set.Name}: validation {result.Validation:G5} -> " +
                $"{result.BestValidation:G5}, selection part {result.Error:G5} -> {result.RefitError:G5} (own model {result.OwnError:G5}), " +
                $"{result.Seconds:F0} s ({result.DefaultSeconds:F0} s the defaults); {result.Best}\n{result.Reason}"));
        }
        SearchResult[] chosen = [.. results.Where(one => (one.Seed, one.Trials) == (request.Seed, request.Trials))];
        var table = MarkedSection.Table(["set", "validation, defaults", "best trial", "unseen rows, defaults", "best trial, refitted", "its own model",
            "trial"],
            chosen.Select(one => (string[])[one.Set, Text(one.Validation), Text(one.BestValidation), Text(one.Error), Text(one.RefitError), Text(one.OwnError),
                one.Best[(one.Best.IndexOf(": ", StringComparison.Ordinal) + 2)..]]));
        var summary = string.Create(CultureInfo.InvariantCulture,
            $"{chosen.Count(one => one.BestValidation < one.Validation)} of {chosen.Length} sets have a " +
            $"better validation error. Geometric mean of the error on unseen rows over that of the defaults: {Mean(chosen, one => one.RefitError):F4} " +
            $"refitted, {Mean(chosen, one => one.OwnError):F4} without the refit.\n");
        Console.WriteLine($"{table}\n{summary}");
        if (request.Report is not null) MarkedSection.Replace(request.Report, "search", $"{table}\n{summary}");
        return 0;
    }

    private static double Mean(SearchResult[] results, Func<SearchResult, double> error) =>
        Math.Exp(results.Select(one => Math.Log(error(one) / one.Error)).DefaultIfEmpty(double.NaN).Average());

    private static string Text(double error) => error.ToString("G4", CultureInfo.InvariantCulture);
}
