#:project ../../src/Microsoft.ML.Recurrent/Microsoft.ML.Recurrent.csproj
#:package Microsoft.ML.OnnxRuntime
#:property PublishAot=false

// Questions about flights (ATIS, Hemphill et al. 1990) as whole sentences:
// - multi-label: the set of the kinds of slots that a question has (from-city, airline, departure time ...), one probability each;
// - the intent, from the words and, beside each, the column of its last three letters.
// Run it by: dotnet run --file docs/samples/atis_labels.cs -- [--data FOLDER] [--seeds N] [--threads N] [--part test|validation]

using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Recurrent;

var folder = Path.Combine(Argument("--data") ?? Path.Combine("..", "shared", "data"), "atis");
int seeds = int.Parse(Argument("--seeds") ?? "1", CultureInfo.InvariantCulture), threads = int.Parse(Argument("--threads") ?? "2", CultureInfo.InvariantCulture);
Question[] train = Load("train.tsv"), test = Load(Argument("--part") is "validation" ? "dev.tsv" : "test.tsv");
// An intent that training does not have cannot be validated.
Question[] validation = [.. Load("dev.tsv").Where(question => train.Any(known => known.Intent == question.Intent))];
var clock = Stopwatch.StartNew();
List<MultiLabelMetrics> slots = [];
List<double> words = [], suffixes = [];
for (var seed = 1; seed <= seeds; seed++)
{
    var mlContext = new MLContext(seed);
    var watch = Stopwatch.StartNew();
    var trainer = mlContext.BinaryClassification.Trainers.RecurrentNetwork(new RecurrentBinaryTrainer.Options
    {
        LabelColumnName = "KindKeys",
        FeatureColumnName = "Tokens",
        Network = { Bidirectional = true, Pooling = SequencePooling.Max, Regularization = { DropoutRate = 0.5f } },
        NumberOfThreads = threads,
    });
    slots.Add(mlContext.BinaryClassification.EvaluateMultiLabel(Fit(mlContext, trainer), "KindKeys"));
    Console.WriteLine(Invariant($"seed {seed}, slots in {watch.Elapsed.TotalSeconds:F1} s on {threads} threads: {slots[^1].ToString().Split('\n')[0]}"));
    words.Add(Intents(mlContext, false));
    suffixes.Add(Intents(mlContext, true));
    Console.WriteLine(Invariant($"seed {seed}: intents from words {words[^1]:F4}, from words and suffixes {suffixes[^1]:F4}"));
}

var (baselineSlots, baselineIntents) = Baseline();
Console.WriteLine($"logistic regression on words and pairs of words, slots: {baselineSlots.ToString().Split('\n')[0]}");
Console.WriteLine(Invariant($"micro F1 {Range(slots.Select(one => one.MicroF1Score))}, subset accuracy {Range(slots.Select(one => one.SubsetAccuracy))}"));
Console.WriteLine(Invariant($"intents: words {Range(words)}, words and suffixes {Range(suffixes)}, maximum entropy {baselineIntents:F4}"));
Console.WriteLine(JsonSerializer.Serialize(new { sample = "atis_labels", metric = "test micro F1 of slot kinds", value = Math.Round(slots.Average(one => one.MicroF1Score), 4), baseline = Math.Round(baselineSlots.MicroF1Score, 4), seconds = Math.Round(clock.Elapsed.TotalSeconds, 1) }));

IDataView Fit(MLContext mlContext, IEstimator<ITransformer> trainer)
{
    var keys = Keys(mlContext).Fit(mlContext.Data.LoadFromEnumerable(train));
    var fit = (Func<IDataView, IDataView, ITransformer>)(trainer switch
    {
        RecurrentBinaryTrainer binary => binary.Fit,
        RecurrentMulticlassTrainer multiclass => multiclass.Fit,
        _ => (data, _) => trainer.Fit(data),
    });
    var model = fit(keys.Transform(mlContext.Data.LoadFromEnumerable(train)), keys.Transform(mlContext.Data.LoadFromEnumerable(validation)));
    return model.Transform(keys.Transform(mlContext.Data.LoadFromEnumerable(test)));
}

double Intents(MLContext mlContext, bool withSuffixes) => Accuracy(mlContext, Fit(mlContext, mlContext.MulticlassClassification.Trainers.RecurrentNetwork(
    new RecurrentMulticlassTrainer.Options
    {
        LabelColumnName = "IntentKey",
        FeatureColumnName = "Tokens",
        Features = { AdditionalColumnNames = withSuffixes ? ["SuffixTokens"] : [] },
        Network = { Bidirectional = true, Pooling = SequencePooling.Max, Regularization = { DropoutRate = 0.5f } },
        NumberOfThreads = threads,
    })));

