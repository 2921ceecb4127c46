using System.Collections.Immutable;
using System.Globalization;
using Microsoft.ML.Data;

namespace Microsoft.ML.Recurrent.Workbench.Scenarios;

/// <summary>The plan of a classifier of rows.</summary>
/// <param name="scenario">The scenario.</param>
/// <param name="mlContext">The context.</param>
/// <param name="request">The tables and options.</param>
/// <param name="label">The label column, as the rows of the pipeline have it.</param>
/// <param name="kept">Columns that predictions repeat.</param>
/// <param name="prepare">Makes the rows of the pipeline of those of a table.</param>
/// <param name="createBaseline">Makes a classifier without recurrence of the label column given; null for none.</param>
internal sealed class ClassPlan(Scenario scenario, MLContext mlContext, ScenarioRequest request, string label, ImmutableArray<string> kept,
    Func<ScenarioTable, IDataView> prepare, (string Name, Func<MLContext, IDataView, string, IEstimator<ITransformer>> Create)? createBaseline)
    : ScenarioPlan(scenario, mlContext, request)
{
    /// <summary>The column of the predicted class.</summary>
    public const string Predicted = "PredictedLabel";

    /// <summary>The column of the label's key.</summary>
    public const string Key = "LabelKey";

    /// <summary>The column of the classes' scores.</summary>
    public const string Score = "Score";

    private const int MostScores = 50;

    /// <summary>The steps that make a key of the label, and a label of the predicted key.</summary>
    public static (PipelineStep Before, PipelineStep After) LabelSteps(string label) =>
        (new($"mlContext.Transforms.Conversion.MapValueToKey({CodeText.Literal(Key)}, {CodeText.Literal(label)})",
            mlContext => mlContext.Transforms.Conversion.MapValueToKey(Key, label)),
        new($"mlContext.Transforms.Conversion.MapKeyToValue({CodeText.Literal(Predicted)})",
            static mlContext => mlContext.Transforms.Conversion.MapKeyToValue(Predicted)));

    public override double Validate(ITransformer model) => Count(model, Validation).Accuracy();

    public override IReadOnlyList<ExperimentFold>? Folds => RandomParts.Folds(Context, this, (model, rows) => Count(model, rows).Accuracy());

    public override Predictions Predict(ITransformer model, ScenarioTable table)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(table);
        var scored = model.Transform(BlankColumns.Add(prepare(table), label));
        VBuffer<ReadOnlyMemory<char>> names = default;
        scored.Schema[Score].GetSlotNames(ref names);
        string[] classes = [.. names.DenseValues().Select(static name => name.ToString())];
        if (classes.Length > MostScores) classes = [];
        return new([.. kept, Predicted, .. classes.Select(static name => $"{Score}.{name}")], Read());

        IEnumerable<string[]> Read()
        {
            string[] texts = [.. kept, Predicted];
            using var cursor = scored.GetRowCursor(texts.Append(Score).Select(name => scored.Schema[name]));
            Func<string>[] readers = [.. texts.Select(name => ColumnTexts.Open(cursor, scored.Schema[name]))];
            var getScores = cursor.GetGetter<VBuffer<float>>(scored.Schema[Score]);
            VBuffer<float> scores = default;
            while (cursor.MoveNext())
            {
                getScores(ref scores);
                yield return [.. readers.Select(static read => read()),
                    .. scores.DenseValues().Take(classes.Length).Select(static score => score.ToString("R", CultureInfo.InvariantCulture))];
            }
        }
    }

    private protected override ScenarioEvaluation Evaluate(ITransformer model, IDataView rows)
    {
        var own = Count(model, rows);
        var lines = new List<EvaluationLine> { Line("Recurrent network", false, own) };
        var frequent = ColumnTexts.Read(Learned, label).GroupBy(static name => name).MaxBy(static group => group.Count())!.Key;
        lines.Add(Line($"Most frequent class ({frequent})", true, ClassCounts.Count(ColumnTexts.Read(rows, label).Select(actual => (actual, frequent)))));
        if (createBaseline is { } baseline)
        {
            var (before, after) = LabelSteps(label);
            var fitted = before.Create(Context).Append(baseline.Create(Context, Learned, Key)).Append(after.Create(Context)).Fit(Learned);
            lines.Add(Line(baseline.Name, true, Count(fitted, rows)));
        }
        return new([Metric, new("MacroAccuracy", true), new("MacroF1", true)], [.. lines], own.Total) { Classes = own.ToTable() };
    }

    private static EvaluationLine Line(string name, bool isBaseline, ClassCounts counts) =>
        new(name, isBaseline, [counts.Accuracy(), counts.MacroAccuracy(), counts.MacroF1()]);

    private ClassCounts Count(ITransformer model, IDataView rows)
    {
        var scored = model.Transform(rows);
        // Of the rows, not of the answers: there a label may be hidden by an output of its name.
        return ClassCounts.Count(ColumnTexts.Read(rows, label).Zip(ColumnTexts.Read(scored, Predicted)));
    }
}
