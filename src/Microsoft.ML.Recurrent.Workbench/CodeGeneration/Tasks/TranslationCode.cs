using Microsoft.ML.Recurrent.Workbench.Code;

namespace Microsoft.ML.Recurrent.Workbench.CodeGeneration.Tasks;

/// <summary>Writes a text for a text.</summary>
internal sealed class TranslationCode(GeneratedModel model, string className, RowClass input, RowClass output) : TaskCode(model, className, input, output)
{
    private readonly RecurrentTranslationEstimator.Options _options = (RecurrentTranslationEstimator.Options)model.Options;

    // Tokens as text, so that those that the vocabulary lacks count.
    private string Reference => Model.Model.Steps().OfType<VocabularyTransformer>().LastOrDefault(step => step.OutputColumnName == _options.TargetColumnName)
        ?.InputColumnName ?? _options.TargetColumnName;

    private string Written => _options.Output.TokensColumnName ?? _options.Output.TextColumnName;

    public override IEnumerable<string> EvaluationMembers() =>
    [
        $$"""
        /// <summary>The metrics of a model on pairs of texts: it reads one, and should write the other. BLEU is counted over tokens.</summary>
        /// <param name="mlContext">The context.</param>
        /// <param name="model">The model.</param>
        /// <param name="data">Pairs of texts, best those that the model was not trained on.</param>
        public static TranslationMetrics Evaluate(MLContext mlContext, ITransformer model, IDataView data) =>
            mlContext.Transforms.Text.EvaluateTranslations(TransformUpToTrainer(model, data), {{Literals.Text(Reference)}}, {{Literals.Text(Written)}},
                new() { Tokenization = BleuTokenization.None, UseEffectiveOrder = true });
        """,
        TransformUpToTrainer,
    ];

    public override string PredictSample() => $"""
        var result = {ClassName}.Predict(sampleData);
        Console.WriteLine(result.{Output.Property(_options.Output.TextColumnName).Name});
        """;
}
