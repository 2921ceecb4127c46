using System.Collections.Immutable;
using Microsoft.ML.Data;

namespace Microsoft.ML.Recurrent.Workbench.Scenarios.Texts;

/// <summary>The plan of a tagger.</summary>
internal sealed class TaggingPlan(Scenario scenario, MLContext mlContext, ScenarioRequest request, string words, string tags, string? sentence,
    (string Text, string Label)? columns, Func<ScenarioTable, IDataView> prepare) : ScenarioPlan(scenario, mlContext, request)
{
    /// <summary>The column of the predicted class of the sentence.</summary>
    public const string PredictedSentence = "PredictedSequenceLabel";

    private const string Actual = "ActualKeys", Found = "FoundKeys", Outside = "O";

    public override double Validate(ITransformer model) => Figure(Measure(model.Transform(Validation)));

    public override IReadOnlyList<ExperimentFold>? Folds => RandomParts.Folds(Context, this, (model, rows) => Figure(Measure(model.Transform(rows))));

    public override Predictions Predict(ITransformer model, ScenarioTable table)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(table);
        var rows = prepare(table);
        var blanks = new List<string>();
        if (columns is { } named) blanks.Add(named.Label);
        if (sentence is not null) blanks.Add(sentence);
        var scored = model.Transform(BlankColumns.Add(rows, blanks));
        string[] read = [columns?.Text ?? words, ClassPlan.Predicted, .. sentence is null ? [] : new[] { PredictedSentence }];
        return new([.. read], Rows());

        IEnumerable<string[]> Rows()
        {
            using var cursor = scored.GetRowCursor(read.Select(name => scored.Schema[name]));
            Func<string>[] readers = [.. read.Select(name => ColumnTexts.Open(cursor, scored.Schema[name]))];
            while (cursor.MoveNext()) yield return [.. readers.Select(static get => get())];
        }
    }

    private protected override ScenarioEvaluation Evaluate(ITransformer model, IDataView rows)
    {
        var scored = model.Transform(rows);
        var own = Measure(scored);
        var lines = new List<EvaluationLine> { Line("Recurrent network", false, own, SentenceAccuracy(scored)) };
        lines.Add(Line("Most frequent tag of each word", true, Measure(MostFrequent(model, scored)), double.NaN));
        ImmutableArray<TrialMetric> metrics = [Metric, new(Metric.Name == "EntityF1" ? "TokenAccuracy" : "EntityF1", true),
            .. sentence is null ? [] : new[] { new TrialMetric("SentenceAccuracy", true) }];
        return new(metrics, [.. lines], own.Tokens) { Tags = own, Unit = "tokens" };
    }

    private EvaluationLine Line(string name, bool isBaseline, SequenceTaggingMetrics figures, double sentences)
    {
        var f1 = figures.Entities?.F1Score ?? double.NaN;
        ImmutableArray<double> values = Metric.Name == "EntityF1" ? [f1, figures.TokenAccuracy] : [figures.TokenAccuracy, f1];
        return new(name, isBaseline, sentence is null ? values : [.. values, sentences]);
    }

    private double Figure(SequenceTaggingMetrics figures) => Metric.Name == "EntityF1" ? figures.Entities?.F1Score ?? double.NaN : figures.TokenAccuracy;

    // The tags of these rows get keys of their own: training may not have seen all of them.
    private SequenceTaggingMetrics Measure(IDataView scored)
    {
        var keys = Context.Transforms.Conversion.MapValueToKey(Actual, tags).Append(Context.Transforms.Conversion.MapValueToKey(Found, ClassPlan.Predicted))
            .Fit(scored);
        return Context.MulticlassClassification.EvaluateSequences(keys.Transform(scored), Actual, Found);
    }

    private double SentenceAccuracy(IDataView scored) => sentence is null ? double.NaN
        : ClassCounts.Count(ColumnTexts.Read(scored, sentence).Zip(ColumnTexts.Read(scored, PredictedSentence))).Accuracy();

    private sealed class Tagged
    {
        public string[] Tags { get; set; } = [];

        public string[] PredictedLabel { get; set; } = [];
    }

    private IDataView MostFrequent(ITransformer model, IDataView scored)
    {
        var counts = new Dictionary<string, Dictionary<string, int>>();
        foreach (var (sentence, own) in Pairs(model.Transform(Learned)))
        {
            foreach (var (word, tag) in sentence.Zip(own))
            {
                if (!counts.TryGetValue(word, out var tagsOfWord)) counts.Add(word, tagsOfWord = []);
                tagsOfWord[tag] = tagsOfWord.GetValueOrDefault(tag) + 1;
            }
        }
        var frequent = counts.ToDictionary(static word => word.Key, static word => word.Value.MaxBy(static tag => tag.Value).Key);
        var rows = Context.Data.LoadFromEnumerable(Pairs(scored).Select(row =>
            new Tagged { Tags = row.Tags, PredictedLabel = [.. row.Words.Select(word => frequent.GetValueOrDefault(word, Outside))] }).ToArray());
        return tags == nameof(Tagged.Tags) ? rows : Context.Transforms.CopyColumns(tags, nameof(Tagged.Tags)).Fit(rows).Transform(rows);
    }

    private IEnumerable<(string[] Words, string[] Tags)> Pairs(IDataView rows) => rows.GetColumn<string[]>(words).Zip(rows.GetColumn<string[]>(tags));
}
