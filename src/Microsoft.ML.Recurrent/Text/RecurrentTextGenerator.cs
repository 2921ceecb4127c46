using System.Collections.Immutable;
using Microsoft.ML.Recurrent.Decoding;
using Microsoft.ML.Recurrent.Scoring;
using Microsoft.ML.Recurrent.Text;

namespace Microsoft.ML.Recurrent;

/// <summary>
/// Generates text with a trained language model, token by token. ONNX Runtime runs the single-step graph and the states carry over, so the cost per token does
/// not grow with the length of the text.
/// </summary>
/// <remarks>Thread-safe: several texts may be generated at the same time; their steps wait for each other.</remarks>
/// <example><code>
/// using var generator = model.CreateTextGenerator();
/// string[] words = generator.Generate(["the", "company"], new() { Temperature = 0.8f, TopP = 0.9f, Seed = 1 });
/// foreach (var (token, probability) in generator.NextTokens(["new", "york"])) Console.WriteLine($"{token} {probability:P1}");
/// </code></example>
public sealed partial class RecurrentTextGenerator : IDisposable
{
    private readonly Lock _gate = new();
    private readonly RecurrentModel _model;
    private readonly ScoringOptions _options;
    private readonly StepScorer _scorer;
    private readonly LanguageManifest _language;
    private readonly ImmutableArray<string> _tokens;
    private readonly Dictionary<string, int> _ids = new(StringComparer.Ordinal);
    private bool _disposed;

    /// <summary>Creates a generator for a language model.</summary>
    /// <param name="model">The model of a <see cref="RecurrentLanguageModelTransformer"/>.</param>
    /// <param name="options">Scoring options for ONNX Runtime; null for the defaults.</param>
    /// <exception cref="ArgumentException">The model is not a language model, or it has no key values.</exception>
    public RecurrentTextGenerator(RecurrentModel model, ScoringOptions? options = null)
        : this(model, options, null)
    {
    }

    /// <param name="model">The model.</param>
    /// <param name="options">Scoring options; null for the defaults.</param>
    /// <param name="tokenizing">The step of the pipeline that makes the tokens of text; null for none.</param>
    internal RecurrentTextGenerator(RecurrentModel model, ScoringOptions? options, TextTokenizingTransformer? tokenizing)
    {
        _tokenizing = tokenizing;
        ArgumentNullException.ThrowIfNull(model);
        _language = model.Manifest.Language
            ?? throw new ArgumentException($"A text generator needs a language model; this one is for {model.Manifest.Task}.", nameof(model));
        var vocabulary = model.Manifest.Vocabulary
            ?? throw new ArgumentException($"The model has no token texts: the column '{model.Manifest.Inputs[0].Name}' it was "
                + $"trained on holds keys without values.", nameof(model));
        var size = model.Manifest.Inputs[0].Vocabulary;
        // Id 0 is a missing key; the id after the keys is the end of a sentence.
        _tokens = ["", .. vocabulary.Values, .. Enumerable.Repeat(_language.EndOfSentenceText ?? "", size - 1 - vocabulary.Values.Length)];
        for (var id = 1; id < size; id++) _ids.TryAdd(_tokens[id], id);
        (_model, _options) = (model, options ?? ScoringOptions.Default);
        _scorer = new(model, _options with { BatchSize = 1 });
    }

    /// <summary>The vocabulary in the order of the keys. The end-of-sentence token is last if it is not a key.</summary>
    public IReadOnlyCollection<string> Vocabulary => _ids.Keys;

    /// <summary>Generates the continuation of a prompt.</summary>
    /// <param name="prompt">The first tokens of the text; empty for a new sentence. Unknown tokens are read as missing keys by a model that was trained with
    /// some, and refused by others unless <see cref="TextGenerationOptions.AllowUnknownTokens"/>.</param>
    /// <param name="options">The sampling options; null for the defaults.</param>
    /// <param name="cancellationToken">Cancels the generation.</param>
    /// <returns>The generated tokens, without the prompt and without the token that stopped it.</returns>
    /// <exception cref="ArgumentException">An option is out of range or names a token that is not in the vocabulary, or the prompt holds unknown tokens, or it
    /// is empty and the model has no end-of-sentence token.</exception>
    /// <exception cref="OperationCanceledException">The generation was canceled.</exception>
    public string[] Generate(IEnumerable<string> prompt, TextGenerationOptions? options = null, CancellationToken cancellationToken = default) =>
        [.. Stream(prompt, options, cancellationToken)];

