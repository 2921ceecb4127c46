#:project ../../src/Microsoft.ML.Recurrent/Microsoft.ML.Recurrent.csproj
#:package Microsoft.ML.OnnxRuntime
#:property PublishAot=false

// Classifies three sets of series: speakers by two vowels (Kudo et al. 1999), activities by a smart watch (BasicMotions) and heartbeats (ECG200).
// Baseline: maximum entropy on mean and spread of each dimension, or on all steps of a series of one dimension.
// Run it by: dotnet run --file docs/samples/series_classification.cs -- [--data FOLDER] [--set japanese_vowels|basic_motions|ecg200] [--seeds 5]

using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Recurrent;

var folder = Argument("--data") ?? Path.Combine("..", "shared", "data");
var seeds = int.Parse(Argument("--seeds") ?? "5", CultureInfo.InvariantCulture);
string[] sets = Argument("--set") is { } only ? [only] : ["japanese_vowels", "basic_motions", "ecg200"];
Console.WriteLine($"{"set",-18}{"accuracy (range)",-28}baseline");
foreach (var set in sets)
{
    var clock = Stopwatch.StartNew();
    var accuracies = new List<double>();
    double baseline = 0;
    for (var seed = 1; seed <= seeds; seed++)
    {
        var mlContext = new MLContext(seed);
        IDataView train = Read(mlContext, set, "train"), test = Read(mlContext, set, "test");
        var model = mlContext.Transforms.Conversion.MapValueToKey("Label").Append(mlContext.MulticlassClassification.Trainers.Lstm()).Fit(train);
        accuracies.Add(mlContext.MulticlassClassification.Evaluate(model.Transform(test)).MicroAccuracy);
        if (seed == 1) baseline = Baseline(mlContext, train, test);
    }
    Console.WriteLine(Invariant($"{set,-18}{$"{accuracies.Average():F4} [{accuracies.Min():F4}..{accuracies.Max():F4}]",-28}{baseline:F4}"));
    Console.WriteLine(JsonSerializer.Serialize(new { sample = "series_classification", set, metric = $"test accuracy, mean of {seeds} seeds", value = Math.Round(accuracies.Average(), 4), baseline = Math.Round(baseline, 4), seconds = Math.Round(clock.Elapsed.TotalSeconds, 1) }));
}

// Two sets come as the archive's own files, in which lengths may vary; the third as a table.
IDataView Read(MLContext mlContext, string set, string part)
{
    if (set != "ecg200")
    {
        var name = set == "japanese_vowels" ? "JapaneseVowels" : "BasicMotions";
        return mlContext.Data.LoadFromTsFile(Path.Combine(folder, "ts_format", $"{name}_{part.ToUpperInvariant()}.ts"));
    }
    return mlContext.Data.LoadFromTextFile(Path.Combine(folder, set, part + ".csv"),
        [new("Label", DataKind.String, 0), new("Features", DataKind.Single, 1, 96)], separatorChar: ',', hasHeader: true);
}

// ML.NET without recurrence: one vector of fixed size per series.
static double Baseline(MLContext mlContext, IDataView train, IDataView test)
{
    var width = ((VectorDataViewType)train.Schema["Features"].Type).Dimensions is [_, var dimensions] ? dimensions : 1;
    IDataView Summary(IDataView data) => mlContext.Data.LoadFromEnumerable(data.GetColumn<float[]>("Features").Zip(data.GetColumn<string>("Label"),
        (values, label) => new Summary { Figures = width == 1 ? values : Figures(values, width), Label = label }).ToArray(), Schema(width == 1 ? 96 : 2 * width));
    var model = mlContext.Transforms.NormalizeMeanVariance("Figures").Append(mlContext.Transforms.Conversion.MapValueToKey("Label"))
        .Append(mlContext.MulticlassClassification.Trainers.LbfgsMaximumEntropy("Label", "Figures")).Fit(Summary(train));
    return mlContext.MulticlassClassification.Evaluate(model.Transform(Summary(test))).MicroAccuracy;
}

static SchemaDefinition Schema(int size)
{
    var schema = SchemaDefinition.Create(typeof(Summary));
    schema[nameof(Summary.Figures)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, size);
    return schema;
}

static float[] Figures(float[] values, int width)
{
    var steps = values.Chunk(width).ToArray();
    var figures = new float[2 * width];
    for (var c = 0; c < width; c++)
    {
        figures[c] = steps.Average(step => step[c]);
        figures[width + c] = MathF.Sqrt(steps.Average(step => (step[c] - figures[c]) * (step[c] - figures[c])));
    }
    return figures;
}

string? Argument(string name) => Array.IndexOf(args, name) is >= 0 and var i && i + 1 < args.Length ? args[i + 1] : null;

static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

internal sealed class Summary
{
    public float[] Figures { get; set; } = [];

    public string Label { get; set; } = "";
}
