using System.Collections.Immutable;
using System.Globalization;
using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Workbench.CodeGeneration;
using Microsoft.ML.Recurrent.Workbench.Scenarios;

namespace Microsoft.ML.Recurrent.Workbench.Reports.Runs;

/// <summary>What the steps of some sequences contributed to a model's answers.</summary>
public static class RunExplanations
{
    private const int Sequences = 12, MostSteps = 80;

    private const string Contributions = "StepContributions", PredictedLabel = "PredictedLabel", Score = "Score", Outside = "O";

    /// <summary>Why a report has no contributions of steps; empty where it has them.</summary>
    /// <param name="plan">The plan.</param>
    public static string WhyNone(ScenarioPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        return plan.Pipeline.Trainer.Options is SequenceTrainerOptions ? ""
            : "Contributions of steps are those to one score of a sequence: a class, a number or a tag. A model of this scenario has no such score.";
    }

    /// <summary>
    /// Explains the first of the rows that no trial saw, or of the validation rows; of a tagger, the tag of the first word that is part of something. None for
    /// tasks without scores of steps or sequences.
    /// </summary>
    /// <param name="mlContext">The context.</param>
    /// <param name="plan">The plan.</param>
    /// <param name="model">The fitted pipeline.</param>
    public static ImmutableArray<ExplainedSequence> Read(MLContext mlContext, ScenarioPlan plan, ITransformer model)
    {
        ArgumentNullException.ThrowIfNull(mlContext);
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(model);
        var steps = model.Steps().ToArray();
        var trained = steps.OfType<RecurrentTransformer>().Last();
        if (plan.Pipeline.Trainer.Options is not SequenceTrainerOptions options) return [];
        var rows = mlContext.Data.TakeRows(plan.Test ?? plan.Validation, Sequences);
        if (trained is RecurrentTaggingTransformer) return [.. ReadTags(mlContext, rows, steps, trained, options.FeatureColumnName)];
        var read = steps.TakeWhile(step => step != trained).Aggregate(rows, static (data, step) => step.Transform(data));
        var explained = mlContext.Transforms.CalculateStepContributions(trained.Model, Contributions).Fit(read).Transform(read);
        var answered = steps.SkipWhile(step => step != trained).Aggregate(explained, static (data, step) => step.Transform(data));
        return [.. Read(answered, options.FeatureColumnName)];
    }

    // A tagger answers at each step: one of them is explained.
    private static IEnumerable<ExplainedSequence> ReadTags(MLContext mlContext, IDataView rows, ITransformer[] steps, RecurrentTransformer trained,
        string features)
    {
        var i = 0;
        foreach (var tags in steps.Aggregate(rows, static (data, step) => step.Transform(data)).GetColumn<string[]>(PredictedLabel).ToArray())
        {
            var row = mlContext.Data.TakeRows(i == 0 ? rows : mlContext.Data.SkipRows(rows, i), 1);
            i++;
            if (tags.Length == 0) continue;
            var place = Math.Max(0, Array.FindIndex(tags, 0, Math.Min(tags.Length, MostSteps), static tag => tag != Outside));
            var read = steps.TakeWhile(step => step != trained).Aggregate(row, static (data, step) => step.Transform(data));
            var explained = mlContext.Transforms.CalculateStepContributions(trained.Model, Contributions, new() { TargetStep = place }).Fit(read)
                .Transform(read);
            foreach (var one in Read(explained, features, say: null))
                yield return one with { Name = i.ToString(CultureInfo.InvariantCulture), Answer = $"{one.Steps.ElementAtOrDefault(place)}: {tags[place]}" };
        }
    }

    private static IEnumerable<ExplainedSequence> Read(IDataView rows, string features) =>
        Read(rows, features, rows.Schema.GetColumnOrNull(PredictedLabel) ?? rows.Schema[Score]);

    private static IEnumerable<ExplainedSequence> Read(IDataView rows, string features, DataViewSchema.Column? say)
    {
        DataViewSchema.Column contributions = rows.Schema[Contributions], sequence = rows.Schema[features];
        var names = Names(sequence);
        using var cursor = rows.GetRowCursor([contributions, sequence, .. say is { } told ? new[] { told } : []]);
        var answer = say is { } column ? ColumnTexts.Open(cursor, column) : static () => "";
        var getContributions = cursor.GetGetter<VBuffer<float>>(contributions);
        var getKeys = names.IsEmpty ? null : cursor.GetGetter<VBuffer<uint>>(sequence);
        VBuffer<float> values = default;
        VBuffer<uint> keys = default;
        while (cursor.MoveNext())
        {
            getContributions(ref values);
            getKeys?.Invoke(ref keys);
            var count = Math.Min(values.Length, MostSteps);
            if (count == 0) continue;
            string[] steps = getKeys is null ? [.. Enumerable.Range(1, count).Select(static step => step.ToString(CultureInfo.InvariantCulture))]
                : [.. keys.DenseValues().Take(count).Select(key => key == 0 || key > names.Length ? "?" : names[(int)key - 1])];
            yield return new()
            {
                Name = (cursor.Position + 1).ToString(CultureInfo.InvariantCulture), Answer = answer(), Steps = [.. steps],
                Contributions = [.. values.DenseValues().Take(count).Select(static value => (double)value)],
            };
        }
    }

    /// <summary>The tokens of keys; none for numbers.</summary>
    private static ImmutableArray<string> Names(DataViewSchema.Column column)
    {
        if (column.Type is not VectorDataViewType { ItemType: KeyDataViewType { RawType: var raw } } || raw != typeof(uint)) return [];
        VBuffer<ReadOnlyMemory<char>> names = default;
        column.GetKeyValues(ref names);
        return [.. names.DenseValues().Select(static name => name.ToString())];
    }
}
