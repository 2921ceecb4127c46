using System.Collections.Immutable;
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
public sealed class RecurrentTextGenerator : IDisposable
{
    private readonly Lock _gate = new();
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
    {
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
        _scorer = new(model, (options ?? ScoringOptions.Default) with { BatchSize = 1 });
    }

    /// <summary>The vocabulary in the order of the keys. The end-of-sentence token is last if it is not a key.</summary>
    public IReadOnlyCollection<string> Vocabulary => _ids.Keys;

    /// <summary>Generates the continuation of a prompt.</summary>
    /// <param name="prompt">The first tokens of the text; empty for a new sentence. Unknown tokens are treated as missing.</param>
    /// <param name="options">The sampling options; null for the defaults.</param>
    /// <param name="cancellationToken">Cancels the generation.</param>
    /// <returns>The generated tokens, without the prompt and without the end-of-sentence token that stopped it.</returns>
    /// <exception cref="ArgumentException">An option is out of range, or the prompt is empty and the model has no end-of-sentence token.</exception>
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
        var ids = Ids(prompt);
        var excluded = new bool[_tokens.Length];
        excluded[0] = true;
        foreach (var token in options.ExcludedTokens)
            if (_ids.TryGetValue(token, out var id)) excluded[id] = true;
        if (Array.IndexOf(excluded, false) < 0) throw new ArgumentException("All tokens are excluded: leave at least one.", nameof(options));
        return Draw(ids, excluded, options, cancellationToken);
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
        foreach (var id in Ids(prompt)) Step(id, states, answer);
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

    // A text begins after the end-of-sentence token of the previous one.
    private int[] Ids(IEnumerable<string> prompt)
    {
        int[] ids = [.. _language.EndOfSentence is { } marker ? new[] { marker } : [], .. prompt.Select(token => _ids.GetValueOrDefault(token ?? ""))];
        return ids.Length > 0
            ? ids
            : throw new ArgumentException(
                "The prompt is empty, and the model was trained without an end-of-sentence token to start from: give at least one token.",
                nameof(prompt));
    }
}
