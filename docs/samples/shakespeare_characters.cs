#:project ../../src/Microsoft.ML.Recurrent/Microsoft.ML.Recurrent.csproj
#:package Microsoft.ML.OnnxRuntime
#:property PublishAot=false

// A character model on a million characters of Shakespeare: two LSTM layers of 256, 64 streams, 64 steps, Adam at 0.002, gradients clipped to 5. The last 5% of the text
// measure its quality.
// Run it by: dotnet run --file docs/samples/shakespeare_characters.cs -- [--data FOLDER] [--epochs 20] [--seed 1] [--threads N]

using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Recurrent;

const double FiveGrams = 2.513;

var seed = Number("--seed") ?? 1;
var mlContext = new MLContext(seed);
var text = File.ReadAllText(Path.Combine(Argument("--data") ?? Path.Combine("..", "shared", "data"), "tiny_shakespeare", "input.txt"));
var cut = (int)(text.Length * 0.95);
var train = Characters(text[..cut]);
var mapping = mlContext.Transforms.Conversion.MapValueToKey(nameof(Text.Tokens)).Fit(train);
var clock = Stopwatch.StartNew();
var model = mlContext.Transforms.Text.LanguageModelByRecurrentNetwork(new()
{
    InputColumnName = nameof(Text.Tokens),
    Vocabulary =
    {
        // One row holds the whole text.
        EndOfSentence = null, EmbeddingSize = 64,
    },
    Network = { HiddenSize = 256, NumberOfLayers = 2, Regularization = { DropoutRate = 0.2f } },
    Optimizer = { BatchSize = 64, LearningRate = 2e-3f, Gradients = { ClipNorm = 5 } },
    Batches = { StepsPerBatch = 64 },
    Stopping = { MaximumNumberOfEpochs = Number("--epochs") ?? 20 },
    Seed = seed,
    NumberOfThreads = Number("--threads"),
    Logging = { Progress = new Printer() },
}).Fit(mapping.Transform(train), mapping.Transform(Characters(text[cut..])));

var seconds = clock.Elapsed.TotalSeconds;
var held = model.Evaluate(mapping.Transform(Characters(text[cut..])));
Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{held.BitsPerToken:F3} bits a character (a model of five characters in a row: {FiveGrams})"));
Console.WriteLine(JsonSerializer.Serialize(new { sample = "shakespeare_characters", metric = "bits a character, last 5%", value = Math.Round(held.BitsPerToken, 4), baseline = FiveGrams, seconds = Math.Round(seconds, 1) }));
using (var generator = model.CreateTextGenerator())
    Console.WriteLine(string.Concat(generator.Stream("ROMEO:\n".Select(c => c.ToString()), new() { MaximumTokens = 400, Temperature = 0.8f, Seed = seed })));

IDataView Characters(string part) => mlContext.Data.LoadFromEnumerable([new Text { Tokens = [.. part.Select(c => c.ToString())] }]);

string? Argument(string name) => Array.IndexOf(args, name) is >= 0 and var i && i + 1 < args.Length ? args[i + 1] : null;

int? Number(string name) => Argument(name) is { } number ? int.Parse(number, CultureInfo.InvariantCulture) : null;

internal sealed class Text
{
    public string[] Tokens { get; set; } = [];
}

internal sealed class Printer : IProgress<TrainingProgress>
{
    public void Report(TrainingProgress progress)
    {
        if (progress.EpochEnded)
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"epoch {progress.Epoch,2}: train {progress.Loss / Math.Log(2):F3}, held out {progress.ValidationLoss / Math.Log(2):F3} bits, {progress.Elapsed.TotalSeconds:F0} s"));
    }
}
