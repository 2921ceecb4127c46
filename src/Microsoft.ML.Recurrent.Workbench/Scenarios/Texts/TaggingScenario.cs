using System.Collections.Immutable;
using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Workbench.Configuration;

namespace Microsoft.ML.Recurrent.Workbench.Scenarios.Texts;

/// <summary>Tags of the words of sentences.</summary>
public sealed class TaggingScenario : Scenario
{
    private const string Words = "Words", Tags = "Tags", TagKeys = "TagKeys", SentenceKey = "SentenceKey", Masked = "Masked", Tokens = "Tokens",
        Suffixes = "Suffixes",
        Endings = "Endings";

    /// <inheritdoc/>
    public override string Name => "tagging";

    /// <inheritdoc/>
    public override string Summary => "Tags the words of sentences: names of persons and places, parts of speech, slots of requests.";

    /// <inheritdoc/>
    public override string ConfigName => ConfigScenario.Tagging;

    /// <inheritdoc/>
    public override ImmutableArray<ScenarioOption> Options { get; } =
    [
        new(TextColumns.Option, ScenarioOptionKind.Column,
            "The column of sentences, words separated by blanks. Not for CoNLL files, which have a word a line."),
        new(LabelOption, ScenarioOptionKind.Column, "The column of tags, one for each word, separated by blanks. Not for CoNLL files."),
        new(SentenceOption, ScenarioOptionKind.Column, "A column of a class of the whole sentence, which is learned, too. Default: none."),
    ];

    /// <inheritdoc/>
    public override ImmutableArray<string> Examples { get; } =
    [
        "mlrecurrent tagging --dataset train.conll --test-dataset test.conll --train-time 300 --output out",
        "mlrecurrent tagging --dataset requests.tsv --text-col Request --label-col Slots --sentence-label-col Intent",
    ];

    private protected override ScenarioPlan Plan(MLContext mlContext, ScenarioRequest request)
    {
        var schema = request.Training.View.Schema;
        var isFile = request.Training.Profile is null;
        if (isFile && (schema.GetColumnOrNull(Words) is null || schema.GetColumnOrNull(Tags) is null))
            throw new ArgumentException(
                $"'{request.Training.Path}' holds no words with tags: its columns are {string.Join(", ", schema.Select(static column => column.Name))}.");
        var label = isFile
            ? Tags
            : request.Column(LabelOption) ?? throw new ArgumentException($"The option {LabelOption} is missing: which column holds the tags?");
        var sentence = request.Column(SentenceOption);
        var text = isFile ? Words : TextColumns.Find(request, label, sentence);
        string[] names = sentence is null ? [label] : [label, sentence];
        if (!isFile) TextColumns.Check(request.Training, text);
        var training = request.Training.WithTexts(names);
        request = request with
        {
            Training = training,
            Validation = request.Validation?.WithTexts(names).Like(training),
            Test = request.Test?.WithTexts(names).Like(training)
        };
        if (!request.IsForPrediction) CheckLengths(training, text, label);
        var parts = RandomParts.Create(mlContext, request, static table => table.View);
        var areEntities = !request.IsForPrediction && AreEntities(parts.Learned, label);
        var (words, tags) = isFile ? (Words, Tags) : (Distinct(text, Words), Distinct(label, Tags));
        var options = new RecurrentTaggingTrainer.Options
        {
            LabelColumnName = TagKeys,
            FeatureColumnName = Tokens,
            Features = { AdditionalColumnNames = [Endings] },
            Tags = { UseConditionalRandomField = true, BioConstraints = areEntities, SequenceLabelColumnName = sentence is null ? null : SentenceKey },
            Characters = { TextColumnName = words },
            Seed = request.Seed,
        };
        if (!areEntities) options.Stopping.Metric = ValidationMetric.Accuracy;
        return new TaggingPlan(this, mlContext, request, words, tags, sentence, isFile ? null : (text, label),
            table => table.WithTexts(names).Like(training).View)
        {
            Columns = [.. schema.Select(column => column.Name == label ? new ColumnUse(label, ColumnRole.Label, isFile ? "tags" : LabelOption)
                : column.Name == text ? new(text, ColumnRole.Text, "words") : column.Name == sentence ? new(sentence, ColumnRole.Label, SentenceOption)
                : new(column.Name, ColumnRole.Ignored, "no option names it"))],
            Notes = [areEntities
                ? "The tags mark entities (O, B-TYPE, I-TYPE): they are compared by the F1 score of whole entities."
                : "Tags are compared by accuracy."],
            Parts = parts,
            Metric = areEntities ? new("EntityF1", HigherIsBetter: true) : new("TokenAccuracy", HigherIsBetter: true),
            Pipeline = new(
                [
                    .. isFile ? [] : new[]
                    {
                        TextSteps.Tokenize(words, text, nameof(TextTokenizer.Blanks)), TextSteps.Tokenize(tags, label, nameof(TextTokenizer.Blanks)),
                    },
                    // Numbers of a length are one word, and the last letters of a word tell what an unknown one may be.
                    TextSteps.Feature(Masked, words, WordFeature.MaskedDigits), TextSteps.Feature(Suffixes, Masked, WordFeature.Suffix, 3),
                    TextSteps.Vocabulary(Tokens, Masked), TextSteps.Vocabulary(Endings, Suffixes), TextSteps.Key(TagKeys, tags),
                    .. sentence is null ? [] : new[] { TextSteps.Key(SentenceKey, sentence) },
                ],
                TrainerStep.Create<RecurrentTaggingTrainer.Options, RecurrentTaggingTransformer>("mlContext.MulticlassClassification.Trainers.SequenceTagging",
                    options,
                    static (mlContext, options) => mlContext.MulticlassClassification.Trainers.SequenceTagging(options)),
                [TextSteps.Value(ClassPlan.Predicted), .. sentence is null ? [] : new[] { TextSteps.Value(TaggingPlan.PredictedSentence) }]),
        };
    }

    // A column of the table may have the name of one that the pipeline makes.
    private static string Distinct(string column, string wanted) => column == wanted ? wanted + "List" : wanted;

    private static void CheckLengths(ScenarioTable table, string text, string label)
    {
        var row = 0;
        foreach (var (words, tags) in TextColumns.First(table.View, text).Zip(TextColumns.First(table.View, label)))
        {
            row++;
            var (left, right) = (Count(words), Count(tags));
            if (left != right)
                throw new ArgumentException(
                    TextColumns.Say($"Row {row} of '{table.Path}' has {left} words in '{text}', but {right} tags in '{label}': each word needs one."));
        }

        static int Count(string sentence) => sentence.Split(' ', StringSplitOptions.RemoveEmptyEntries).Length;
    }

    private static bool AreEntities(IDataView rows, string label) =>
        TextColumns.First(rows, label).SelectMany(static tags => tags.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        .All(static tag => tag is "O" || tag.Length > 2 && tag[1] == '-' && tag[0] is 'B' or 'I' or 'E' or 'S');
}
