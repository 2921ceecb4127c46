using System.Collections.Immutable;
using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Workbench.Configuration;

namespace Microsoft.ML.Recurrent.Workbench.Scenarios.Texts;

/// <summary>Texts for texts: translations, summaries, answers, other forms of dates and names.</summary>
public sealed class TranslationScenario : Scenario
{
    /// <summary>The column of the text that a model writes.</summary>
    public const string Written = "Translation";

    private const string Source = "SourceKeys", SourceTokens = "SourceTokens", Target = "TargetKeys", TargetTokens = "TargetTokens",
        WrittenTokens = "TranslationTokens", Score = "Score";

    /// <inheritdoc/>
    public override string Name => "translation";

    /// <inheritdoc/>
    public override string Summary => "Writes a text for a text: translations, short summaries, answers, dates in one form.";

    /// <inheritdoc/>
    public override string ConfigName => ConfigScenario.Translation;

    /// <inheritdoc/>
    public override ImmutableArray<ScenarioOption> Options { get; } =
    [
        new(LabelOption, ScenarioOptionKind.Column, "The column of the texts to write, in the training rows.") { IsRequired = true },
        new(TextColumns.Option, ScenarioOptionKind.Column, "The column of the texts to read. Default: the only one beside those to write."),
        new(LanguageModelScenario.TokenOption, ScenarioOptionKind.Text,
            "What is read and written one by one: words, or characters. Default: characters where the texts to write are single words, otherwise words."),
    ];

    /// <inheritdoc/>
    public override ImmutableArray<string> Examples { get; } =
    [
        "mlrecurrent translation --dataset pairs.tsv --text-col English --label-col French --train-time 600 --output out",
        "mlrecurrent translation --dataset dates.csv --text-col Written --label-col Iso --tokens characters",
    ];

    private protected override ScenarioPlan Plan(MLContext mlContext, ScenarioRequest request)
    {
        var label = request.Column(LabelOption)!;
        var text = TextColumns.Find(request, label);
        if (text == label) throw new ArgumentException($"The column '{text}' is read and written: name different columns.");
        // A written date or number is a text here.
        string[] texts = [text, label];
        var training = request.Training.WithTexts(texts);
        TextColumns.Check(training, text);
        if (!request.IsForPrediction) TextColumns.Check(training, label);
        request.Refuse([Source, SourceTokens, Target, TargetTokens, WrittenTokens], texts);
        request = request with
        {
            Training = training,
            Validation = request.Validation?.WithTexts(texts).Like(training),
            Test = request.Test?.WithTexts(texts).Like(training),
        };
        var parts = RandomParts.Create(mlContext, request, static table => table.View);
        var letters = LanguageModelScenario.ReadsLetters(request) ?? (!request.IsForPrediction && TextColumns.AreWords(parts.Learned, label));
        var tokenizer = letters ? nameof(TextTokenizer.Characters) : nameof(TextTokenizer.Words);
        // A word that comes once is an unknown one, so that the network learns where to copy.
        var least = letters ? 1 : 2;
        // The table may have a column of that name.
        string written = Distinct(Written), score = Distinct(Score);
        var options = new RecurrentTranslationEstimator.Options
        {
            SourceColumnName = Source, TargetColumnName = Target, UnknownTokens = { CopyColumnName = letters ? null : SourceTokens },
            Output =
            {
                TextColumnName = written, TokensColumnName = WrittenTokens, ScoreColumnName = score,
                Joining = letters ? TokenJoining.None : TokenJoining.Blanks,
            },
            Seed = request.Seed,
        };
        return new TranslationPlan(this, mlContext, request, text, label, written, letters,
            new(SourceTokens, TargetTokens, WrittenTokens, score), table => table.WithTexts(texts).Like(training).View)
        {
            Columns = [.. training.View.Schema.Select(column => column.Name == label ? new ColumnUse(label, ColumnRole.Label, LabelOption)
                : column.Name == text ? new(text, ColumnRole.Text, "texts to read") : new(column.Name, ColumnRole.Ignored, "no option names it"))],
            Notes = [letters ? "Texts are read and written letter by letter."
                : "Texts are read and written word by word; a word that comes once is an unknown one, for which a word of the text that is read is copied."],
            Parts = parts,
            Metric = letters ? new("CharacterErrorRate", HigherIsBetter: false) : new("BLEU", HigherIsBetter: true),
            Pipeline = new(
                [
                    TextSteps.Tokenize(SourceTokens, text, tokenizer), TextSteps.Vocabulary(Source, SourceTokens, least),
                    TextSteps.Tokenize(TargetTokens, label, tokenizer), TextSteps.Vocabulary(Target, TargetTokens, least),
                ],
                TrainerStep.Create<RecurrentTranslationEstimator.Options, RecurrentTranslationTransformer>(
                    "mlContext.Transforms.Text.TranslateByRecurrentNetwork", options,
                    static (mlContext, options) => mlContext.Transforms.Text.TranslateByRecurrentNetwork(options)), []),
        };

        string Distinct(string wanted) => training.View.Schema.GetColumnOrNull(wanted) is null && label != wanted ? wanted : "Written" + wanted;
    }
}
