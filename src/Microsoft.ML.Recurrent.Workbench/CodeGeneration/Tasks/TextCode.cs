using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Workbench.Code;

namespace Microsoft.ML.Recurrent.Workbench.CodeGeneration.Tasks;

/// <summary>Continues texts.</summary>
internal sealed class TextCode(GeneratedModel model, string className, RowClass input, RowClass output) : TaskCode(model, className, input, output)
{
    private readonly RecurrentLanguageModelEstimator.Options _options = (RecurrentLanguageModelEstimator.Options)model.Options;

    private bool HasKeys => OutputColumn(_options.InputColumnName) is { Type: VectorDataViewType { ItemType: KeyDataViewType } };

    public override IEnumerable<string> ConsumptionMembers() =>
    [
        """
        /// <summary>Generates text; one caller at a time.</summary>
        public static readonly Lazy<RecurrentTextGenerator> TextGenerator = new(() => Model.Value.CreateTextGenerator());
        """,
        """
        /// <summary>Continues a text.</summary>
        /// <param name="prompt">The row with the text.</param>
        /// <param name="options">How tokens are drawn and how many; null for 100 tokens by their probabilities.</param>
        /// <returns>The tokens that follow.</returns>
        public static string[] Generate(ModelInput prompt, TextGenerationOptions? options = null)
        {
            lock (TextGenerator) return TextGenerator.Value.Generate(Tokens(prompt), options);
        }
        """,
        $$"""
        /// <summary>The tokens of a text, as the model reads them.</summary>
        /// <param name="prompt">The row with the text.</param>
        public static string[] Tokens(ModelInput prompt)
        {
            var data = s_mlContext.Data.LoadFromEnumerable([prompt]);
            foreach (var step in Steps(Model.Value).TakeWhile(step => step is not RecurrentTransformer)) data = step.Transform(data);
            {{(HasKeys ? $"data = s_mlContext.Transforms.Conversion.MapKeyToValue({Literals.Text(_options.InputColumnName)}).Fit(data).Transform(data);" : "")}}
            return s_mlContext.Data.CreateEnumerable<TokenRow>(data, reuseRowObject: false, ignoreMissingColumns: true).Single().Tokens;
        }
        """,
        $$"""
        private sealed class TokenRow
        {
            [ColumnName({{Literals.Text(_options.InputColumnName)}})]
            public string[] Tokens { get; set; } = [];
        }
        """,
    ];

    public override IEnumerable<string> EvaluationMembers() =>
    [
        """
        /// <summary>The perplexity of a model on texts.</summary>
        /// <param name="mlContext">The context.</param>
        /// <param name="model">The model.</param>
        /// <param name="data">Texts, best those that the model was not trained on.</param>
        public static LanguageModelMetrics Evaluate(MLContext mlContext, ITransformer model, IDataView data)
        {
            ITransformer? trained = null;
            foreach (var step in Steps(model))
            {
                if (step is RecurrentLanguageModelTransformer) trained = step;
                if (trained is not null) break;
                data = step.Transform(data);
            }
            return ((RecurrentLanguageModelTransformer)trained!).Evaluate(data);
        }
        """,
    ];

    public override string PredictSample() => $"""
        Console.WriteLine(string.Join(' ', {ClassName}.Generate(sampleData, new() {"{"} Seed = 1 {"}"})));
        """;

    public override string MapEndpoints() => $"""
        app.MapPost("/generate", ({ClassName}.ModelInput prompt, int? maximumTokens, int? seed) =>
            {ClassName}.Generate(prompt, new() {"{"} MaximumTokens = maximumTokens ?? 100, Seed = seed {"}"}));
        """;
}
