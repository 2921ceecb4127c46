using Microsoft.ML.Data;

namespace Microsoft.ML.Recurrent.Workbench.Scenarios.Texts;

/// <summary>Columns that the pipeline of a translation makes.</summary>
/// <param name="Source">The tokens that are read.</param>
/// <param name="Target">Those of the reference.</param>
/// <param name="Written">Those that are written.</param>
/// <param name="Score">By which texts are ranked.</param>
internal sealed record WrittenColumns(string Source, string Target, string Written, string Score);

/// <summary>The plan of a translation.</summary>
/// <param name="scenario">The scenario.</param>
/// <param name="mlContext">The context.</param>
/// <param name="request">The tables and options.</param>
/// <param name="text">The column of the texts to read.</param>
/// <param name="label">The column of the texts to write.</param>
/// <param name="written">The column of the texts that a model writes.</param>
/// <param name="letters">Whether tokens are letters.</param>
/// <param name="columns">The columns that the pipeline makes.</param>
/// <param name="prepare">Makes the rows of the pipeline of those of a table.</param>
internal sealed class TranslationPlan(Scenario scenario, MLContext mlContext, ScenarioRequest request, string text, string label, string written, bool letters,
    WrittenColumns columns, Func<ScenarioTable, IDataView> prepare) : ScenarioPlan(scenario, mlContext, request)
{
    // Enough to tell trials apart; each takes a search.
    private const int MostValidationRows = 1000;

    // Texts may be shorter than the four tokens that BLEU counts.
    private static readonly TranslationEvaluationOptions s_asTokens = new() { Tokenization = BleuTokenization.None, UseEffectiveOrder = true };

    public override double Validate(ITransformer model) => Compare(model, Validation);

    public override IReadOnlyList<ExperimentFold>? Folds => RandomParts.Folds(Context, this, Compare);

    public override Predictions Predict(ITransformer model, ScenarioTable table)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(table);
        var scored = model.Transform(BlankColumns.Add(prepare(table), label));
        string[] read = [text, written, columns.Score];
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
        var own = Measure(model.Transform(rows));
        return new([Metric, letters ? new("BLEU", true) : new("CharacterErrorRate", false), new("chrF", true), new("ExactMatch", true)],
            [Line("Recurrent network", false, own), Line("Nearest text of the training rows", true, Measure(Nearest(model, rows)))], own.Texts)
        { Unit = "texts" };
    }

    private double Compare(ITransformer model, IDataView rows)
    {
        var figures = Measure(model.Transform(Context.Data.TakeRows(rows, MostValidationRows)));
        return letters ? figures.CharacterErrorRate : figures.Bleu;
    }

    // Letters are compared as the texts that they make, words as they were divided.
    private TranslationMetrics Measure(IDataView scored) => letters ? Context.Transforms.Text.EvaluateTranslations(scored, label, written)
        : Context.Transforms.Text.EvaluateTranslations(scored, columns.Target, columns.Written, s_asTokens);

    private EvaluationLine Line(string name, bool isBaseline, TranslationMetrics figures) => new(name, isBaseline, letters
        ? [figures.CharacterErrorRate, figures.Bleu, figures.Chrf, figures.ExactMatch]
        : [figures.Bleu, figures.CharacterErrorRate, figures.Chrf, figures.ExactMatch]);

    // The columns have the names that Measure reads: the text or the tokens of the reference, and what is written.
    private IDataView Nearest(ITransformer model, IDataView rows)
    {
        var nearest = new NearestTexts(Pairs(model.Transform(Learned)), letters);
        var found = Pairs(model.Transform(rows)).Select(pair => new Found { Reference = pair.Target, Answer = nearest.Find(pair.Source) }).ToArray();
        var view = Context.Data.LoadFromEnumerable(found);
        if (!letters)
        {
            return Context.Transforms.CopyColumns(columns.Target, nameof(Found.Reference))
                .Append(Context.Transforms.CopyColumns(columns.Written, nameof(Found.Answer)))
                .Fit(view).Transform(view);
        }
        var texts = Context.Data.LoadFromEnumerable(
            found.Select(static pair => new FoundText { ReferenceText = string.Concat(pair.Reference), AnswerText = string.Concat(pair.Answer) }).ToArray());
        return Context.Transforms.CopyColumns(label, nameof(FoundText.ReferenceText))
            .Append(Context.Transforms.CopyColumns(written, nameof(FoundText.AnswerText)))
            .Fit(texts).Transform(texts);
    }

    private IEnumerable<(string[] Source, string[] Target)> Pairs(IDataView rows) =>
        rows.GetColumn<string[]>(columns.Source).Zip(rows.GetColumn<string[]>(columns.Target));

    private sealed class Found
    {
        public string[] Reference { get; set; } = [];

        public string[] Answer { get; set; } = [];
    }

    private sealed class FoundText
    {
        public string ReferenceText { get; set; } = "";

        public string AnswerText { get; set; } = "";
    }
}
