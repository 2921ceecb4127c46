using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Model.OnnxConverter;
using Microsoft.ML.Recurrent;
using Microsoft.ML.Recurrent.Hosting;
using Microsoft.ML.Recurrent.Scoring;
using Microsoft.ML.Recurrent.Translation;
using Microsoft.ML.Runtime;

[assembly: LoadableClass(typeof(RecurrentTranslationTransformer), null, typeof(SignatureLoadModel), "Recurrent translation",
    RecurrentTranslationTransformer.LoaderSignature)]

namespace Microsoft.ML.Recurrent;

/// <summary>
/// Translates in a pipeline: adds the text that a beam search finds for the source tokens of each row, and what <see cref="TranslationOutputOptions"/> asks
/// for. It needs the source column alone.
/// </summary>
/// <remarks>
/// A row without source tokens has an empty text, empty vectors, NaN scores and false. A text has at most <see cref="BeamSearchOptions.MaximumLength"/> tokens
/// (by default twice those of its source, and 10): one that would be longer is cut there, and
/// <see cref="TranslationOutputOptions.IsCompleteColumnName"/> is false. Rows are sorted by length and translated in batches of
/// <see cref="ScoringOptions.BatchSize"/>, 64 by default.
/// </remarks>
public sealed class RecurrentTranslationTransformer : RecurrentTransformer
{
    internal const string LoaderSignature = "RecurrentTranslation";

    private readonly Lock _opening = new();
    private BeamSearchOptions _search;
    // Keep the sessions open between two scorers, by their options.
    private readonly Dictionary<ScoringOptions, TranslationSessions> _kept = [];
    private TranslationGraphs? _graphs;

    internal RecurrentTranslationTransformer(IHostEnvironment environment, RecurrentModel model)
        : base(environment, model, DefaultScoring) => _search = BeamSearchOptions.Create(model.Manifest.Translation!.Search);

    // Called by ML.NET's component catalog when a model is loaded.
    private RecurrentTranslationTransformer(IHostEnvironment environment, ModelLoadContext context)
        : base(environment, context)
    {
        Scoring = DefaultScoring;
        _search = BeamSearchOptions.Create(ModelJson.Read<SearchManifest>(context.LoadNonEmptyString())!);
    }

    internal static ScoringOptions DefaultScoring { get; } = new() { BatchSize = 64 };

    private protected override VersionInfo Version =>
        new(modelSignature: "RECRTRAN", verWrittenCur: 0x00010001, verReadableCur: 0x00010001, verWeCanReadBack: 0x00010001,
        loaderSignature: LoaderSignature, loaderAssemblyName: typeof(RecurrentTranslationTransformer).Assembly.FullName);

    /// <summary>
    /// The options of the search: at first those of training. Changes apply to later scoring, and are saved with the pipeline. Set a new object; one that is
    /// changed in place has no effect.
    /// </summary>
    /// <exception cref="ArgumentException">An option is out of range, or needs attention that the model lacks.</exception>
    public BeamSearchOptions Search
    {
        get => OptionCopies.Copy(_search);
        set
        {
            ArgumentNullException.ThrowIfNull(value);
            value.Check();
            RecurrentTranslationEstimator.Options.CheckSearch(value, Model.Manifest.Translation!.Attends);
            _search = OptionCopies.Copy(value);
        }
    }

    private protected override void SaveState(ModelSaveContext context) => context.SaveNonEmptyString(ModelJson.Write(_search.ToManifest()));

    private protected override IBatchScorer TaskScorer(ScoringOptions scoring)
    {
        Keep(scoring);
        var sessions = new TranslationSessions(_graphs!, scoring);
        return new TranslationScorer(Model.Manifest, new(Model.Manifest.Translation!, sessions.Read), _search, scoring.BatchSize)
        {
            Sessions = sessions, CheckAlive = CheckAlive(),
        };
    }

    internal override void SaveAsOnnx(OnnxContext context, ScoringMapping mapping) => throw new NotSupportedException(
        $"The column '{Model.Manifest.AddedColumns[0].Name}' is searched for token by token, which no step of an ONNX pipeline does. Export the model by "
            + "ExportToOnnx of the transformer's Model: to a folder with the graphs that a search needs, or to a stream, as one graph that writes the most "
            + "likely token at each step.");

    private protected override void ReleaseTask()
    {
        lock (_opening)
        {
            foreach (var sessions in _kept.Values) sessions.Dispose();
            _kept.Clear();
        }
    }

    private void Keep(ScoringOptions scoring)
    {
        lock (_opening)
        {
            _graphs ??= TranslationGraphs.Create(Model);
            if (_kept.ContainsKey(scoring)) return;
            var sessions = new TranslationSessions(_graphs, scoring);
            _kept.Add(scoring, sessions);
            if (sessions.Fallback is { } reason) WarnOfCpu(reason);
        }
    }

    // A canceled context stays canceled: later scoring is intended and ignores it.
    private Action? CheckAlive() => Host is ICancelable { IsCanceled: true } ? null : Host.CheckAlive;
}
