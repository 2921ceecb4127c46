using System.Collections.Immutable;
using Microsoft.ML.Recurrent.Workbench.Configuration;

namespace Microsoft.ML.Recurrent.Workbench.Scenarios.Texts;

/// <summary>Models of the next word or letter of texts.</summary>
public sealed class LanguageModelScenario : Scenario
{
    /// <summary>The option that says what tokens are.</summary>
    public const string TokenOption = "--tokens";

    private const string Words = "Words", Tokens = "Tokens";

    /// <inheritdoc/>
    public override string Name => "language-model";

    /// <inheritdoc/>
    public override string Summary => "Learns which word or letter follows in texts, and writes on.";

    /// <inheritdoc/>
    public override string ConfigName => ConfigScenario.LanguageModel;

    /// <inheritdoc/>
    public override ImmutableArray<ScenarioOption> Options { get; } =
    [
        new(TextColumns.Option, ScenarioOptionKind.Column, "The column of texts. Default: the only one; of a .txt file its lines."),
        new(TokenOption, ScenarioOptionKind.Text, "What is predicted one by one: words, or characters. Default: words."),
    ];

    /// <inheritdoc/>
    public override ImmutableArray<string> Examples { get; } =
    [
        "mlrecurrent language-model --dataset book.txt --tokens characters --train-time 300 --output out",
        "mlrecurrent language-model --dataset messages.csv --text-col Message",
    ];

    /// <summary>Whether tokens are letters; null where <see cref="TokenOption"/> is not given.</summary>
    internal static bool? ReadsLetters(ScenarioRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return request.Text(TokenOption) switch
        {
            null => null,
            "words" => false,
            "characters" => true,
            var other => throw new ArgumentException($"{TokenOption} is '{other}': choose words or characters."),
        };
    }

    private protected override ScenarioPlan Plan(MLContext mlContext, ScenarioRequest request)
    {
        var text = TextColumns.Find(request);
        TextColumns.Check(request.Training, text);
        var letters = ReadsLetters(request) is true;
        var training = request.Training;
        request = request with { Validation = request.Validation?.Like(training), Test = request.Test?.Like(training) };
        // Texts go on from row to row: the last ones are held out.
        var parts = OrderedParts.Create(mlContext, request);
        var options = new RecurrentLanguageModelEstimator.Options { InputColumnName = Tokens, Seed = request.Seed };
        var tokenizer = letters ? nameof(TextTokenizer.Characters) : nameof(TextTokenizer.Words);
        return new LanguageModelPlan(this, mlContext, request, text, letters, Tokens)
        {
            Columns = [.. training.View.Schema.Select(column => column.Name == text ? new ColumnUse(text, ColumnRole.Text, "texts")
                : new(column.Name, ColumnRole.Ignored, "no option names it"))],
            Notes = [letters ? "Texts are read letter by letter." : "Texts are read word by word; a word that comes once is an unknown one."],
            Parts = parts,
            Metric = new("Perplexity", HigherIsBetter: false),
            Pipeline = new([TextSteps.Tokenize(Words, text, tokenizer), TextSteps.Vocabulary(Tokens, Words, minimumCount: letters ? 1 : 2)],
                TrainerStep.Create<RecurrentLanguageModelEstimator.Options, RecurrentLanguageModelTransformer>(
                    "mlContext.Transforms.Text.LanguageModelByRecurrentNetwork", options,
                    static (mlContext, options) => mlContext.Transforms.Text.LanguageModelByRecurrentNetwork(options)), []),
        };
    }
}
