using System.Collections.Immutable;

namespace Microsoft.ML.Recurrent.Workbench.Scenarios;

/// <summary>Rows by their class and the predicted one.</summary>
internal sealed class ClassCounts
{
    private readonly Dictionary<(string Actual, string Predicted), long> _counts = [];

    /// <summary>The rows.</summary>
    public long Total { get; private set; }

    /// <summary>Counts rows. Those without a label are left out.</summary>
    public static ClassCounts Count(IEnumerable<(string Actual, string Predicted)> rows)
    {
        var counts = new ClassCounts();
        foreach (var row in rows)
        {
            if (row.Actual.Length == 0) continue;
            counts._counts[row] = counts._counts.GetValueOrDefault(row) + 1;
            counts.Total++;
        }
        return counts;
    }

    /// <summary>The share of the rows whose class was predicted; NaN without rows.</summary>
    public double Accuracy() => _counts.Where(static count => count.Key.Actual == count.Key.Predicted).Sum(static count => (double)count.Value) / Total;

    /// <summary>The mean over the classes of the share of their rows that were predicted as them.</summary>
    public double MacroAccuracy() => Actual().Average(name => (double)Correct(name) / Of(name));

    /// <summary>The mean over the classes of the harmonic mean of precision and recall.</summary>
    public double MacroF1() => Actual().Average(name => 2.0 * Correct(name) / (Of(name) + Predicted(name)));

    /// <summary>The counts as a table.</summary>
    public ConfusionCounts ToTable()
    {
        ImmutableArray<string> names = [.. _counts.Keys.SelectMany(static key => new[] { key.Actual, key.Predicted }).Distinct().Order(StringComparer.Ordinal)];
        return new(names, [.. names.Select(actual => (ImmutableArray<long>)[.. names.Select(predicted => _counts.GetValueOrDefault((actual, predicted)))])]);
    }

    private string[] Actual() => [.. _counts.Keys.Select(static key => key.Actual).Distinct()];

    private long Correct(string name) => _counts.GetValueOrDefault((name, name));

    private long Of(string name) => _counts.Where(count => count.Key.Actual == name).Sum(static count => count.Value);

    private long Predicted(string name) => _counts.Where(count => count.Key.Predicted == name).Sum(static count => count.Value);
}
