using Microsoft.ML.Recurrent.Text;
using Microsoft.ML.Recurrent.Tokens;

namespace Microsoft.ML.Recurrent;

// Texts in place of tokens, by the tokenizer of the pipeline.
public sealed partial class RecurrentTextGenerator
{
    private readonly TextTokenizingTransformer? _tokenizing;

    /// <summary>Generates the continuation of a text, as text.</summary>
    /// <param name="prompt">The beginning of the text; empty for a new one. The tokenizer of the pipeline splits it.</param>
    /// <param name="options">The sampling options, in tokens; null for the defaults.</param>
    /// <param name="cancellationToken">Cancels the generation.</param>
    /// <returns>What follows the prompt. The end of a sentence within the text (<see cref="TextGenerationOptions.StopAtEndOfSentence"/>) is a line break; bytes
    /// that are no UTF-8 are U+FFFD.</returns>
    /// <exception cref="InvalidOperationException">The pipeline has no TokenizeForRecurrent.</exception>
    /// <exception cref="ArgumentException">As <see cref="Generate"/>.</exception>
    /// <exception cref="OperationCanceledException">The generation was canceled.</exception>
    public string GenerateText(string prompt, TextGenerationOptions? options = null, CancellationToken cancellationToken = default) =>
        string.Concat(StreamText(prompt, options, cancellationToken));

    /// <summary>Generates the continuation of a text, returning each piece as soon as its characters are whole.</summary>
    /// <inheritdoc cref="GenerateText"/>
    /// <returns>The pieces of the text; none is empty, and none ends within a character.</returns>
    public IEnumerable<string> StreamText(string prompt, TextGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        var tokens = Tokenize(prompt);
        return Decode(tokens, Stream(tokens, options, cancellationToken));
    }

    /// <summary>The tokens of a text, as the tokenizer of the pipeline splits it, without one that ends a row.</summary>
    /// <param name="text">The text.</param>
    /// <exception cref="InvalidOperationException">The pipeline has no TokenizeForRecurrent.</exception>
    public string[] Tokenize(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var tokenizer = Tokenizing.Tokenizer;
        var (tokens, ids) = (new List<ReadOnlyMemory<char>>(), new List<int>());
        tokenizer.Tokenize((Tokenizing.Options.LowerCase ? text.ToLowerInvariant() : text).AsMemory(), tokens, ids, new TokenLimit(null, TruncationSide.Right));
        string[] all = tokenizer.Vocabulary is { } pieces ? [.. ids.Select(id => pieces[id])] : [.. tokens.Select(token => token.ToString())];
        return all.Length > 0 && (all[^1] == tokenizer.Form.EndOfText || all[^1] == _language.EndOfSentenceText) ? all[..^1] : all;
    }

    /// <summary>The text of tokens, such as those of <see cref="Generate"/> or <see cref="GenerateBest"/>.</summary>
    /// <param name="tokens">The tokens.</param>
    /// <exception cref="InvalidOperationException">The pipeline has no TokenizeForRecurrent.</exception>
    public string Detokenize(IEnumerable<string> tokens)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        return string.Concat(Decode([], tokens));
    }

    /// <summary>
    /// Evaluates the model on one text, also per character and per word: models with other tokens can be compared by these figures.
    /// </summary>
    /// <param name="text">The text.</param>
    /// <exception cref="InvalidOperationException">The pipeline has no TokenizeForRecurrent.</exception>
    /// <exception cref="ArgumentException">The text holds unknown tokens and the model was trained without missing keys, or no token can be
    /// predicted.</exception>
    public LanguageModelMetrics EvaluateText(string text)
    {
        var tokens = Tokenize(text);
        var (characters, words) = TextLengths.Count(text, tokens.FirstOrDefault(""), _language.EndOfSentence is not null);
        return Evaluate(tokens) with { Characters = characters, Words = words };
    }

    private TextTokenizingTransformer Tokenizing => _tokenizing
        ?? throw new InvalidOperationException("The generator was created without the tokenizer that made the model's tokens of text: create it from the whole "
            + "pipeline, with TokenizeForRecurrent before the language model, or give tokens to Generate.");

    private IEnumerable<string> Decode(string[] prompt, IEnumerable<string> tokens)
    {
        var decoder = new TokenDecoder(Tokenizing.Tokenizer.Form);
        // A word that the prompt begins may go on, and after a whole one there is a blank.
        foreach (var token in prompt) decoder.Add(token);
        return Pieces();

        IEnumerable<string> Pieces()
        {
            foreach (var token in tokens)
            {
                var text = token == _language.EndOfSentenceText ? decoder.Finish() + "\n" : decoder.Add(token);
                if (text.Length > 0) yield return text;
            }
            if (decoder.Finish() is { Length: > 0 } rest) yield return rest;
        }
    }
}
