#:project ../../src/Microsoft.ML.Recurrent/Microsoft.ML.Recurrent.csproj
#:package Microsoft.ML.OnnxRuntime
#:property PublishAot=false

// A regularized word model on the Penn Treebank: two LSTM layers of 400 with dropout between them as in Zaremba et al. 2014 ("Recurrent neural network regularization"),
// the embedding tied to the output layer (Press and Wolf 2017; Inan et al. 2017), batch 20, 35 steps, gradient descent whose rate falls from the seventh epoch on, gradients
// clipped to 5, the loss summed over the steps, states carried, and a moving average of the weights.
// Run it by: dotnet run --file docs/samples/ptb_regularized.cs -- [--data FOLDER] [--epochs 12] [--dropout 0.4] [--seed 1] [--threads N] [--checkpoints FOLDER]

using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Recurrent;

const int Streams = 20, Steps = 35;

var folder = Path.Combine(Argument("--data") ?? Path.Combine("..", "shared", "data"), "ptb");
var seed = Number("--seed") ?? 1;
var dropout = Argument("--dropout") is { } given ? float.Parse(given, CultureInfo.InvariantCulture) : 0.4f;
var mlContext = new MLContext(seed);

// The vocabulary is that of the training part; the text itself writes all other words as <unk>.
var train = Read("ptb.train.txt");
var mapping = mlContext.Transforms.Conversion.MapValueToKey(nameof(Sentence.Tokens)).Fit(train);
var clock = Stopwatch.StartNew();
var model = mlContext.Transforms.Text.LanguageModelByRecurrentNetwork(new()
{
    InputColumnName = nameof(Sentence.Tokens),
    Network =
    {
        HiddenSize = 400, NumberOfLayers = 2,
        Initialization = { Input = WeightInitializer.Uniform(0.05f), Recurrent = WeightInitializer.Uniform(0.05f), Embedding = WeightInitializer.Uniform(0.05f) },
        Regularization = { DropoutRate = dropout },
    },
    Optimizer =
    {
        BatchSize = Streams, Kind = OptimizerKind.Sgd, LearningRate = 1, LearningRateSchedule = LearningRateSchedule.Exponential(0.6f, constantEpochs: 6),
        EmaDecay = 0.999f, Gradients = { ClipNorm = 5 },
    },
    Vocabulary = { TieWeights = true },
    Batches = { StepsPerBatch = Steps, SumLossOverSteps = true },
    Stopping = { MaximumNumberOfEpochs = Number("--epochs") ?? 12 },
    // A run that was stopped goes on.
    Checkpoints = { Folder = Argument("--checkpoints"), Resume = Argument("--checkpoints") is not null },
    Seed = seed,
    NumberOfThreads = Number("--threads"),
    Logging = { Progress = new Printer() },
}).Fit(mapping.Transform(train), mapping.Transform(Read("ptb.valid.txt")));

var seconds = clock.Elapsed.TotalSeconds;
using (var generator = mapping.Append(model).CreateTextGenerator())
    Console.WriteLine($"it writes: {string.Join(' ', generator.Generate([], new() { TopP = 0.9f, Seed = seed, MaximumTokens = 40, ExcludedTokens = ["<unk>"] }))}");

// The test part is read only now.
var test = model.Evaluate(mapping.Transform(Read("ptb.test.txt")));
Console.WriteLine(Invariant($"test perplexity {test.Perplexity:F2} over {test.Tokens} words (single words by frequency: 640; without regularization, two layers of 200: 114.5)"));
Console.WriteLine(JsonSerializer.Serialize(new { sample = "ptb_regularized", metric = "test perplexity", value = Math.Round(test.Perplexity, 2), baseline = 114.5, seconds = Math.Round(seconds, 1) }));

// Each line is a sentence; the model puts <eos> after it.
IDataView Read(string file) => mlContext.Data.LoadFromEnumerable(File.ReadLines(Path.Combine(folder, file)).Select(line => new Sentence { Tokens = line.Split(' ', StringSplitOptions.RemoveEmptyEntries) }).ToArray());

string? Argument(string name) => Array.IndexOf(args, name) is >= 0 and var i && i + 1 < args.Length ? args[i + 1] : null;

int? Number(string name) => Argument(name) is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : null;

static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

internal sealed class Sentence
{
    public string[] Tokens { get; set; } = [];
}

internal sealed class Printer : IProgress<TrainingProgress>
{
    // A sequence is one stream's piece of a batch.
    public void Report(TrainingProgress progress)
    {
        if (progress.EpochEnded)
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"epoch {progress.Epoch,2}: train {Math.Exp(progress.Loss):F2}, valid {progress.ValidationPerplexity:F2}, {progress.SequencesPerSecond * 35:F0} words/s, {progress.Elapsed.TotalSeconds:F0} s"));
    }
}
