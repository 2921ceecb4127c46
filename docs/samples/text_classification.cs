#:project ../../src/Microsoft.ML.Recurrent/Microsoft.ML.Recurrent.csproj
#:package Microsoft.ML.OnnxRuntime
#:property PublishAot=false

// Classifies four sets of short texts: the subject of questions (Li and Roth 2002), the sentiment of sentences (Pang and Lee 2005), spam among text messages
// (Almeida et al. 2011) and the language of surnames, by their characters. Baseline: maximum entropy on counts of words and word pairs, or of character runs.
// Run it by: dotnet run --file docs/samples/text_classification.cs -- [--data FOLDER] [--set trec|mr_sentiment|sms_spam|names] [--seeds 5]
// With --vectors FILE (GloVe's text format; build/word-vectors.sh writes one) the embedding starts from those of the words.

using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Recurrent;

var folder = Argument("--data") ?? Path.Combine("..", "shared", "data");
var seeds = int.Parse(Argument("--seeds") ?? "5", CultureInfo.InvariantCulture);
string[] sets = Argument("--set") is { } only ? [only] : ["trec", "mr_sentiment", "sms_spam", "names"];
Console.WriteLine($"{"set",-14}{"accuracy (range)",-28}baseline");
foreach (var set in sets)
{
    var clock = Stopwatch.StartNew();
    // Training rows include those of the split's validation part: the trainer holds out rows of its own.
    var (train, test) = Read(set);
    var accuracies = new List<double>();
    for (var seed = 1; seed <= seeds; seed++)
    {
        var mlContext = new MLContext(seed);
        var model = Pipeline(mlContext, set).Fit(mlContext.Data.LoadFromEnumerable(train));
        accuracies.Add(mlContext.MulticlassClassification.Evaluate(model.Transform(mlContext.Data.LoadFromEnumerable(test))).MicroAccuracy);
    }
    var baseline = Baseline(new MLContext(1), set == "names", train, test);
    Console.WriteLine(Invariant($"{set,-14}{$"{accuracies.Average():F4} [{accuracies.Min():F4}..{accuracies.Max():F4}]",-28}{baseline:F4}"));
    Console.WriteLine(JsonSerializer.Serialize(new { sample = "text_classification", set, metric = $"test accuracy, mean of {seeds} seeds", value = Math.Round(accuracies.Average(), 4), baseline = Math.Round(baseline, 4), seconds = Math.Round(clock.Elapsed.TotalSeconds, 1) }));
}

// The trainer's options have their defaults, which go by the kind of the data. Names and spam are told by their capitals, too.
IEstimator<ITransformer> Pipeline(MLContext mlContext, string set)
{
    var options = new RecurrentMulticlassTrainer.Options { LabelColumnName = "Label", FeatureColumnName = "Tokens" };
    if (Argument("--vectors") is { } vectors) options.Network.Initialization.WordVectors = mlContext.Transforms.Text.LoadWordVectors(vectors, ignoreCase: true);
    IEstimator<ITransformer> words = mlContext.Transforms.Text.TokenizeForRecurrent("Words", "Text",
        set == "names" ? TextTokenizer.Characters : TextTokenizer.Words, lowerCase: set is "trec" or "mr_sentiment");
    // Few numbers come twice, but spam is full of telephone numbers and prices: one sign stands for each of their digits.
    if (set == "sms_spam") words = words.Append(mlContext.Transforms.Text.ExtractWordFeature("Words", feature: WordFeature.MaskedDigits));
    return words
        // A word that comes once is an unknown one, so that the network learns what unknown words tell.
        .Append(mlContext.Transforms.Text.BuildVocabulary("Tokens", "Words", minimumCount: set == "names" ? 1 : 2))
        .Append(mlContext.Transforms.Conversion.MapValueToKey("Label"))
        .Append(mlContext.MulticlassClassification.Trainers.RecurrentNetwork(options));
}

// ML.NET without recurrence.
static double Baseline(MLContext mlContext, bool characters, Text[] train, Text[] test)
{
    IEstimator<ITransformer> tokens = characters
        ? mlContext.Transforms.Text.TokenizeIntoCharactersAsKeys("Words", "Text", useMarkerCharacters: true)
        : mlContext.Transforms.Text.TokenizeForRecurrent("Words", "Text", lowerCase: true).Append(mlContext.Transforms.Conversion.MapValueToKey("Words"));
    var model = tokens.Append(mlContext.Transforms.Text.ProduceNgrams("Counts", "Words", ngramLength: characters ? 4 : 2, useAllLengths: true))
        .Append(mlContext.Transforms.Conversion.MapValueToKey("Label"))
        .Append(mlContext.MulticlassClassification.Trainers.LbfgsMaximumEntropy("Label", "Counts", l1Regularization: 0, l2Regularization: 0.1f))
        .Fit(mlContext.Data.LoadFromEnumerable(train));
    return mlContext.MulticlassClassification.Evaluate(model.Transform(mlContext.Data.LoadFromEnumerable(test))).MicroAccuracy;
}

(Text[] Train, Text[] Test) Read(string set)
{
    Text[] all = set switch
    {
        "trec" => [.. Table(Path.Combine(set, "train.tsv"), 0, 2)],
        "mr_sentiment" => [.. Table(Path.Combine(set, "rt-polarity.tsv"), 0, 1)],
        "sms_spam" => [.. Table(Path.Combine(set, "SMSSpamCollection.tsv"), 0, 1)],
        "names" => [.. Directory.GetFiles(Path.Combine(folder, set), "*.txt").Order(StringComparer.Ordinal).SelectMany(file =>
            File.ReadLines(file).Select(line => line.Trim()).Distinct().Select(name => new Text(name, Path.GetFileNameWithoutExtension(file))))],
        _ => throw new ArgumentException($"There is no set '{set}'."),
    };
    using var splits = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "splits", set + ".json")));
    Text[] Part(string name) => [.. splits.RootElement.GetProperty(name).EnumerateArray().Select(row => all[row.GetInt32()])];
    return ([.. Part("train"), .. Part("valid")], set == "trec" ? [.. Table(Path.Combine(set, "test.tsv"), 0, 2)] : Part("test"));
}

IEnumerable<Text> Table(string file, int label, int text) =>
    File.ReadLines(Path.Combine(folder, file)).Select(line => line.Split('\t')).Select(fields => new Text(fields[text], fields[label]));

string? Argument(string name) => Array.IndexOf(args, name) is >= 0 and var i && i + 1 < args.Length ? args[i + 1] : null;

static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

internal sealed record Text([property: ColumnName("Text")] string Value, string Label);
