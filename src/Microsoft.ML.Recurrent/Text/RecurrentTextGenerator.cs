using System.Collections.Immutable;
using Microsoft.ML.Recurrent.Scoring;
using Microsoft.ML.Recurrent.Text;

namespace Microsoft.ML.Recurrent;

/// <summary>
/// Writes texts by a trained language model, token by token: the states are carried from one token to the next in ONNX Runtime's single-step graph, so that a
/// token costs the same however long the text has become.
/// </summary>
/// <remarks>Thread-safe: any number of texts may be written at the same time; their steps wait for each other.</remarks>
/// <example><code>
/// using var generator = model.CreateTextGenerator();
/// string[] words = generator.Generate(["the", "company"], new() { Temperature = 0.8f, TopP = 0.9f, Seed = 1 });
/// foreach (var (token, probability) in generator.NextTokens(["new", "york"])) Console.WriteLine($"{token} {probability:P1}");
/// </code></example>
public sealed class RecurrentTextGenerator : IDisposable
{
    private readonly Lock _gate = new();
    private readonly StepScorer _scorer;
    private readonly LanguageManifest _language;
    private readonly ImmutableArray<string> _tokens;
    private readonly Dictionary<string, int> _ids = new(StringComparer.Ordinal);
    private bool _disposed;

    /// <summary>Opens a generator upon a language model.</summary>
    /// <param name="model">The model of a <see cref="RecurrentLanguageModelTransformer"/>.</param>
    /// <param name="options">How ONNX Runtime scores; null for the defaults.</param>
    /// <exception cref="ArgumentException">The model is no language model, or does not know what its keys stand for.</exception>
    public RecurrentTextGenerator(RecurrentModel model, ScoringOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        _language = model.Manifest.Language
            ?? throw new ArgumentException($"A text generator needs a language model; this one is for {model.Manifest.Task}.", nameof(model));
        var vocabulary = model.Manifest.Vocabulary
            ?? throw new ArgumentException($"The model does not know what its tokens stand for: the column '{model.Manifest.Inputs[0].Name}' that it was "
                + $"trained on holds keys without values.", nameof(model));
        var size = model.Manifest.Inputs[0].Vocabulary;
        // Id 0 is a missing key; what lies behind the keys is the end of a sentence.
        _tokens = ["", .. vocabulary.Values, .. Enumerable.Repeat(_language.EndOfSentenceText ?? "", size - 1 - vocabulary.Values.Length)];
        for (var id = 1; id < size; id++) _ids.TryAdd(_tokens[id], id);
        _scorer = new(model, (options ?? ScoringOptions.Default) with { BatchSize = 1 });
    }

    /// <summary>The tokens that the model knows, in the order of their keys; the end of a sentence, where it is no key, is the last.</summary>
    public IReadOnlyCollection<string> Vocabulary => _ids.Keys;

    /// <summary>Writes a text that goes on where a prompt ends.</summary>
    /// <param name="prompt">The tokens to begin with; none for a new sentence. Tokens that the model does not know count as missing ones.</param>
    /// <param name="options">How tokens are drawn; null for the defaults.</param>
    /// <param name="cancellationToken">Ends the text before its end.</param>
    /// <returns>The tokens that were written, without the prompt and without the end of the sentence that stopped it.</returns>
    /// <exception cref="ArgumentException">An option is out of range, or the prompt is empty and the model has no end of a sentence to begin after.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public string[] Generate(IEnumerable<string> prompt, TextGenerationOptions? options = null, CancellationToken cancellationToken = default) =>
        [.. Stream(prompt, options, cancellationToken)];

    /// <summary>The same, each token as soon as it is written.</summary>
    /// <inheritdoc cref="Generate"/>
    /// <returns>The tokens; each call of the enumerator writes one.</returns>
    public IEnumerable<string> Stream(IEnumerable<string> prompt, TextGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        options ??= new();
        options.Check();
        var ids = Ids(prompt);
        var excluded = new bool[_tokens.Length];
        excluded[0] = true;
        foreach (var token in options.ExcludedTokens)
            if (_ids.TryGetValue(token, out var id)) excluded[id] = true;
        if (Array.IndexOf(excluded, false) < 0) throw new ArgumentException("All tokens are excluded: none can be written.", nameof(options));
        return Draw(ids, excluded, options, cancellationToken);
    }

    /// <summary>The likeliest tokens after a text.</summary>
    /// <param name="prompt">The text's tokens; none for a new sentence.</param>
    /// <param name="count">How many, at least 1; there are fewer where the vocabulary is smaller.</param>
    /// <returns>The tokens and their probabilities, the likeliest first; the end of the sentence may be among them.</returns>
    /// <exception cref="ArgumentException">The count is out of range, or the prompt is empty and the model has no end of a sentence to begin after.</exception>
    public (string Token, float Probability)[] NextTokens(IEnumerable<string> prompt, int count = 10)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        var (states, answer) = (new float[_scorer.StateSize], new float[_scorer.OutputSize]);
        foreach (var id in Ids(prompt)) Step(id, states, answer);
        return [.. Enumerable.Range(1, _tokens.Length - 1).OrderByDescending(id => answer[id]).Take(count).Select(id => (_tokens[id], MathF.Exp(answer[id])))];
    }

    /// <summary>Returns the share in the session of ONNX Runtime.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_disposed) return;
            _disposed = true;
            _scorer.Dispose();
        }
    }

    private IEnumerable<string> Draw(int[] prompt, bool[] excluded, TextGenerationOptions options, CancellationToken cancellationToken)
    {
        var sampler = new TokenSampler(_tokens.Length, options, unchecked((ulong)(options.Seed ?? Random.Shared.Next())));
        var (states, answer) = (new float[_scorer.StateSize], new float[_scorer.OutputSize]);
        foreach (var id in prompt) Step(id, states, answer);
        for (var written = 0; written < options.MaximumTokens; written++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var id = sampler.Draw(answer, excluded);
            if (options.StopAtEndOfSentence && id == _language.EndOfSentence) yield break;
            yield return _tokens[id];
            if (written + 1 < options.MaximumTokens) Step(id, states, answer);
        }
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

    // A text begins after the end of the one before.
    private int[] Ids(IEnumerable<string> prompt)
    {
        int[] ids = [.. _language.EndOfSentence is { } marker ? new[] { marker } : [], .. prompt.Select(token => _ids.GetValueOrDefault(token ?? ""))];
        return ids.Length > 0
            ? ids
            : throw new ArgumentException(
                "The prompt is empty, and the model was trained without an end of sentences after which a text could begin: give at least one token.",
                nameof(prompt));
    }
}
