using System.Text.RegularExpressions;
using Microsoft.ML.Data;

namespace Microsoft.ML.Recurrent.Benchmarks.Translation;

/// <summary>Sentences in two languages as tokens, as both sides read them: lower case, runs of letters and digits or single symbols.</summary>
internal sealed partial class SentencePairs
{
    public static readonly string[] Parts = ["train", "valid", "test"];

    private readonly Dictionary<string, SentencePair[]> _parts;

    public SentencePairs(string folder) => _parts = Parts.ToDictionary(part => part, part => File.ReadLines(Path.Combine(folder, part + ".tsv"))
        .Select(line => line.ToLowerInvariant().Split('\t'))
        .Select(cells => new SentencePair { Source = Split(cells[0]), Target = Split(cells[1]) }).ToArray());

    public SentencePair[] this[string part] => _parts[part];

    /// <summary>The tokens of the references of the test part, with blanks between them.</summary>
    public string[] References => [.. this["test"].Select(pair => string.Join(' ', pair.Target))];

    /// <summary>
    /// For each test sentence the translation of the training sentence that shares most tokens with it (Dice): a memory without a model.
    /// </summary>
    public string[] NearestTranslations()
    {
        var train = this["train"];
        var places = new Dictionary<string, List<(int Pair, int Count)>>();
        for (var i = 0; i < train.Length; i++)
        {
            foreach (var token in train[i].Source.CountBy(token => token))
            {
                if (!places.TryGetValue(token.Key, out var list)) places.Add(token.Key, list = []);
                list.Add((i, token.Value));
            }
        }
        var shared = new int[train.Length];
        return Array.ConvertAll(this["test"], test =>
        {
            Array.Clear(shared);
            foreach (var token in test.Source.CountBy(token => token))
                foreach (var (pair, count) in places.GetValueOrDefault(token.Key, [])) shared[pair] += Math.Min(count, token.Value);
            var best = 0;
            for (var i = 1; i < shared.Length; i++)
            {
                if (shared[i] * (train[best].Source.Length + test.Source.Length) > shared[best] * (train[i].Source.Length + test.Source.Length)) best = i;
            }
            return string.Join(' ', train[best].Target);
        });
    }

    private static string[] Split(string text) => [.. Token().Matches(text).Select(match => match.Value)];

    [GeneratedRegex(@"\w+|[^\w\s]")]
    private static partial Regex Token();
}

/// <summary>A sentence and its translation.</summary>
internal sealed class SentencePair
{
    public string[] Source { get; set; } = [];

    public string[] Target { get; set; } = [];
}

/// <summary>A translation beside its reference, tokens with blanks between them.</summary>
internal sealed class ScoredSentence
{
    public string Reference { get; set; } = "";

    public string Translation { get; set; } = "";

    /// <summary>Corpus BLEU of the tokens as they are, as sacreBLEU counts it without a tokenizer.</summary>
    public static double Bleu(MLContext mlContext, IEnumerable<string> references, IEnumerable<string> translations) =>
        mlContext.Transforms.Text.EvaluateTranslations(
            mlContext.Data.LoadFromEnumerable(references.Zip(translations,
                (reference, own) => new ScoredSentence { Reference = reference, Translation = own })),
            nameof(Reference), nameof(Translation), new() { Tokenization = BleuTokenization.None }).Bleu;
}
