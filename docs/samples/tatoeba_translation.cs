#:project ../../src/Microsoft.ML.Recurrent/Microsoft.ML.Recurrent.csproj
#:package Microsoft.ML.OnnxRuntime
#:property PublishAot=false

// English to French on short sentences of Tatoeba: a bidirectional LSTM of 2 x 128 reads, an LSTM of 256 with attention writes; embeddings of 256, dropout .3, labels
// smoothed by .1, Adam at 1e-3, batches of 64, words that come twice. Lower case; runs of letters and digits, and single symbols, are tokens: "l'eau" is three of them. BLEU is counted over these tokens.
// Run it by: dotnet run --file docs/samples/tatoeba_translation.cs -- [--data FOLDER] [--epochs 8] [--seed 1] [--threads N]

using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Recurrent;

var folder = Path.Combine(Argument("--data") ?? Path.Combine("..", "shared", "data"), "tatoeba_en_fr");
var seed = Number("--seed") ?? 1;
var mlContext = new MLContext(seed);
var tokens = new TranslationEvaluationOptions { Tokenization = BleuTokenization.None };

var train = Read("train.tsv");
var text = mlContext.Transforms.Text;
var preparation = text.TokenizeForRecurrent("SourceTokens", nameof(Pair.English), TextTokenizer.Blanks)
    .Append(text.BuildVocabulary("Source", "SourceTokens", minimumCount: 2))
    .Append(text.TokenizeForRecurrent("TargetTokens", nameof(Pair.French), TextTokenizer.Blanks))
    .Append(text.BuildVocabulary("Target", "TargetTokens", minimumCount: 2)).Fit(train);

var clock = Stopwatch.StartNew();
var model = text.TranslateByRecurrentNetwork(new()
{
    Output = { TokensColumnName = "TranslationTokens" },
    Optimizer = { BatchSize = 64 },
    Stopping = { MaximumNumberOfEpochs = Number("--epochs") ?? 8 },
    Seed = seed,
    NumberOfThreads = Number("--threads"),
    Logging = { Progress = new Printer() },
}).Fit(preparation.Transform(train), preparation.Transform(Read("valid.tsv")));
var seconds = clock.Elapsed.TotalSeconds;

// The test part is read only now.
var test = mlContext.Data.Cache(preparation.Transform(Read("test.tsv")));
model.Search = new() { BeamSize = 1 };
var (greedy, _) = Evaluate("greedy");
model.Search = new();
var (beam, speed) = Evaluate("a beam of 5");
foreach (var row in mlContext.Data.CreateEnumerable<Answer>(mlContext.Data.TakeRows(model.Transform(test), 5), reuseRowObject: false))
    Console.WriteLine($"{row.English} -> {row.Translation} ({row.French})");
Console.WriteLine(JsonSerializer.Serialize(new
{
    sample = "tatoeba_translation", metric = "BLEU", value = Math.Round(beam, 2), greedy = Math.Round(greedy, 2), baseline = 17.5,
    sentencesPerSecond = Math.Round(speed), seconds = Math.Round(seconds, 1),
}));

(double Bleu, double Speed) Evaluate(string search)
{
    // The first pass opens the sessions.
    text.EvaluateTranslations(model.Transform(mlContext.Data.TakeRows(test, 64)), "TargetTokens", "TranslationTokens", tokens);
    var time = Stopwatch.StartNew();
    var metrics = text.EvaluateTranslations(model.Transform(test), "TargetTokens", "TranslationTokens", tokens);
    var perSecond = metrics.Texts / time.Elapsed.TotalSeconds;
    Console.WriteLine(Invariant($"{search}: BLEU {metrics.Bleu:F2}, chrF {metrics.Chrf:F2}, exact {metrics.ExactMatch:P1}, {perSecond:F0} sentences/s"));
    return (metrics.Bleu, perSecond);
}

IDataView Read(string file) => mlContext.Data.LoadFromEnumerable(File.ReadLines(Path.Combine(folder, file)).Select(line => line.Split('\t'))
    .Select(sides => new Pair { English = Tokens(sides[0]), French = Tokens(sides[1]) }).ToArray());

string Tokens(string sentence) => string.Join(' ', Regex.Matches(sentence.ToLowerInvariant(), @"\w+|[^\w\s]").Select(match => match.Value));

string? Argument(string name) => Array.IndexOf(args, name) is >= 0 and var i && i + 1 < args.Length ? args[i + 1] : null;

int? Number(string name) => Argument(name) is { } given ? int.Parse(given, CultureInfo.InvariantCulture) : null;

static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

internal class Pair
{
    public string English { get; set; } = "";

    public string French { get; set; } = "";
}

internal sealed class Answer : Pair
{
    public string Translation { get; set; } = "";
}

internal sealed class Printer : IProgress<TrainingProgress>
{
    public void Report(TrainingProgress progress)
    {
        if (progress.EpochEnded)
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"epoch {progress.Epoch,2}: train {progress.Loss:F3}, valid {progress.ValidationLoss:F4}, {progress.Elapsed.TotalSeconds:F1} s"));
        }
    }
}
