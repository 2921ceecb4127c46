#:project ../../src/Microsoft.ML.Recurrent/Microsoft.ML.Recurrent.csproj
#:package Microsoft.ML.OnnxRuntime
#:property PublishAot=false

// Classifies nine speakers by their pronunciation of two Japanese vowels: series of 7 to 29 steps of twelve numbers (Kudo et al. 1999).
// Run it by: dotnet run --file docs/samples/japanese_vowels.cs -- [--data FOLDER]

using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Recurrent;

var folder = Path.Combine(DataFolder(args), "japanese_vowels");
var accuracies = new List<double>();
var clock = Stopwatch.StartNew();
double logisticRegression = 0;
foreach (var seed in new[] { 1, 2, 3 })
{
    var mlContext = new MLContext(seed);
    var train = Load(mlContext, "train.csv");
    var pipeline = mlContext.Transforms.Conversion.MapValueToKey("Label", nameof(Step.Speaker))
        .Append(mlContext.MulticlassClassification.Trainers.Lstm("Label", "Features"));
    var model = pipeline.Fit(train);

    // The test rows are read only now.
    var test = Load(mlContext, "test.csv");
    accuracies.Add(mlContext.MulticlassClassification.Evaluate(model.Transform(test)).MicroAccuracy);
    var history = model.LastTransformer.Model.History;
    Console.WriteLine(Invariant($"seed {seed}: test accuracy {accuracies[^1]:F4}, {history.Epochs.Length} epochs, best {history.BestEpoch}"));
    if (seed == 1) logisticRegression = Baseline(mlContext, train, test);
}

Console.WriteLine(Invariant($"LSTM {accuracies.Average():F4} [{accuracies.Min():F4}..{accuracies.Max():F4}], maximum entropy on each series' mean and spread {logisticRegression:F4}"));
Console.WriteLine(JsonSerializer.Serialize(new { sample = "japanese_vowels", metric = "test accuracy, mean of 3 seeds", value = Math.Round(accuracies.Average(), 4), baseline = Math.Round(logisticRegression, 4), seconds = Math.Round(clock.Elapsed.TotalSeconds, 1) }));

// Combines one row per step into one row per series, Vector<Single, *, 12>.
IDataView Load(MLContext mlContext, string file)
{
    var steps = mlContext.Data.LoadFromTextFile<Step>(Path.Combine(folder, file), separatorChar: ',', hasHeader: true);
    return mlContext.Data.GroupIntoSequences(steps, "Features", [nameof(Step.Coefficients)], nameof(Step.Series), nameof(Step.Time));
}

// ML.NET without recurrence: statistics of each series as one vector of fixed size.
static double Baseline(MLContext mlContext, IDataView train, IDataView test)
{
    var pipeline = mlContext.Transforms.CustomMapping<Sequence, Summary>((series, summary) => summary.Figures = Figures(series.Features), null)
        .Append(mlContext.Transforms.NormalizeMeanVariance("Figures"))
        .Append(mlContext.Transforms.Conversion.MapValueToKey("Label", nameof(Step.Speaker)))
        .Append(mlContext.MulticlassClassification.Trainers.LbfgsMaximumEntropy("Label", "Figures"));
    return mlContext.MulticlassClassification.Evaluate(pipeline.Fit(train).Transform(test)).MicroAccuracy;
}

static float[] Figures(float[] features)
{
    var steps = features.Chunk(12).ToArray();
    var figures = new float[24];
    for (var c = 0; c < 12; c++)
    {
        figures[c] = steps.Average(step => step[c]);
        figures[12 + c] = MathF.Sqrt(steps.Average(step => (step[c] - figures[c]) * (step[c] - figures[c])));
    }
    return figures;
}

static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

static string DataFolder(string[] args) => Array.IndexOf(args, "--data") is >= 0 and var i && i + 1 < args.Length ? args[i + 1] : Path.Combine("..", "shared", "data");

internal sealed class Step
{
    [LoadColumn(0)] public int Series { get; set; }
    [LoadColumn(1)] public string Speaker { get; set; } = "";
    [LoadColumn(2)] public float Time { get; set; }
    [LoadColumn(3, 14), VectorType(12)] public float[] Coefficients { get; set; } = [];
}

internal sealed class Sequence
{
    [VectorType(0, 12)] public float[] Features { get; set; } = [];
}

internal sealed class Summary
{
    [VectorType(24)] public float[] Figures { get; set; } = [];
}
