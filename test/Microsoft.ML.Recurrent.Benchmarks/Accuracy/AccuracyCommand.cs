using System.Globalization;
using System.Text.Json;
using Microsoft.ML.Recurrent.Benchmarks.Accuracy;

namespace Microsoft.ML.Recurrent.Benchmarks;

/// <summary>What the user asks of <c>-- accuracy</c>.</summary>
/// <param name="Base">The commit that this tree is compared with.</param>
/// <param name="Sets">Names of sets; none for all.</param>
/// <param name="Seeds">Seeds.</param>
/// <param name="Threads">Threads on both sides.</param>
/// <param name="Data">The folder of data sets.</param>
/// <param name="Json">File for all runs.</param>
/// <param name="Docs">Documentation page whose table the figures replace.</param>
internal sealed record AccuracyOptions(string Base, string[] Sets, int[] Seeds, int Threads, string Data, string? Json, string? Docs);

/// <summary>
/// <c>-- accuracy</c>: trains forecasters by the build of an earlier commit and by this tree, in turn and each in a process of its own, and reports how long
/// each took to the earlier build's best validation loss, and what both came to.
/// </summary>
internal static class AccuracyCommand
{
    // A build that never reaches the loss has no time.
    private static readonly JsonSerializerOptions s_json = new(JsonSerializerOptions.Web)
    {
        NumberHandling = System.Text.Json.Serialization.JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    public const string Section = "accuracy";

    public static int Run(AccuracyOptions options)
    {
        var sets = options.Sets.Length > 0 ? options.Sets : [.. AccuracySets.Names];
        foreach (var unknown in sets.Except(AccuracySets.Names))
            throw new ArgumentException($"There is no set '{unknown}'. The sets are {string.Join(", ", AccuracySets.Names)}.", nameof(options));
        AccuracyProgram[] programs = [AccuracyProgram.OfCommit(options.Base), AccuracyProgram.OfTree()];
        List<AccuracyPair> pairs = [];
        foreach (var set in sets)
        {
            foreach (var seed in options.Seeds)
            {
                // The order changes from seed to seed, so that neither build always runs on the warmer machine.
                var turn = pairs.Count % 2;
                var first = programs[turn].Run(set, seed, options.Threads, options.Data);
                var second = programs[1 - turn].Run(set, seed, options.Threads, options.Data);
                pairs.Add(turn == 0 ? new(first, second) : new(second, first));
                Console.WriteLine(pairs[^1]);
            }
        }
        var table = Table(pairs);
        Console.WriteLine(table);
        if (options.Json is not null) File.WriteAllText(options.Json, JsonSerializer.Serialize(pairs, s_json));
        if (options.Docs is not null) MarkedSection.Replace(options.Docs, Section, table);
        return 0;
    }

    private static string Table(List<AccuracyPair> pairs) => MarkedSection.Table(
        ["set", "s to the best validation loss: before", "now", "share", "validation loss: before", "now", "validation error: before", "now",
            "test error: before", "now", "MiB: before", "now"],
        pairs.GroupBy(pair => pair.Before.Set).Select(static set => (IReadOnlyList<string>)
        [
            $"{set.Key} ({set.First().Before.Metric})",
            Mean(set.Select(pair => pair.SecondsBefore), "F2"), Mean(set.Select(pair => pair.SecondsNow ?? double.NaN), "F2"),
            Mean(set.Select(pair => pair.Share), "F2"),
            Mean(set.Select(pair => pair.LossBefore), "F5"), Mean(set.Select(pair => pair.LossNow), "F5"),
            Mean(set.Select(pair => pair.Before.ValidationError ?? double.NaN), "G4"), Mean(set.Select(pair => pair.Now.ValidationError ?? double.NaN), "G4"),
            Range(set.Select(pair => pair.Before.TestError)), Range(set.Select(pair => pair.Now.TestError)),
            Mean(set.Select(pair => pair.Before.PeakMiB), "F0"), Mean(set.Select(pair => pair.Now.PeakMiB), "F0"),
        ]));

    // NaN where one of the runs did not come so far.
    private static string Mean(IEnumerable<double> values, string format) => values.Average().ToString(format, CultureInfo.InvariantCulture);

    private static string Range(IEnumerable<double> values) =>
        string.Create(CultureInfo.InvariantCulture, $"{values.Average():G4} [{values.Min():G4}..{values.Max():G4}]");
}
