using System.Collections.Immutable;
using System.Globalization;
using Microsoft.ML.Recurrent.Workbench.Inspection;
using Microsoft.ML.Recurrent.Workbench.Scenarios;
using Microsoft.ML.Recurrent.Workbench.Scenarios.Sequences;
using Microsoft.ML.Recurrent.Workbench.Tables;

namespace Microsoft.ML.Recurrent.Workbench.Runs;

/// <summary>A run whose tables were read and whose plan was made; nothing is trained.</summary>
/// <param name="Request">The request.</param>
/// <param name="Tables">Its tables.</param>
/// <param name="Plan">The plan.</param>
/// <param name="Warnings">What may be wrong with the data, a sentence each.</param>
public sealed record PreparedRun(RunRequest Request, RunTables Tables, ScenarioPlan Plan, ImmutableArray<string> Warnings)
{
    /// <summary>Makes the plan of a run.</summary>
    /// <param name="mlContext">The context.</param>
    /// <param name="request">The request.</param>
    /// <param name="tables">Its tables.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="ArgumentException">A column or an option is missing or wrong; the message names it.</exception>
    public static PreparedRun Create(MLContext mlContext, RunRequest request, RunTables tables, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(tables);
        if (tables.Training.Profile is { Rows: < 2 } profile)
            throw new ArgumentException($"'{tables.Training.Path}' has {(profile.Rows == 0 ? "no rows" : "one row")}: a model cannot be trained on that.");
        string[] ignored = [.. request.IgnoredColumns.SelectMany(names => tables.Training.Find(names))];
        foreach (var table in (ScenarioTable?[])[tables.Training, tables.Validation, tables.Test]) CheckTimes(request, table, ignored);
        var plan = request.Scenario.CreatePlan(mlContext, new()
        {
            Training = tables.Training,
            Validation = tables.Validation,
            Test = tables.Test,
            Values = request.Values,
            IgnoredColumns = ignored,
            TestFraction = request.TestFraction,
            ValidationFraction = request.ValidationFraction,
            Seed = request.Seed,
        });
        return new(request, tables, plan, [.. FindDefects(plan), .. FindUnread(plan), .. FindLeaks(plan, cancellationToken)]);
    }

    /// <summary>Throws where rows to learn from are too few, or have empty cells that no trainer takes.</summary>
    /// <exception cref="ArgumentException">A part has no rows, or a label, text or feature is missing; the message says how many are.</exception>
    public void Check()
    {
        RandomParts.CheckParts(Plan);
        // A forecaster passes over missing steps. Of sequences in rows of steps, one row may tell the label.
        if (Plan.Scenario.ConfigName == Configuration.ConfigScenario.Forecasting || Tables.Training.Profile is not { } profile) return;
        foreach (var use in Plan.Columns)
        {
            if (use.Role is not (ColumnRole.Label or ColumnRole.Text or ColumnRole.Feature) || (use.Role is ColumnRole.Label && !Plan.Preparation.IsEmpty)
                || profile.Columns.FirstOrDefault(column => column.Name == use.Name) is not { Missing: > 0 } column) continue;
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture,
                $"{column.Missing} of {profile.Rows} rows of '{Tables.Training.Path}' have no value of '{column.Name}': fill in these cells or remove the rows")
                + (use.Role is ColumnRole.Feature ? ", or leave the column out (--ignore-cols)." : "."));
        }
    }

    // A time that is written in another way than the rest makes a column of texts, which would be left out in silence.
    private static void CheckTimes(RunRequest request, ScenarioTable? table, IReadOnlyCollection<string> ignored)
    {
        const string option = "--time-col";
        if (table?.Profile is not { } profile || request.Scenario.Options.All(static one => one.Name != option)) return;
        var named = request.Values.TryGetValue(option, out var name) ? table.Source!.Columns[table.Source.Find(name)].Name : null;
        foreach (var column in profile.Columns)
        {
            if (column is not { MostAre: ColumnKind.Time, Exception: { } exception }
                || (named is null ? ignored.Contains(column.Name) : column.Name != named)) continue;
            throw new ArgumentException($"The column '{column.Name}' of '{table.Path}' holds times, but line {exception.Line} has '{exception.Text}', "
                + "which is no time in the form of the others: write all in one way" + (named is null ? ", or leave the column out (--ignore-cols)." : "."));
        }
    }

    private static IEnumerable<string> FindDefects(ScenarioPlan plan) => plan.Request.Training is not { Source: { } source, Profile: { } profile } ? []
        : TableFindings.OfColumns(source, profile with { Columns = [.. profile.Columns.Where(column => plan.Inputs.Contains(column.Name))] });

    // Where no option names the features, they are all numbers: other columns would be left out in silence.
    private static IEnumerable<string> FindUnread(ScenarioPlan plan)
    {
        if (plan.Request.Training.Profile is not { } profile || plan.Request.Values.ContainsKey(SequenceLayout.FeatureOption)
            || plan.Scenario.Options.All(static option => option.Name != SequenceLayout.FeatureOption)) yield break;
        foreach (var column in profile.Columns)
        {
            if (column.Kind is ColumnKind.Number or ColumnKind.Empty || plan.Request.IgnoredColumns.Contains(column.Name)
                || plan.Columns.First(use => use.Name == column.Name).Role is not ColumnRole.Ignored) continue;
            yield return $"The column '{column.Name}' holds {ColumnContent.Describe(column)} and is left out: this scenario learns from numbers. Write a "
                + $"number "
                + "for each of its values, or leave it out by --ignore-cols.";
        }
    }

    // Among past inputs of a forecast, a copy of the target does no harm: only what is known in advance can hold what is to be found.
    private static IEnumerable<string> FindLeaks(ScenarioPlan plan, CancellationToken cancellationToken)
    {
        if (plan.Request.Training is not { Source: { } source, Profile: { } profile }) return [];
        string[] labels = [.. plan.Columns.Where(static column => column.Role is ColumnRole.Label).Select(static column => column.Name)];
        string[] searched = [.. plan.Columns.Where(column => column.Role is ColumnRole.Future
            || (column.Role is ColumnRole.Feature && plan.Scenario.ConfigName != Configuration.ConfigScenario.Forecasting))
                .Select(static column => column.Name)];
        if (labels.Length != 1 || searched.Length == 0) return [];
        return LeakFinder.Find(source, profile, labels[0], [.. profile.Columns.Select(static column => column.Name).Except(searched)], cancellationToken)
            .Select(static leak => $"The column '{leak.Name}' {leak.Reason}: leave it out (--ignore-cols) if it is not known when a prediction is made.");
    }
}
