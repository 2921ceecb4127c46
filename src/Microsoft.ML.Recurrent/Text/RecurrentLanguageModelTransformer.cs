using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Recurrent;
using Microsoft.ML.Recurrent.Text;
using Microsoft.ML.Runtime;

[assembly: LoadableClass(typeof(RecurrentLanguageModelTransformer), null, typeof(SignatureLoadModel), "Recurrent language model",
    RecurrentLanguageModelTransformer.LoaderSignature)]

namespace Microsoft.ML.Recurrent;

/// <summary>
/// A recurrent language model in a pipeline: adds the log-probability (natural logarithm) of each token of a row given those before it in the row, and, where
/// asked for, the row's perplexity and the probabilities of the token that follows.
/// </summary>
/// <remarks>
/// Each row is read by itself, from its beginning: rows never see each other. Where the model has no end-of-sentence token, nothing foretells a row's first
/// token, and its log-probability is NaN. The perplexity counts the end-of-sentence token as a token of the row.
/// </remarks>
public sealed class RecurrentLanguageModelTransformer : RecurrentTransformer
{
    internal const string LoaderSignature = "RecurrentLanguageModel";

    // Numbers of the vocabulary that one run makes for one step of all its rows, at the most.
    private const int NumbersAStep = 250_000;

    internal RecurrentLanguageModelTransformer(IHostEnvironment environment, RecurrentModel model)
        : base(environment, model, DefaultScoring(model))
    {
    }

    // ML.NET's catalogue calls it when a model is loaded.
    private RecurrentLanguageModelTransformer(IHostEnvironment environment, ModelLoadContext context)
        : base(environment, context) => Scoring = DefaultScoring(Model);

    private protected override VersionInfo Version =>
        new(modelSignature: "RECRLANG", verWrittenCur: 0x00010001, verReadableCur: 0x00010001, verWeCanReadBack: 0x00010001,
        loaderSignature: LoaderSignature, loaderAssemblyName: typeof(RecurrentLanguageModelTransformer).Assembly.FullName);

    /// <summary>
    /// How well the model foretells a text: its perplexity as papers count it. All rows are read in order, once, by one stream; the states are carried from row
    /// to row where <paramref name="carryState"/> says so.
    /// </summary>
    /// <param name="data">Rows with the token column, mapped to keys by the mapping that training used.</param>
    /// <param name="carryState">Whether rows go on with each other; null for what the model was trained with
    /// (<see cref="TextBatchOptions.Stateful"/>).</param>
    /// <exception cref="ArgumentException">The token column is missing, of another type, or empty.</exception>
    public LanguageModelMetrics Evaluate(IDataView data, bool? carryState = null)
    {
        ArgumentNullException.ThrowIfNull(data);
        return LanguageModelEvaluation.Run(this, data, carryState ?? Model.Manifest.Language!.CarriesState);
    }

    // A run holds all answers of all its steps at once: as many rows as leave that small.
    private static ScoringOptions DefaultScoring(RecurrentModel model) =>
        new() { BatchSize = Math.Clamp(NumbersAStep / model.Description.Outputs, 1, ScoringOptions.DefaultBatchSize) };
}
