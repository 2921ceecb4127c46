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

    private const string Contributions = "StepContributions", PredictedLabel = "PredictedLabel", Score = "Score";

    /// <summary>Explains the first of the rows that no trial saw, or of the validation rows; none for tasks whose answers are not of whole sequences.</summary>
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
        // A tagger answers at each step, a forecaster for each.
        if (plan.Pipeline.Trainer.Options is not SequenceTrainerOptions options || trained is RecurrentTaggingTransformer) return [];
        var rows = mlContext.Data.TakeRows(plan.Test ?? plan.Validation, Sequences);
        var read = steps.TakeWhile(step => step != trained).Aggregate(rows, static (data, step) => step.Transform(data));
        var explained = mlContext.Transforms.CalculateStepContributions(trained.Model, Contributions).Fit(read).Transform(read);
        var answered = steps.SkipWhile(step => step != trained).Aggregate(explained, static (data, step) => step.Transform(data));
        return [.. Read(answered, options.FeatureColumnName)];
    }

    private static IEnumerable<ExplainedSequence> Read(IDataView rows, string features)
    {
        var answer = rows.Schema.GetColumnOrNull(PredictedLabel) ?? rows.Schema[Score];
        DataViewSchema.Column contributions = rows.Schema[Contributions], sequence = rows.Schema[features];
        var names = Names(sequence);
        using var cursor = rows.GetRowCursor([answer, contributions, sequence]);
        var say = ColumnTexts.Open(cursor, answer);
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
                Name = (cursor.Position + 1).ToString(CultureInfo.InvariantCulture), Answer = say(), Steps = [.. steps],
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
