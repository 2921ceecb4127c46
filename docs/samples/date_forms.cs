#:project ../../src/Microsoft.ML.Recurrent/Microsoft.ML.Recurrent.csproj
#:package Microsoft.ML.OnnxRuntime
#:property PublishAot=false

// Dates written in many ways, to the form of ISO 8601: "the 3rd of March, 2021", "Wed, 03 Mar 2021", "3.3.21" and "MARCH 3 '21" become 2021-03-03. An encoder and a decoder
// of characters learn it from pairs that are drawn here; no file is needed. Days of the test are in no training pair. Where a form alone is not clear, one rule
// holds: between slashes, dots and dashes the day comes before the month, and a year of two digits is one of 1970 to 2069.
// Run it by: dotnet run --file docs/samples/date_forms.cs -- [--pairs 20000] [--epochs 12] [--seed 1] [--threads N] [DATE ...]

using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Recurrent;

const int FirstYear = 1900, LastYear = 2099, TestPairs = 2000;

// th is the ending of an ordinal.
string[] forms =
[
    "d MMMM yyyy", "dd MMMM yyyy", "d. MMMM yyyy", "MMMM d, yyyy", "MMMM d yyyy", "MMMM dd, yyyy", "d MMM yyyy", "dd MMM yyyy", "MMM d, yyyy", "MMM dd yyyy", "d-MMM-yyyy",
    "dd-MMM-yyyy", "dd/MM/yyyy", "d/M/yyyy", "dd.MM.yyyy", "d.M.yyyy", "dd-MM-yyyy", "yyyy-MM-dd", "yyyy/MM/dd", "yyyy.MM.dd", "yyyyMMdd", "yyyy MMMM d", "yyyy, d MMMM",
    "dddd, d MMMM yyyy", "dddd, MMMM d, yyyy", "ddd, dd MMM yyyy", "ddd d MMM yyyy", "dddd d'th' MMMM yyyy", "d'th' MMMM yyyy", "MMMM d'th', yyyy", "MMM d'th' yyyy",
    "'the' d'th' 'of' MMMM yyyy", "'the' d'th' 'of' MMMM, yyyy", "d'th' 'of' MMM yyyy", "MMMM 'the' d'th', yyyy", "d MMM ''yy", "MMM d ''yy", "MMMM d'th' ''yy", "dd/MM/yy", "d.M.yy",
    "d-M-yy",
];

var seed = Number("--seed") ?? 1;
var random = new Random(seed);
var days = Enumerable.Range(0, (new DateTime(LastYear + 1, 1, 1) - new DateTime(FirstYear, 1, 1)).Days).Select(day => new DateTime(FirstYear, 1, 1).AddDays(day)).ToArray();
random.Shuffle(days);
DateTime[] unseen = days[..TestPairs], seen = days[TestPairs..];
var mlContext = new MLContext(seed);
var train = Draw(seen, Number("--pairs") ?? 20_000);
var test = Draw(unseen, TestPairs);

var text = mlContext.Transforms.Text;
var clock = Stopwatch.StartNew();
var model = text.TokenizeForRecurrent("SourceTokens", nameof(Pair.Written), TextTokenizer.Characters).Append(text.BuildVocabulary("Source", "SourceTokens"))
    .Append(text.TokenizeForRecurrent("TargetTokens", nameof(Pair.Iso), TextTokenizer.Characters)).Append(text.BuildVocabulary("Target", "TargetTokens"))
    .Append(text.TranslateByRecurrentNetwork(new()
    {
        Network = { HiddenSize = 64, Regularization = { DropoutRate = 0.1f } },
        Decoder = { SourceEmbeddingSize = 32, TargetEmbeddingSize = 32, LabelSmoothing = 0 },
        Optimizer = { LearningRate = 3e-3f },
        Output = { Joining = TokenJoining.None },
        Stopping = { MaximumNumberOfEpochs = Number("--epochs") ?? 12 },
        Seed = seed,
        NumberOfThreads = Number("--threads"),
        Logging = { Progress = new Printer() },
    })).Fit(train);
var seconds = clock.Elapsed.TotalSeconds;

var answers = mlContext.Data.CreateEnumerable<Answer>(model.Transform(test), reuseRowObject: false).ToArray();
foreach (var answer in answers.Take(8)) Console.WriteLine($"{answer.Written} -> {answer.Translation}");
foreach (var wrong in answers.Where(answer => answer.Translation != answer.Iso).Take(5)) Console.WriteLine($"wrong: {wrong.Written} -> {wrong.Translation} ({wrong.Iso})");
var metrics = text.EvaluateTranslations(model.Transform(test), nameof(Pair.Iso), "Translation");
// .NET's own parser reads some of the forms.
var parsed = answers.Count(answer => DateTime.TryParse(answer.Written, CultureInfo.GetCultureInfo("en-GB"), DateTimeStyles.None, out var day) && Iso(day) == answer.Iso);
Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
    $"exact {metrics.ExactMatch:P2} of {metrics.Texts} dates on days that training has not seen; DateTime.TryParse {(double)parsed / answers.Length:P1}"));

string[] given = [.. args.Where((argument, i) => !argument.StartsWith('-') && (i == 0 || !args[i - 1].StartsWith('-')))];
if (given.Length > 0)
{
    using var engine = mlContext.Model.CreatePredictionEngine<Pair, Answer>(model);
    foreach (var written in given) Console.WriteLine($"{written} -> {engine.Predict(new() { Written = written }).Translation}");
}
Console.WriteLine(JsonSerializer.Serialize(new
{
    sample = "date_forms", metric = "exact match", value = Math.Round(metrics.ExactMatch, 4), baseline = Math.Round((double)parsed / answers.Length, 4), seconds = Math.Round(seconds, 1),
}));

IDataView Draw(DateTime[] from, int count) => mlContext.Data.LoadFromEnumerable(Enumerable.Range(0, count).Select(i => Write(from[i < from.Length ? i : random.Next(from.Length)])).ToArray());

Pair Write(DateTime day)
{
    var form = forms[random.Next(forms.Length)];
    // Years of two digits are those of the rule.
    while (form.Contains("yy", StringComparison.Ordinal) && !form.Contains("yyyy", StringComparison.Ordinal) && day.Year is < 1970 or > 2069) form = forms[random.Next(forms.Length)];
    var ending = day.Day is 11 or 12 or 13 ? "th" : (day.Day % 10) switch { 1 => "st", 2 => "nd", 3 => "rd", _ => "th" };
    var written = day.ToString(form.Replace("'th'", $"'{ending}'", StringComparison.Ordinal), CultureInfo.InvariantCulture);
    return new()
    {
        Written = random.Next(4) switch { 0 => written.ToUpperInvariant(), 1 => written.ToLowerInvariant(), _ => written },
        Iso = Iso(day),
    };
}

static string Iso(DateTime day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

string? Argument(string name) => Array.IndexOf(args, name) is >= 0 and var i && i + 1 < args.Length ? args[i + 1] : null;

int? Number(string name) => Argument(name) is { } value ? int.Parse(value, CultureInfo.InvariantCulture) : null;

internal class Pair
{
    public string Written { get; set; } = "";

    public string Iso { get; set; } = "";
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
                $"epoch {progress.Epoch,2}: train {progress.Loss:F4}, valid {progress.ValidationLoss:F5}, {progress.Elapsed.TotalSeconds:F1} s"));
        }
    }
}