// An intent that training does not have counts as wrong.
double Accuracy(MLContext mlContext, IDataView scored) =>
    mlContext.Transforms.Conversion.MapKeyToValue("Found", "PredictedLabel").Fit(scored).Transform(scored).GetColumn<string>("Found")
        .Zip(test, (found, question) => found == question.Intent ? 1.0 : 0).Average();

// Words that occur once are unknown ones; the labels are the keys of the kinds that training has.
static IEstimator<ITransformer> Keys(MLContext mlContext) => mlContext.Transforms.Text.BuildVocabulary("Tokens", "Words", minimumCount: 2)
    .Append(mlContext.Transforms.Text.ExtractWordFeature("Suffixes", "Words", WordFeature.Suffix, length: 3))
    .Append(mlContext.Transforms.Text.BuildVocabulary("SuffixTokens", "Suffixes", minimumCount: 2))
    .Append(mlContext.Transforms.Conversion.MapValueToKey("KindKeys", "Kinds")).Append(mlContext.Transforms.Conversion.MapValueToKey("IntentKey", "Intent"));

// Without a network: linear functions of counts of words and pairs of words, one for each kind of slot.
(MultiLabelMetrics Slots, double Intents) Baseline()
{
    var mlContext = new MLContext(1);
    var features = Keys(mlContext).Append(mlContext.Transforms.Text.ProduceNgrams("Features", "Tokens", ngramLength: 2)).Fit(mlContext.Data.LoadFromEnumerable(train));
    IDataView known = features.Transform(mlContext.Data.LoadFromEnumerable(train)), unknown = features.Transform(mlContext.Data.LoadFromEnumerable(test));
    string[] kinds = [.. train.SelectMany(question => question.Kinds).Distinct()];
    var rows = test.Select(question => new Guess { Kinds = question.Kinds, PredictedLabel = new bool[kinds.Length], Probability = new float[kinds.Length] }).ToArray();
    for (var kind = 0; kind < kinds.Length; kind++)
    {
        var name = kinds[kind];
        var labeled = mlContext.Transforms.CustomMapping<Question, HasKind>((question, has) => has.Has = question.Kinds.Contains(name), null).Fit(known).Transform(known);
        var scored = mlContext.BinaryClassification.Trainers.LbfgsLogisticRegression("Has").Fit(labeled).Transform(unknown);
        var row = 0;
        foreach (var probability in scored.GetColumn<float>("Probability"))
            (rows[row].Probability[kind], rows[row++].PredictedLabel[kind]) = (probability, probability > 0.5f);
    }
    // The labels in the order of the columns of the guesses.
    var guesses = mlContext.Data.LoadFromEnumerable(rows, Named(kinds));
    var guessed = mlContext.Transforms.Conversion.MapValueToKey("KindKeys", "Kinds", keyData: mlContext.Data.LoadFromEnumerable(kinds.Select(kind => new Kind { Value = kind }))).Fit(guesses).Transform(guesses);
    var intents = mlContext.MulticlassClassification.Trainers.LbfgsMaximumEntropy("IntentKey").Fit(known).Transform(unknown);
    return (mlContext.BinaryClassification.EvaluateMultiLabel(guessed, "KindKeys"), Accuracy(mlContext, intents));
}

static SchemaDefinition Named(string[] kinds)
{
    var schema = SchemaDefinition.Create(typeof(Guess));
    schema[nameof(Guess.PredictedLabel)].ColumnType = new VectorDataViewType(BooleanDataViewType.Instance, kinds.Length);
    schema[nameof(Guess.Probability)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, kinds.Length);
    return schema;
}

// One line per question: words, slots of the words, intent.
Question[] Load(string file) => [.. File.ReadLines(Path.Combine(folder, file)).Select(line =>
{
    var parts = line.Split('\t');
    var words = parts[0].Split(' ');
    return new Question
    {
        Words = words,
        Kinds = [.. parts[1].Split(' ').Where(slot => slot != "O").Select(slot => slot[2..]).Distinct()],
        Intent = parts[2],
    };
})];

static string Range(IEnumerable<double> figures) => Invariant($"{figures.Average():F4} [{figures.Min():F4}..{figures.Max():F4}]");

static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

string? Argument(string name) => Array.IndexOf(args, name) is >= 0 and var i && i + 1 < args.Length ? args[i + 1] : null;

internal sealed class Question
{
    public string[] Words { get; set; } = [];
    public string[] Kinds { get; set; } = [];
    public string Intent { get; set; } = "";
}

internal sealed class HasKind
{
    public bool Has { get; set; }
}

internal sealed class Kind
{
    public string Value { get; set; } = "";
}

internal sealed class Guess
{
    public string[] Kinds { get; set; } = [];
    public bool[] PredictedLabel { get; set; } = [];
    public float[] Probability { get; set; } = [];
}
