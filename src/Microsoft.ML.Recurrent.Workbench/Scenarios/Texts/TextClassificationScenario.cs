using System.Collections.Immutable;
using Microsoft.ML.Recurrent.Workbench.Configuration;

namespace Microsoft.ML.Recurrent.Workbench.Scenarios.Texts;

/// <summary>The class of texts.</summary>
public sealed class TextClassificationScenario : Scenario
{
    private const string Words = "Words", Tokens = "Tokens";

    /// <inheritdoc/>
    public override string Name => "text-classification";

    /// <inheritdoc/>
    public override string Summary => "Classifies texts: sentiment, topics, languages.";

    /// <inheritdoc/>
    public override string ConfigName => ConfigScenario.TextClassification;

    /// <inheritdoc/>
    public override ImmutableArray<ScenarioOption> Options { get; } =
    [
        new(LabelOption, ScenarioOptionKind.Column, "The column of the class.") { IsRequired = true },
        new(TextColumns.Option, ScenarioOptionKind.Column, "The column of texts. Default: the only one beside the class."),
    ];

    /// <inheritdoc/>
    public override ImmutableArray<string> Examples { get; } =
    [
        "mlrecurrent text-classification --dataset reviews.tsv --text-col Review --label-col Sentiment --train-time 120 --output out",
        "mlrecurrent text-classification --dataset train.tsv --has-header false --text-col 2 --label-col 0 --test-dataset test.tsv",
    ];

    private protected override ScenarioPlan Plan(MLContext mlContext, ScenarioRequest request)
    {
        var label = request.Column(LabelOption)!;
        var text = TextColumns.Find(request, label);
        if (text == label) throw new ArgumentException($"The column '{text}' is the text and the class: name different columns.");
        TextColumns.Check(request.Training, text);
        request.Refuse([Words, Tokens], label);
        request.Refuse([ClassPlan.Key], text);
        var training = request.Training.WithTexts([label]);
        request = request with
        {
            Training = training,
            Validation = request.Validation?.WithTexts([label]).Like(training),
            Test = request.Test?.WithTexts([label]).Like(training)
        };
        var parts = RandomParts.Create(mlContext, request, static table => table.View);
        var letters = TextColumns.AreWords(parts.Learned, text);
        var (before, after) = ClassPlan.LabelSteps(label);
        var options = new RecurrentMulticlassTrainer.Options { LabelColumnName = ClassPlan.Key, FeatureColumnName = Tokens, Seed = request.Seed };
        // A word that comes once is an unknown one, so that the network learns what unknown words tell.
        ImmutableArray<PipelineStep> tokens = letters ? [TextSteps.Tokenize(Words, text, nameof(TextTokenizer.Characters)), TextSteps.Vocabulary(Tokens, Words)]
            : [TextSteps.Tokenize(Words, text, nameof(TextTokenizer.Words), lowerCase: true), TextSteps.Vocabulary(Tokens, Words, minimumCount: 2)];
        return new ClassPlan(this, mlContext, request, label, [], table => table.WithTexts([label]).Like(training).View,
            ("Maximum entropy on words and pairs of words", Baseline))
        {
            Columns = [.. training.View.Schema.Select(column => column.Name == label ? new ColumnUse(label, ColumnRole.Label, LabelOption)
                : column.Name == text ? new(text, ColumnRole.Text, "texts") : new(column.Name, ColumnRole.Ignored, "no option names it"))],
            Notes = [letters ? "The texts are single words: they are read letter by letter." : "The texts are read word by word, in lower case."],
            Parts = parts,
            Metric = new("MicroAccuracy", HigherIsBetter: true),
            Pipeline = new([.. tokens, before], TrainerStep.Create<RecurrentMulticlassTrainer.Options, RecurrentMulticlassTransformer>(
                "mlContext.MulticlassClassification.Trainers.RecurrentNetwork", options,
                static (mlContext, options) => mlContext.MulticlassClassification.Trainers.RecurrentNetwork(options)), [after]),
        };

        IEstimator<ITransformer> Baseline(MLContext context, IDataView rows, string key)
        {
            var words = letters ? (IEstimator<ITransformer>)context.Transforms.Text.TokenizeIntoCharactersAsKeys(Words, text)
                : tokens[0].Create(context).Append(context.Transforms.Conversion.MapValueToKey(Words));
            return words.Append(context.Transforms.Text.ProduceNgrams(Tokens, Words, ngramLength: letters ? 4 : 2, useAllLengths: true))
                .Append(context.MulticlassClassification.Trainers.LbfgsMaximumEntropy(key, Tokens, l1Regularization: 0, l2Regularization: 0.1f));
        }
    }
}
