using System.Text.Json;
using Microsoft.ML.Data;
using static Microsoft.ML.Recurrent.Tests.Tagging.TaggedRows;

namespace Microsoft.ML.Recurrent.Tests.Tagging;

/// <summary>Entities are counted as conlleval counts them; files of tagged sentences are read row by row.</summary>
[TestClass]
public sealed class EntityEvaluationTests
{
    private sealed class Pair
    {
        public string[] Truth { get; set; } = [];
        public string[] Predicted { get; set; } = [];
    }

    [TestMethod]
    public void Counts_are_those_of_conlleval()
    {
        using var file = JsonDocument.Parse(File.ReadAllText(SharedFolder.Find("parity", "metrics.json")));
        var golden = file.RootElement.GetProperty("entities");
        var metrics = Evaluate([.. Rows("truth").Zip(Rows("predicted"), (truth, predicted) => new Pair { Truth = truth, Predicted = predicted })]);
        Console.WriteLine(metrics);
        var all = metrics.Entities!;
        Assert.AreEqual(golden.GetProperty("precision").GetDouble(), all.Precision, 1e-9);
        Assert.AreEqual(golden.GetProperty("recall").GetDouble(), all.Recall, 1e-9);
        Assert.AreEqual(golden.GetProperty("f1").GetDouble(), all.F1Score, 1e-9);

        string[][] Rows(string name) => JsonSerializer.Deserialize<string[][]>(golden.GetProperty(name).GetRawText())!;
    }

    [TestMethod]
    public void Types_missing_labels_and_confusion_are_told()
    {
        var metrics = Evaluate([
            // An I after O begins an entity; a change of the type begins another.
            new() { Truth = ["O", "I-A", "I-B", "O"], Predicted = ["O", "B-A", "B-B", "O"] },
            new() { Truth = ["B-A", "B-A", "O", "B-B"], Predicted = ["B-A", "I-A", "O", "O"] },
            // A step without a label counts for nothing.
            new() { Truth = ["", "B-B"], Predicted = ["B-A", "B-B"] },
        ]);
        CollectionAssert.AreEqual(new[] { "A", "B" }, metrics.EntitiesByType.Select(type => type.Type).ToArray());
        Assert.AreEqual(new EntityMetrics("A", 3, 2, 1), metrics.EntitiesByType[0]);
        Assert.AreEqual(new EntityMetrics("B", 3, 2, 2), metrics.EntitiesByType[1]);
        Assert.AreEqual(new EntityMetrics(null, 6, 4, 3), metrics.Entities);
        Assert.AreEqual(0.6, metrics.Entities!.F1Score, 1e-12);
        Assert.AreEqual(9, metrics.Tokens);
        Assert.AreEqual(5 / 9.0, metrics.TokenAccuracy, 1e-12);
        CollectionAssert.AreEqual(new[] { "O", "A", "B" }, metrics.Classes.ToArray());
        CollectionAssert.AreEqual(new long[] { 3, 0, 0 }, metrics.ConfusionCounts[0].ToArray());
        CollectionAssert.AreEqual(new long[] { 1, 0, 2 }, metrics.ConfusionCounts[2].ToArray());
    }

    [TestMethod]
    public void Rows_of_different_length_are_named()
    {
        var error = Assert.Throws<ArgumentException>(() => Evaluate([new() { Truth = ["O"], Predicted = ["O"] }, new() { Truth = ["O"], Predicted = [] }]));
        StringAssert.Contains(error.Message, "'PredictedTag'");
        StringAssert.Contains(error.Message, "1");
    }

    private static SequenceTaggingMetrics Evaluate(Pair[] rows)
    {
        var data = Context.Data.LoadFromEnumerable(rows);
        string[] tags = [.. rows.SelectMany(row => row.Truth.Concat(row.Predicted)).Where(tag => tag.Length > 0).Distinct()];
        // The mappings number the tags differently.
        var (here, there) = (Keys(tags), Keys([.. tags.Reverse()]));
        var keys = Context.Transforms.Conversion.MapValueToKey("Tag", "Truth", keyData: here)
            .Append(Context.Transforms.Conversion.MapValueToKey("PredictedTag", "Predicted", keyData: there)).Fit(data).Transform(data);
        return Context.MulticlassClassification.EvaluateSequences(keys, "Tag", "PredictedTag");

        static IDataView Keys(string[] tags) => Context.Data.LoadFromEnumerable(tags.Select(tag => new KeyRow { Value = tag }));
    }

    private sealed class KeyRow
    {
        public string Value { get; set; } = "";
    }
}
