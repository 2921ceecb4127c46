using System.Collections.Immutable;
using Microsoft.ML.Recurrent.Decoding;
using Microsoft.ML.Recurrent.Translation;

namespace Microsoft.ML.Recurrent;

/// <summary>
/// Translates tokens outside of a pipeline: with a trained model, or with the graphs of a folder that
/// <see cref="RecurrentModelExport.ExportToOnnx(RecurrentModel, string, OnnxExportOptions?)"/> has written.
/// </summary>
/// <remarks>Thread-safe.</remarks>
/// <example><code>
/// using var translator = model.CreateTranslator();
/// TranslatedText text = translator.Translate(["i", "help", "him", "."]);
/// foreach (var other in translator.TranslateBest(["i", "help", "him", "."], new() { NumberOfResults = 3 })) Console.WriteLine($"{other.Score:F2} {other}");
/// </code></example>
public sealed class RecurrentTranslator : IDisposable
{
    private readonly TranslationManifest _manifest;
    private readonly TranslationSessions _sessions;
    private readonly TranslationRuns _runs;
    private readonly TranslationWriter _writer;
    private readonly Dictionary<string, int> _ids = new(StringComparer.Ordinal);
    private readonly int _batchSize;

    /// <summary>Creates a translator for a model.</summary>
    /// <param name="model">The model of a <see cref="RecurrentTranslationTransformer"/>.</param>
    /// <param name="scoring">Options of ONNX Runtime; null for the defaults, and batches of 64.</param>
    /// <exception cref="ArgumentException">The model is not one of a translation.</exception>
    public RecurrentTranslator(RecurrentModel model, ScoringOptions? scoring = null)
        : this(Graphs(model), scoring, BeamSearchOptions.Create(model.Manifest.Translation!.Search))
    {
    }

    internal RecurrentTranslator(TranslationGraphs graphs, ScoringOptions? scoring, BeamSearchOptions search)
    {
        scoring = (scoring ?? RecurrentTranslationTransformer.DefaultScoring).Checked();
        (_manifest, _batchSize, Search) = (graphs.Translation, scoring.BatchSize, search);
        _sessions = new(graphs, scoring);
        (_runs, _writer) = (new(_manifest, _sessions.Read), new(_manifest));
        SourceVocabulary = graphs.Source.Values;
        for (var i = 0; i < graphs.Source.Values.Length; i++) _ids.TryAdd(graphs.Source.Values[i], i + 1);
    }

    /// <summary>The source tokens that the model knows, in the order of the keys.</summary>
    public ImmutableArray<string> SourceVocabulary { get; }

    /// <summary>The tokens that it can write, likewise.</summary>
    public ImmutableArray<string> TargetVocabulary => _manifest.Target.Values;

    /// <summary>The options with which it searches where a call gives none.</summary>
    internal BeamSearchOptions Search { get; }

    /// <summary>The source tokens that the model does not know, each once, in their order. They are read as the unknown token.</summary>
    /// <param name="source">The tokens.</param>
    public string[] UnknownTokens(IEnumerable<string> source)
    {
        ArgumentNullException.ThrowIfNull(source);
        return [.. source.Where(token => !_ids.ContainsKey(token ?? "")).Distinct()];
    }

    /// <summary>The best text for a source.</summary>
    /// <param name="source">The source's tokens, as in training; none gives an empty text with NaN scores.</param>
    /// <param name="search">The options of the search; null for those of the model.</param>
    /// <param name="cancellationToken">Ends the search with an exception.</param>
    /// <exception cref="ArgumentException">An option is out of range, or needs attention that the model lacks.</exception>
    /// <exception cref="OperationCanceledException">The search was canceled.</exception>
    public TranslatedText Translate(IEnumerable<string> source, BeamSearchOptions? search = null, CancellationToken cancellationToken = default) =>
        TranslateBest(source, search, cancellationToken)[0];

    /// <summary>The best texts for a source, the best first: <see cref="BeamSearchOptions.NumberOfResults"/>, or fewer.</summary>
    /// <inheritdoc cref="Translate"/>
    public IReadOnlyList<TranslatedText> TranslateBest(IEnumerable<string> source, BeamSearchOptions? search = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        return TranslateAll([[.. source]], search, cancellationToken)[0];
    }

    /// <summary>The best texts for each of many sources, which are translated in batches.</summary>
    /// <param name="sources">The tokens of the sources.</param>
    /// <param name="search">The options of the search; null for those of the model.</param>
    /// <param name="cancellationToken">Ends the search with an exception.</param>
    /// <returns>For each source its texts, the best first.</returns>
    /// <inheritdoc cref="Translate"/>
    public IReadOnlyList<IReadOnlyList<TranslatedText>> TranslateAll(IReadOnlyList<IReadOnlyList<string>> sources, BeamSearchOptions? search = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(sources);
        search = search is null ? Search : OptionCopies.Copy(search);
        search.Check();
        RecurrentTranslationEstimator.Options.CheckSearch(search, _manifest.Attends);
        int[] given = [.. Enumerable.Range(0, sources.Count).Where(source => sources[source].Count > 0)];
        var ids = Array.ConvertAll(given, source => sources[source].Select(token => _ids.GetValueOrDefault(token ?? "")).ToArray());
        var found = _runs.Find(ids, search, _writer.Excluded(copies: true), _batchSize, null, cancellationToken);
        var texts = sources.Select(_ => (IReadOnlyList<TranslatedText>)[new([], [], "", double.NaN, double.NaN, false)]).ToArray();
        for (var i = 0; i < given.Length; i++) texts[given[i]] = [.. found[i].Select(text => Create(text, sources[given[i]]))];
        return texts;
    }

    /// <summary>Releases the shared ONNX Runtime sessions.</summary>
    public void Dispose() => _sessions.Dispose();

    private TranslatedText Create(FoundText text, IReadOnlyList<string> source)
    {
        var tokens = _writer.Tokens(text, source);
        return new([.. source], tokens, _writer.Join(tokens), text.LogProbability, text.Score, text.IsComplete)
        {
            Attention = _manifest.Attends ? [.. text.Attention.Select(weights => weights.ToImmutableArray())] : [],
        };
    }

    private static TranslationGraphs Graphs(RecurrentModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        return model.Manifest.Translation is not null ? TranslationGraphs.Create(model)
            : throw new ArgumentException($"A translator needs the model of a translation; this one is for {model.Manifest.Task}.", nameof(model));
    }
}
