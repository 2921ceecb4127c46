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

    [TestMethod]
    [DataRow("a\tB-X\nb c\tO\n\n\nd\tO", 0, -1, "a,b c|d", "B-X,O|O")]
    [DataRow("-DOCSTART- -X- O O\n\nEU NNP I-NP B-ORG\nrejects VBZ I-VP O\n\nPeter NNP I-NP B-PER\n", 0, -1, "EU,rejects|Peter", "B-ORG,O|B-PER")]
    [DataRow("# sent_id = 1\n# text = vamonos al\n1-2\tvamonos\t_\t_\t_\t_\t_\t_\t_\t_\n1\tvamos\tir\tVERB\t_\t_\t0\troot\t_\t_\n" +
        "2\tnos\tyo\tPRON\t_\t_\t1\tobj\t_\t_\n2.1\tx\tx\tX\t_\t_\t_\t_\t_\t_\n\n", 1, 3, "vamos,nos", "VERB,PRON")]
    [DataRow("#\tO\n# O\n", 0, -1, "#,#", "O,O")]
    [DataRow("", 0, -1, "", "")]
    public void Conll_files_are_read(string text, int wordColumn, int tagColumn, string words, string tags)
    {
        var path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, text);
            var data = Context.Data.LoadFromConll(path, wordColumn: wordColumn, tagColumn: tagColumn);
            for (var pass = 0; pass < 2; pass++)
            {
                Assert.AreEqual(words, Join("Words"));
                Assert.AreEqual(tags, Join("Tags"));
            }

            string Join(string column) => string.Join('|', data.GetColumn<ReadOnlyMemory<char>[]>(column).Select(row => string.Join(',', row)));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [TestMethod]
    public void A_line_without_a_column_is_named()
    {
        var path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, "a O\nb\n");
            var error = Assert.Throws<InvalidDataException>(
                () => Context.Data.LoadFromConll(path, tagColumn: 1).GetColumn<ReadOnlyMemory<char>[]>("Tags").ToArray());
            foreach (var part in new[] { path, "line 2", "1 columns", "'Tags'" }) StringAssert.Contains(error.Message, part);
            Assert.Throws<FileNotFoundException>(() => Context.Data.LoadFromConll(path + ".none"));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [TestMethod]
    public void Wnut17_has_the_counts_of_its_readme()
    {
        var data = Context.Data.LoadFromConll(SharedFolder.Find("data", "wnut17_ner", "train.bio"));
        var tags = data.GetColumn<ReadOnlyMemory<char>[]>("Tags").ToArray();
        Assert.HasCount(3394, tags);
        Assert.AreEqual(62730, tags.Sum(row => row.Length));
        Assert.AreEqual(1975, tags.Sum(row => row.Count(tag => tag.Span.StartsWith("B-"))));
    }
}