    /// <summary>Generates the continuation of a prompt, returning each token as it is drawn.</summary>
    /// <inheritdoc cref="Generate"/>
    /// <returns>The generated tokens; each step of the enumerator draws one.</returns>
    public IEnumerable<string> Stream(IEnumerable<string> prompt, TextGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        options ??= new();
        options.Check();
        var ids = Ids(prompt, options.AllowUnknownTokens);
        var stops = Known(options.StopTokens, nameof(options.StopTokens));
        if (options.StopAtEndOfSentence && _language.EndOfSentence is { } end) stops.Add(end);
        var excluded = new bool[_tokens.Length];
        if (options.AllowedTokens is { } only)
        {
            excluded.AsSpan().Fill(true);
            foreach (var id in Known(only, nameof(options.AllowedTokens)).Concat(stops)) excluded[id] = false;
        }
        Exclude(options.ExcludedTokens, excluded);
        if (!Enumerable.Range(0, excluded.Length).Any(id => !excluded[id] && (options.MinimumTokens == 0 || !stops.Contains(id))))
            throw new ArgumentException("All tokens are excluded: leave at least one.", nameof(options));
        return Draw(ids, excluded, stops, options, cancellationToken);
    }

    /// <summary>Searches for the most likely continuations of a prompt, by beams (Graves 2012).</summary>
    /// <param name="prompt">The first tokens of the text; empty for a new sentence.</param>
    /// <param name="search">The width of the beam, the number of texts, their lengths and how they are compared; null for the defaults, and at most 100 tokens
    /// where <see cref="BeamSearchOptions.MaximumLength"/> is null.</param>
    /// <param name="excludedTokens">Tokens that are never generated, such as <c>&lt;unk&gt;</c>; null for none.</param>
    /// <param name="cancellationToken">Cancels the search.</param>
    /// <returns>The texts, the best first.</returns>
    /// <exception cref="ArgumentException">An option is out of range, or the prompt holds unknown tokens and the model was trained without missing keys, or it
    /// is empty and the model has no end-of-sentence token.</exception>
    /// <exception cref="OperationCanceledException">The search was canceled.</exception>
    public IReadOnlyList<GeneratedText> GenerateBest(IEnumerable<string> prompt, BeamSearchOptions? search = null,
        IReadOnlyCollection<string>? excludedTokens = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        search ??= new();
        search.Check();
        if (search.CoveragePenalty > 0)
            throw new ArgumentException($"The option {nameof(search.CoveragePenalty)} must be 0: a language model has no attention.", nameof(search));
        var ids = Ids(prompt, allowUnknown: false);
        var (states, answer) = (new float[_scorer.StateSize], new float[_scorer.OutputSize]);
        foreach (var id in ids[..^1]) Step(id, states, answer);
        var excluded = new bool[_tokens.Length];
        Exclude(excludedTokens ?? [], excluded);
        using var scorer = new StepScorer(_model, _options with { BatchSize = search.BeamSize });
        // The source of a language model has no length of its own.
        var limited = new BeamSearchOptions
        {
            BeamSize = search.BeamSize, NumberOfResults = search.NumberOfResults, LengthNormalization = search.LengthNormalization,
            LengthExponent = search.LengthExponent, MinimumLength = search.MinimumLength,
            MaximumLength = search.MaximumLength ?? Math.Max(search.MinimumLength, new TextGenerationOptions().MaximumTokens),
        };
        var found = new BeamSearch(limited, ids[^1], _language.EndOfSentence, excluded).Run(new LanguageModelBeam(scorer, states), [0], cancellationToken)[0];
        return [.. found.Select(text => new GeneratedText([.. text.Tokens.Select(id => _tokens[id])], text.LogProbability, text.Score, text.IsComplete))];
    }

