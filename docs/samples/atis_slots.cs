#:project ../../src/Microsoft.ML.Recurrent/Microsoft.ML.Recurrent.csproj
#:package Microsoft.ML.OnnxRuntime
#:property PublishAot=false

// Finds the slots (cities, dates, fares ...) and the intent of questions about flights (ATIS, Hemphill et al. 1990), by one network with two heads
// that reads words, their last letters and their characters.
// Run it by: dotnet run --file docs/samples/atis_slots.cs -- [--data FOLDER] [--seeds N] [--threads N]

using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Recurrent;

var folder = Path.Combine(Argument("--data") ?? Path.Combine("..", "shared", "data"), "atis");
int seeds = int.Parse(Argument("--seeds") ?? "1", CultureInfo.InvariantCulture), threads = int.Parse(Argument("--threads") ?? "2", CultureInfo.InvariantCulture);
List<double> slots = [], intents = [];
double baselineSlots = 0, baselineIntents = 0;
var clock = Stopwatch.StartNew();
for (var seed = 1; seed <= seeds; seed++)
{
    var mlContext = new MLContext(seed);
    // The development part tells which epoch is best.
    IDataView train = Load(mlContext, "train.tsv"), dev = Load(mlContext, "dev.tsv");
    // Numbers of a length are one word, and the last letters of a word are a column of tokens beside the words.
    var keys = mlContext.Transforms.Text.ExtractWordFeature("Masked", "Words", WordFeature.MaskedDigits)
        .Append(mlContext.Transforms.Text.ExtractWordFeature("Suffixes", "Masked", WordFeature.Suffix, length: 3))
        .Append(mlContext.Transforms.Text.BuildVocabulary("Tokens", "Masked"))
        .Append(mlContext.Transforms.Text.BuildVocabulary("Endings", "Suffixes"))
        .Append(mlContext.Transforms.Conversion.MapValueToKey("Label", "Slots"))
        .Append(mlContext.Transforms.Conversion.MapValueToKey("IntentKey", "Intent")).Fit(train);
    var trainer = mlContext.MulticlassClassification.Trainers.SequenceTagging(new RecurrentTaggingTrainer.Options
    {
        FeatureColumnName = "Tokens",
        Features = { AdditionalColumnNames = ["Endings"] },
        Tags = { SequenceLabelColumnName = "IntentKey", UseConditionalRandomField = true },
        Characters = { TextColumnName = "Words" },
        NumberOfThreads = threads,
    });
    var watch = Stopwatch.StartNew();
    var tagger = trainer.Fit(keys.Transform(train), keys.Transform(dev));
    var seconds = watch.Elapsed.TotalSeconds;

    // The test rows are read only now. Their slots are mapped to keys of their own, as training did not see all of them.
    var test = Load(mlContext, "test.tsv");
    var answers = tagger.Transform(keys.Transform(test));
    var scored = mlContext.Transforms.Conversion.MapKeyToValue("FoundSlots", "PredictedLabel")
        .Append(mlContext.Transforms.Conversion.MapKeyToValue("FoundIntent", "PredictedSequenceLabel")).Fit(answers).Transform(answers);
    slots.Add(Evaluate(mlContext, scored, "FoundSlots").Entities!.F1Score);
    intents.Add(scored.GetColumn<string>("FoundIntent").Zip(test.GetColumn<string>("Intent")).Average(pair => pair.First == pair.Second ? 1 : 0.0));
    Console.WriteLine(Invariant($"seed {seed}: slots F1 {slots[^1]:F4}, intents {intents[^1]:F4}, trained in {seconds:F1} s on {threads} threads"));
    if (seed == 1) (baselineSlots, baselineIntents) = Baseline(mlContext, train, test);
}

Console.WriteLine(Invariant($"BiLSTM: slots F1 {slots.Average():F4} [{slots.Min():F4}..{slots.Max():F4}], intents {intents.Average():F4} [{intents.Min():F4}..{intents.Max():F4}]"));
Console.WriteLine(Invariant($"most frequent slot of each word: F1 {baselineSlots:F4}; maximum entropy over the words: intents {baselineIntents:F4}"));
Console.WriteLine(JsonSerializer.Serialize(new { sample = "atis_slots", metric = "test slots F1", value = Math.Round(slots.Average(), 4), baseline = Math.Round(baselineSlots, 4), seconds = Math.Round(clock.Elapsed.TotalSeconds, 1) }));

// One line per question: words, slots of the words, intent.
IDataView Load(MLContext mlContext, string file) => mlContext.Data.LoadFromEnumerable(File.ReadLines(Path.Combine(folder, file)).Select(line =>
{
    var parts = line.Split('\t');
    return new Question { Words = parts[0].Split(' '), Slots = parts[1].Split(' '), Intent = parts[2] };
}).ToArray());

static SequenceTaggingMetrics Evaluate(MLContext mlContext, IDataView scored, string found)
{
    var keys = mlContext.Transforms.Conversion.MapValueToKey("TrueKeys", "Slots").Append(mlContext.Transforms.Conversion.MapValueToKey("FoundKeys", found));
    return mlContext.MulticlassClassification.EvaluateSequences(keys.Fit(scored).Transform(scored), "TrueKeys", "FoundKeys");
}

// Without a network: each word has the slot that it has most often, and the intent is a linear function of the words.
static (double Slots, double Intents) Baseline(MLContext mlContext, IDataView train, IDataView test)
{
    var best = Questions(mlContext, train).SelectMany(row => row.Words.Zip(row.Slots)).GroupBy(pair => pair.First)
        .ToDictionary(word => word.Key, word => word.GroupBy(pair => pair.Second).MaxBy(slot => slot.Count())!.Key);
    var guessed = mlContext.Data.LoadFromEnumerable(Questions(mlContext, test).Select(row => new Guess { Slots = row.Slots, Found = [.. row.Words.Select(word => best.GetValueOrDefault(word, "O"))] }).ToArray());
    var words = mlContext.Transforms.Conversion.MapValueToKey("Label", "Intent").Append(mlContext.Transforms.Conversion.MapValueToKey("Tokens", "Words"))
        .Append(mlContext.Transforms.Text.ProduceNgrams("Features", "Tokens", ngramLength: 2))
        .Append(mlContext.MulticlassClassification.Trainers.LbfgsMaximumEntropy()).Append(mlContext.Transforms.Conversion.MapKeyToValue("FoundIntent", "PredictedLabel"));
    var scored = words.Fit(train).Transform(test);
    return (Evaluate(mlContext, guessed, "Found").Entities!.F1Score,
        scored.GetColumn<string>("FoundIntent").Zip(test.GetColumn<string>("Intent")).Average(pair => pair.First == pair.Second ? 1 : 0.0));
}

static IEnumerable<Question> Questions(MLContext mlContext, IDataView data) => mlContext.Data.CreateEnumerable<Question>(data, reuseRowObject: false);

static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

string? Argument(string name) => Array.IndexOf(args, name) is >= 0 and var i && i + 1 < args.Length ? args[i + 1] : null;

internal sealed class Question
{
    public string[] Words { get; set; } = [];
    public string[] Slots { get; set; } = [];
    public string Intent { get; set; } = "";
}

internal sealed class Guess
{
    public string[] Slots { get; set; } = [];
    public string[] Found { get; set; } = [];
}
