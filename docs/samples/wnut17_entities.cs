#:project ../../src/Microsoft.ML.Recurrent/Microsoft.ML.Recurrent.csproj
#:package Microsoft.ML.OnnxRuntime
#:property PublishAot=false

// Finds persons, places, products, groups and works in messages, most of which have names that training did not see (WNUT 2017, Derczynski et al. 2017), by a
// conditional random field over a bidirectional LSTM that reads words and characters.
// Run it by: dotnet run --file docs/samples/wnut17_entities.cs -- [--data FOLDER] [--seeds N] [--threads N]

using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Recurrent;
using Microsoft.ML.Transforms.Text;

var folder = Path.Combine(Argument("--data") ?? Path.Combine("..", "shared", "data"), "wnut17_ner");
int seeds = int.Parse(Argument("--seeds") ?? "1", CultureInfo.InvariantCulture), threads = int.Parse(Argument("--threads") ?? "2", CultureInfo.InvariantCulture);
List<double> scores = [];
double baseline = 0;
var clock = Stopwatch.StartNew();
for (var seed = 1; seed <= seeds; seed++)
{
    var mlContext = new MLContext(seed);
    // The development part tells which epoch is best.
    IDataView train = mlContext.Data.LoadFromConllFile(Path.Combine(folder, "train.bio")), dev = mlContext.Data.LoadFromConllFile(Path.Combine(folder, "dev.bio"));
    // The words are keys in lower case; their characters are read as they are.
    var keys = mlContext.Transforms.Text.NormalizeText("Lower", "Words", TextNormalizingEstimator.CaseMode.Lower, keepDiacritics: true, keepPunctuations: true, keepNumbers: true)
        .Append(mlContext.Transforms.Text.BuildVocabulary("Tokens", "Lower"))
        .Append(mlContext.Transforms.Conversion.MapValueToKey("Label", "Tags")).Fit(train);
    var tagger = mlContext.MulticlassClassification.Trainers.SequenceTagging(new RecurrentTaggingTrainer.Options
    {
        FeatureColumnName = "Tokens",
        Tags = { UseConditionalRandomField = true },
        Characters = { TextColumnName = "Words" },
        NumberOfThreads = threads,
    }).Fit(keys.Transform(train), keys.Transform(dev));

    // The test rows are read only now.
    var test = mlContext.Data.LoadFromConllFile(Path.Combine(folder, "test.bio"));
    var metrics = mlContext.MulticlassClassification.EvaluateSequences(tagger.Transform(keys.Transform(test)));
    scores.Add(metrics.Entities!.F1Score);
    Console.WriteLine(Invariant($"seed {seed}: {metrics}"));
    if (seed == 1) baseline = Baseline(mlContext, train, test);
}

Console.WriteLine(Invariant($"F1 {scores.Average():F4} [{scores.Min():F4}..{scores.Max():F4}]; most frequent tag of each word {baseline:F4}"));
Console.WriteLine(JsonSerializer.Serialize(new { sample = "wnut17_entities", metric = "test entity F1", value = Math.Round(scores.Average(), 4), baseline = Math.Round(baseline, 4), seconds = Math.Round(clock.Elapsed.TotalSeconds, 1) }));

// Without a network: each word has the tag that it has most often.
static double Baseline(MLContext mlContext, IDataView train, IDataView test)
{
    var best = Sentences(mlContext, train).SelectMany(row => row.Words.Zip(row.Tags)).GroupBy(pair => pair.First)
        .ToDictionary(word => word.Key, word => word.GroupBy(pair => pair.Second).MaxBy(tag => tag.Count())!.Key);
    var guessed = mlContext.Data.LoadFromEnumerable(Sentences(mlContext, test).Select(row => new Sentence { Tags = row.Tags, Found = [.. row.Words.Select(word => best.GetValueOrDefault(word, "O"))] }).ToArray());
    var keys = mlContext.Transforms.Conversion.MapValueToKey("Label", "Tags").Append(mlContext.Transforms.Conversion.MapValueToKey("PredictedLabel", "Found"));
    return mlContext.MulticlassClassification.EvaluateSequences(keys.Fit(guessed).Transform(guessed)).Entities!.F1Score;
}

static IEnumerable<Tweet> Sentences(MLContext mlContext, IDataView data) => mlContext.Data.CreateEnumerable<Tweet>(data, reuseRowObject: false);

static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

string? Argument(string name) => Array.IndexOf(args, name) is >= 0 and var i && i + 1 < args.Length ? args[i + 1] : null;

internal sealed class Sentence
{
    public string[] Tags { get; set; } = [];
    public string[] Found { get; set; } = [];
}

internal sealed class Tweet
{
    public string[] Words { get; set; } = [];
    public string[] Tags { get; set; } = [];
}