    /// <summary>The tokens of a prompt that the model does not know, each once, in their order.</summary>
    /// <param name="prompt">The tokens.</param>
    public string[] UnknownTokens(IEnumerable<string> prompt)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        return [.. prompt.Where(token => !_ids.ContainsKey(token ?? "")).Distinct()];
    }

    /// <summary>
    /// The perplexity of a text: exp of the mean negative log-probability of its tokens, the end-of-sentence token included if the model has one.
    /// </summary>
    /// <remarks>Without an end-of-sentence token the first token has no previous one and is not counted.</remarks>
    /// <param name="tokens">The text.</param>
    /// <exception cref="ArgumentException">The text holds unknown tokens and the model was trained without missing keys, or no token can be
    /// predicted.</exception>
    public double Perplexity(IEnumerable<string> tokens)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        return Evaluate([.. tokens]).Perplexity;
    }

    /// <summary>The most likely tokens after a text.</summary>
    /// <param name="prompt">The tokens of the text; empty for a new sentence.</param>
    /// <param name="count">The maximum number of tokens to return, at least 1.</param>
    /// <returns>The tokens and their probabilities, the most likely first; may include the end-of-sentence token.</returns>
    /// <exception cref="ArgumentException">The count is out of range, or the prompt is empty and the model has no end-of-sentence token.</exception>
    public (string Token, float Probability)[] NextTokens(IEnumerable<string> prompt, int count = 10)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        var (states, answer) = (new float[_scorer.StateSize], new float[_scorer.OutputSize]);
        foreach (var id in Ids(prompt, allowUnknown: false)) Step(id, states, answer);
        return [.. Enumerable.Range(1, _tokens.Length - 1).OrderByDescending(id => answer[id]).Take(count).Select(id => (_tokens[id], MathF.Exp(answer[id])))];
    }

    /// <summary>Releases the shared ONNX Runtime session.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_disposed) return;
            _disposed = true;
            _scorer.Dispose();
        }
    }

    private IEnumerable<string> Draw(int[] prompt, bool[] excluded, HashSet<int> stops, TextGenerationOptions options, CancellationToken cancellationToken)
    {
        var sampler = new TokenSampler(_tokens.Length, options, unchecked((ulong)(options.Seed ?? Random.Shared.Next())));
        var (states, answer) = (new float[_scorer.StateSize], new float[_scorer.OutputSize]);
        foreach (var id in prompt) Step(id, states, answer);
        var held = new HashSet<int>(prompt);
        // What may not come yet is excluded until it may.
        int[] early = options.MinimumTokens == 0 ? [] : [.. stops.Where(id => !excluded[id])];
        foreach (var id in early) excluded[id] = true;
        for (var written = 0; written < options.MaximumTokens; written++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (written == options.MinimumTokens) foreach (var stop in early) excluded[stop] = false;
            if (options.RepetitionPenalty > 1) foreach (var token in held) answer[token] *= options.RepetitionPenalty;
            var id = sampler.Draw(answer, excluded);
            if (stops.Contains(id)) yield break;
            held.Add(id);
            yield return _tokens[id];
            if (written + 1 < options.MaximumTokens) Step(id, states, answer);
        }
    }

    private LanguageModelMetrics Evaluate(string[] tokens)
    {
        var ids = Ids(tokens, allowUnknown: false);
        if (_language.EndOfSentence is { } marker && (ids.Length == 1 || ids[^1] != marker)) ids = [.. ids, marker];
        if (ids.Length < 2) throw new ArgumentException("The text holds one token, which has no previous one: no token can be predicted.", nameof(tokens));
        var (states, answer, sum) = (new float[_scorer.StateSize], new float[_scorer.OutputSize], 0.0);
        for (var i = 1; i < ids.Length; i++)
        {
            Step(ids[i - 1], states, answer);
            sum += answer[ids[i]];
        }
        return new(ids.Length - 1, ids.Skip(1).Count(id => id == 0), sum);
    }

    private void Step(int id, float[] states, float[] answer)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            _scorer.Clear();
            _scorer.Add([id], states);
            _scorer.Run();
            _scorer.Read(0, answer, states);
        }
    }

    // A text begins after the end-of-sentence token of the previous one.
    private int[] Ids(IEnumerable<string> prompt, bool allowUnknown)
    {
        string[] tokens = [.. prompt];
        if (!allowUnknown && !_language.KnowsMissing && UnknownTokens(tokens) is { Length: > 0 } unknown)
        {
            throw new ArgumentException(
                $"The prompt holds tokens that the model does not know: {Quoted(unknown)}. It was trained without missing keys, so that its "
                + $"answer to them would be arbitrary: leave them out, train with missing keys, or set {nameof(TextGenerationOptions.AllowUnknownTokens)}.",
                nameof(prompt));
        }
        int[] ids = [.. _language.EndOfSentence is { } marker ? new[] { marker } : [], .. tokens.Select(token => _ids.GetValueOrDefault(token ?? ""))];
        return ids.Length > 0
            ? ids
            : throw new ArgumentException(
                "The prompt is empty, and the model was trained without an end-of-sentence token to start from: give at least one token.",
                nameof(prompt));
    }

    private HashSet<int> Known(IReadOnlyCollection<string> tokens, string option)
    {
        var unknown = UnknownTokens(tokens);
        return unknown.Length == 0 ? [.. tokens.Select(token => _ids[token])]
            : throw new ArgumentException($"{nameof(TextGenerationOptions)}.{option} names tokens that the model does not know: {Quoted(unknown)}.", option);
    }

    // A missing key is no token that could be written; tokens that are not in the vocabulary are not written anyway.
    private void Exclude(IEnumerable<string> tokens, bool[] excluded)
    {
        excluded[0] = true;
        foreach (var token in tokens)
            if (_ids.TryGetValue(token, out var id)) excluded[id] = true;
    }

    private static string Quoted(string[] tokens) =>
        string.Join(", ", tokens.Take(10).Select(token => $"'{token}'")) + (tokens.Length > 10 ? $" and {tokens.Length - 10} more" : "");
}
