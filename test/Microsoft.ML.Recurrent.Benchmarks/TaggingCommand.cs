using System.Diagnostics;
using System.Globalization;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Text;

namespace Microsoft.ML.Recurrent.Benchmarks;

/// <summary>
/// <c>-- tagging</c>: tokens a second that taggers of ATIS (127 slots) and WNUT 2017 (13 tags) score through the cursor, in batches of 64, with a soft-max and
/// with a conditional random field; and, on request, the seconds that training on ATIS takes with the defaults.
/// </summary>
internal static class TaggingCommand
{
    private const int Batch = 64;

    // Words as keys, the same rows again and again, so that a pass takes a good part of a second.
    private const int Tokens = 200_000;

    public static int Run(int threads, bool trains)
    {
        Console.WriteLine($"Tokens a second in batches of {Batch}, best and median of 9 passes, {threads} {(threads == 1 ? "thread" : "threads")}");
        Console.WriteLine("| set | tags | soft-max | conditional random field | slower |");
        Console.WriteLine("| --- | ---: | ---: | ---: | ---: |");
        foreach (var set in new[] { "atis", "wnut17_ner" })
        {
            var mlContext = new MLContext(seed: 1);
            var data = Read(mlContext, set);
            var keys = mlContext.Transforms.Text.NormalizeText("Words", null, TextNormalizingEstimator.CaseMode.Lower, true, true, true)
                .Append(mlContext.Transforms.Conversion.MapValueToKey("Tokens", "Words")).Append(mlContext.Transforms.Conversion.MapValueToKey("Label", "Tags"))
                .Fit(data).Transform(data);
            var (plain, field) = (Rate(mlContext, keys, threads, false), Rate(mlContext, keys, threads, true));
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {set} | {plain.Tags} | {plain.Best:N0} (median {plain.Median:N0}) | " +
                $"{field.Best:N0} (median {field.Median:N0}) | {100 * (1 - field.Best / plain.Best):N0}% |"));
        }
        if (trains) Train(threads);
        return 0;
    }

    private static (int Tags, double Best, double Median) Rate(MLContext mlContext, IDataView data, int threads, bool field)
    {
        var trainer = mlContext.MulticlassClassification.Trainers.SequenceTagging(new RecurrentTaggingTrainer.Options
        {
            FeatureColumnName = "Tokens",
            Tags = { UseConditionalRandomField = field },
            Stopping = { MaximumNumberOfEpochs = 1 },
        });
        var model = trainer.Fit(data);
        model.Scoring = model.Scoring with { BatchSize = Batch, NumberOfThreads = threads };
        // Rows with keys alone: the speed of the tagger, not of the mapping.
        List<Row> rows = [];
        var steps = 0L;
        while (steps < Tokens)
        {
            foreach (var tokens in data.GetColumn<uint[]>("Tokens"))
            {
                rows.Add(new() { Tokens = tokens });
                if ((steps += tokens.Length) >= Tokens) break;
            }
        }
        var schema = SchemaDefinition.Create(typeof(Row));
        schema["Tokens"].ColumnType = new VectorDataViewType((KeyDataViewType)((VectorDataViewType)data.Schema["Tokens"].Type).ItemType);
        var view = mlContext.Data.LoadFromEnumerable(rows, schema);
        var time = Measurement.Of(() => Score(model, view), warm: 1, each: 0);
        var tags = ((VectorDataViewType)model.GetOutputSchema(view.Schema)["Score"].Type).Dimensions[^1];
        return (tags, 1e3 * steps / time.BestMilliseconds, 1e3 * steps / time.MedianMilliseconds);
    }

    private static void Score(RecurrentTaggingTransformer model, IDataView view)
    {
        var answers = model.Transform(view);
        using var cursor = answers.GetRowCursor(answers.Schema.Where(column => column.Name == "PredictedLabel"));
        var getter = cursor.GetGetter<VBuffer<uint>>(answers.Schema["PredictedLabel"]);
        VBuffer<uint> tags = default;
        while (cursor.MoveNext()) getter(ref tags);
    }

    private static void Train(int threads)
    {
        var mlContext = new MLContext(seed: 1);
        var data = Read(mlContext, "atis");
        var pipeline = mlContext.Transforms.Conversion.MapValueToKey("Tokens", "Words").Append(mlContext.Transforms.Conversion.MapValueToKey("Label", "Tags"))
            .Append(mlContext.Transforms.Conversion.MapValueToKey("IntentKey", "Intent"))
            .Append(mlContext.MulticlassClassification.Trainers.SequenceTagging(new RecurrentTaggingTrainer.Options
            {
                FeatureColumnName = "Tokens",
                Tags = { SequenceLabelColumnName = "IntentKey" },
                NumberOfThreads = threads,
            }));
        var clock = Stopwatch.StartNew();
        pipeline.Fit(data);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"ATIS, slots and intents, trained in {clock.Elapsed.TotalSeconds:F1} s"));
    }

    private static IDataView Read(MLContext mlContext, string set) => set == "atis"
        ? mlContext.Data.LoadFromEnumerable(File.ReadLines(Repository.Shared("data", set, "train.tsv")).Select(line => line.Split('\t'))
            .Select(parts => new Sentence { Words = parts[0].Split(' '), Tags = parts[1].Split(' '), Intent = parts[2] }).ToArray())
        : mlContext.Data.LoadFromConllFile(Repository.Shared("data", set, "train.bio"));

    private sealed class Row
    {
        public uint[] Tokens { get; set; } = [];
    }

    private sealed class Sentence
    {
        public string[] Words { get; set; } = [];

        public string[] Tags { get; set; } = [];

        public string Intent { get; set; } = "";
    }
}
