using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Recurrent;
using Microsoft.ML.Recurrent.Text;
using Microsoft.ML.Runtime;

[assembly: LoadableClass(typeof(RecurrentLanguageModelTransformer), null, typeof(SignatureLoadModel), "Recurrent language model",
    RecurrentLanguageModelTransformer.LoaderSignature)]

namespace Microsoft.ML.Recurrent;

/// <summary>
/// Scores a recurrent language model in a pipeline: adds the log-probability (natural logarithm) of each token given the previous tokens of the row and, on
/// request, the perplexity of the row and the probabilities of the next token.
/// </summary>
/// <remarks>
/// Rows are scored independently, each from its beginning. Without an end-of-sentence token, the first token of a row cannot be predicted and its
/// log-probability is NaN. The perplexity counts the end-of-sentence token as a token of the row.
/// </remarks>
public sealed class RecurrentLanguageModelTransformer : RecurrentTransformer
{
    internal const string LoaderSignature = "RecurrentLanguageModel";

    // Maximum number of logits that one run computes for one step of all its rows.
    private const int NumbersAStep = 250_000;

    internal RecurrentLanguageModelTransformer(IHostEnvironment environment, RecurrentModel model)
        : base(environment, model, DefaultScoring(model))
    {
    }

    // Called by ML.NET's component catalog when a model is loaded.
    private RecurrentLanguageModelTransformer(IHostEnvironment environment, ModelLoadContext context)
        : base(environment, context) => Scoring = DefaultScoring(Model);

    private protected override VersionInfo Version =>
        new(modelSignature: "RECRLANG", verWrittenCur: 0x00010001, verReadableCur: 0x00010001, verWeCanReadBack: 0x00010001,
        loaderSignature: LoaderSignature, loaderAssemblyName: typeof(RecurrentLanguageModelTransformer).Assembly.FullName);

    /// <summary>
    /// Evaluates the model on a text: its perplexity as reported in papers. All rows are read once, in order. If <paramref name="carryState"/> is true, the
    /// states carry over from row to row.
    /// </summary>
    /// <param name="data">Rows with the token column, mapped to keys by the mapping of training.</param>
    /// <param name="carryState">Whether the rows form one continuous text; null for the setting of training (<see cref="TextBatchOptions.Stateful"/>).</param>
    /// <exception cref="ArgumentException">The token column is missing, of another type, or empty.</exception>
    public LanguageModelMetrics Evaluate(IDataView data, bool? carryState = null)
    {
        ArgumentNullException.ThrowIfNull(data);
        return LanguageModelEvaluation.Run(this, data, carryState ?? Model.Manifest.Language!.CarriesState);
    }

    /// <summary>
    /// Evaluates the model on a text, also per character and per word: models with other tokens can be compared by these figures.
    /// </summary>
    /// <remarks>The first token of a text that no end-of-sentence token precedes is not predicted; its characters are not counted.</remarks>
    /// <param name="data">Rows with the token column and the text that it was made of.</param>
    /// <param name="textColumnName">The column of the text.</param>
    /// <param name="carryState">Whether the rows form one continuous text; null for the setting of training (<see cref="TextBatchOptions.Stateful"/>).</param>
    /// <exception cref="ArgumentException">A column is missing, of another type, or empty.</exception>
    public LanguageModelMetrics EvaluateText(IDataView data, string textColumnName, bool? carryState = null)
    {
        ArgumentNullException.ThrowIfNull(data);
        var carries = carryState ?? Model.Manifest.Language!.CarriesState;
        var (characters, words) = TextLengths.Read(data, textColumnName, Model.Manifest, carries);
        return Evaluate(data, carries) with { Characters = characters, Words = words };
    }

    // A run holds the outputs of all its steps at once: limit the rows so that they stay small.
    private static ScoringOptions DefaultScoring(RecurrentModel model) =>
        new() { BatchSize = Math.Clamp(NumbersAStep / model.Description.Outputs, 1, ScoringOptions.DefaultBatchSize) };
}
