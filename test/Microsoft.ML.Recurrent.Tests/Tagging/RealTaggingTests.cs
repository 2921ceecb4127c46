using System.Diagnostics;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Text;

namespace Microsoft.ML.Recurrent.Tests.Tagging;

/// <summary>
/// Real sentences, a few epochs each, judged on the development parts: ATIS with slots and intents, WNUT 2017 with a random field and characters.
/// </summary>
[TestClass]
public sealed class RealTaggingTests
{
    private readonly MLContext _context = new(1);

    [TestMethod]
    public void Slots_and_intents_of_flights_are_learned_together()
    {
        var (train, dev) = (Questions("train.tsv"), Questions("dev.tsv"));
        var pipeline = _context.Transforms.Conversion.MapValueToKey("Tokens", "Words").Append(_context.Transforms.Conversion.MapValueToKey("Label", "Tags"))
            .Append(_context.Transforms.Conversion.MapValueToKey("IntentKey", "Intent"))
            .Append(_context.MulticlassClassification.Trainers.SequenceTagging(new RecurrentTaggingTrainer.Options
            {
                FeatureColumnName = "Tokens",
                Tags = { SequenceLabelColumnName = "IntentKey" },
                Stopping = { MaximumNumberOfEpochs = 12 },
            }));
        var clock = Stopwatch.StartNew();
        var model = pipeline.Fit(train);
        Console.WriteLine($"ATIS, 12 epochs: {clock.Elapsed.TotalSeconds:F1} s");
        var scored = model.Transform(dev);
        var metrics = _context.MulticlassClassification.EvaluateSequences(scored);
        var intents = _context.MulticlassClassification.Evaluate(scored, "IntentKey", "SequenceScore", predictedLabelColumnName: "PredictedSequenceLabel");
        Console.WriteLine($"{metrics.ToString().Split('\n')[1]}; intents {intents.MicroAccuracy:F4}");
        NumberAssert.IsGreaterThan(0.9, metrics.Entities!.F1Score);
        NumberAssert.IsGreaterThan(0.93, intents.MicroAccuracy);
        Tell(model, train);
    }

    [TestMethod]
    public void Names_in_messages_are_found_by_their_spelling()
    {
        var (train, dev) = (Messages("train.bio"), Messages("dev.bio"));
        var pipeline = _context.Transforms.Text.NormalizeText("Lower", "Words", TextNormalizingEstimator.CaseMode.Lower, true, true, true)
            .Append(_context.Transforms.Conversion.MapValueToKey("Tokens", "Lower")).Append(_context.Transforms.Conversion.MapValueToKey("Label", "Tags"))
            .Append(_context.MulticlassClassification.Trainers.SequenceTagging("Label", "Tokens", textColumnName: "Words", useConditionalRandomField: true,
                maximumNumberOfEpochs: 10));
        var clock = Stopwatch.StartNew();
        var model = pipeline.Fit(train);
        Console.WriteLine($"WNUT 2017, 10 epochs: {clock.Elapsed.TotalSeconds:F1} s");
        var metrics = _context.MulticlassClassification.EvaluateSequences(model.Transform(dev));
        Console.WriteLine(metrics);
        NumberAssert.IsGreaterThan(0.13, metrics.Entities!.F1Score);
        Tell(model, train);
    }

    // Tokens a second at batches of 64, by the cursor; the rows' keys are computed before.
    private void Tell(TransformerChain<RecurrentTaggingTransformer> model, IDataView data)
    {
        var keys = data;
        foreach (var step in model.Take(model.Count() - 1)) keys = step.Transform(keys);
        keys = _context.Data.Cache(keys, "Tokens", "Words");
        model.LastTransformer.Scoring = model.LastTransformer.Scoring with { BatchSize = 64 };
        for (var pass = 0; pass < 3; pass++)
        {
            var clock = Stopwatch.StartNew();
            var tokens = model.LastTransformer.Transform(keys).GetColumn<uint[]>("PredictedLabel").Sum(row => (long)row.Length);
            Console.WriteLine($"{tokens / clock.Elapsed.TotalSeconds:N0} tokens/s");
        }
    }

    private IDataView Messages(string file) => _context.Data.LoadFromConllFile(SharedFolder.Find("data", "wnut17_ner", file));

    private IDataView Questions(string file) => _context.Data.LoadFromEnumerable(File.ReadLines(SharedFolder.Find("data", "atis", file))
        .Select(line => line.Split('\t')).Select(parts => new TaggedRows.Row { Words = parts[0].Split(' '), Tags = parts[1].Split(' '), Intent = parts[2] })
        .ToArray());
}
