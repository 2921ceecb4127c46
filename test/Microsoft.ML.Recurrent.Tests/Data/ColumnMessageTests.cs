using Microsoft.ML.Data;

namespace Microsoft.ML.Recurrent.Tests.Data;

/// <summary>The message of a wrong column names the type that this trainer takes and one conversion that gives it: whoever follows it can train.</summary>
[TestClass]
public sealed class ColumnMessageTests
{
    private static readonly MLContext Context = new(1);

    private sealed class Row
    {
        [VectorType(3)] public float[] Features { get; set; } = [1, 2, 3];
        [VectorType(3)] public float[] Others { get; set; } = [1, 2, 3];
        public string[] Words { get; set; } = ["a"];
        public string Sentence { get; set; } = "a b";
        public bool Boolean { get; set; }
        public byte Byte { get; set; }
        public short Int16 { get; set; }
        public int Int32 { get; set; }
        public long Int64 { get; set; }
        public float Single { get; set; }
        public double Double { get; set; }
        public string Text { get; set; } = "";
        public string Number { get; set; } = "";
        [VectorType(2)] public float[] Two { get; set; } = [0, 1];
        public string[] Tags { get; set; } = ["x"];
    }

    private static readonly IDataView Data = Context.Transforms.Conversion.MapValueToKey("Key", "Text")
        .Append(Context.Transforms.Conversion.MapValueToKey("Words"))
        .Append(Context.Transforms.Conversion.MapValueToKey("Keys", "Tags"))
        .Fit(View()).Transform(View());

    private static IDataView View() => Context.Data.LoadFromEnumerable(Enumerable.Range(0, 12).Select(i => i % 2).Select(i => new Row
    {
        Features = [i, 1, 2], Boolean = i == 1, Byte = (byte)i, Int16 = (short)i, Int32 = i, Int64 = i, Single = i, Double = i,
        Text = i == 0 ? "no" : "yes", Number = i == 0 ? "0" : "1",
    }));

    private static RecurrentBinaryTrainer Binary(string label) => Context.BinaryClassification.Trainers.RecurrentNetwork(new()
    {
        LabelColumnName = label, Network = { HiddenSize = 2 }, Stopping = { MaximumNumberOfEpochs = 1 },
    });

    private static RecurrentRegressionTrainer Regression(string label, string features = "Features", params string[] others) =>
        Context.Regression.Trainers.RecurrentNetwork(new()
        {
            LabelColumnName = label,
            FeatureColumnName = features,
            Features = { AdditionalColumnNames = others },
            Network = { HiddenSize = 2 },
            Stopping = { MaximumNumberOfEpochs = 1 },
        });

    private static RecurrentMulticlassTrainer Multiclass(string label) => Context.MulticlassClassification.Trainers.RecurrentNetwork(new()
    {
        LabelColumnName = label, Network = { HiddenSize = 2 }, Stopping = { MaximumNumberOfEpochs = 1 },
    });

    private static string Message(Action fit) => Assert.ThrowsExactly<ArgumentOutOfRangeException>(fit).Message;

    // Before the pipeline is fitted, and on the columns themselves, the advice is the same.
    private static string Message<T>(IEstimator<T> trainer) where T : class, ITransformer
    {
        var message = Message(() => trainer.Fit(Data));
        Assert.AreEqual(Remedy(message), Remedy(Message(() => trainer.GetOutputSchema(SchemaShapes.Create(Data.Schema)))));
        return message;
    }

    private static string Remedy(string message) => message[(message.IndexOf(". ", StringComparison.Ordinal) + 2)..];

    [TestMethod]
    [DataRow("Byte")]
    [DataRow("Int16")]
    [DataRow("Int32")]
    [DataRow("Int64")]
    [DataRow("Single")]
    [DataRow("Double")]
    public void Numbers_become_the_Booleans_of_a_binary_trainer(string label)
    {
        var message = Message(Binary(label));
        StringAssert.Contains(message, "expected Boolean");
        StringAssert.Contains(message, $"ConvertType(\"{label}\", outputKind: DataKind.Boolean)");
        Assert.DoesNotContain("DataKind.Single", message);
        Assert.DoesNotContain("keys", message);
        var converted = Context.Transforms.Conversion.ConvertType(label, outputKind: DataKind.Boolean).Fit(Data).Transform(Data);
        CollectionAssert.AreEqual(Data.GetColumn<bool>("Boolean").ToArray(), converted.GetColumn<bool>(label).ToArray());
        Binary(label).Fit(converted);
    }

    [TestMethod]
    public void Texts_and_keys_become_the_Booleans_of_a_binary_trainer()
    {
        var text = Message(Binary("Text"));
        StringAssert.Contains(text, "MapValue(\"Text\", new Dictionary<string, bool>");
        Assert.DoesNotContain("MapValueToKey", text);
        var mapped = Context.Transforms.Conversion.MapValue("Text", new Dictionary<string, bool> { ["yes"] = true, ["no"] = false }).Fit(Data).Transform(Data);
        CollectionAssert.AreEqual(Data.GetColumn<bool>("Boolean").ToArray(), mapped.GetColumn<bool>("Text").ToArray());
        Binary("Text").Fit(mapped);
        var key = Message(Binary("Key"));
        StringAssert.Contains(key, "from which the keys were made, as Booleans");
        Assert.DoesNotContain("ConvertType", key);
        // A vector is one of several labels, if it holds 0 and 1.
        Binary("Two").Fit(Context.Transforms.Conversion.ConvertType("Two", outputKind: DataKind.Boolean).Fit(Data).Transform(Data));
    }

    [TestMethod]
    public void Other_values_become_the_numbers_of_a_regression()
    {
        foreach (var label in new[] { "Int32", "Double", "Boolean", "Number" })
        {
            var message = Message(Regression(label));
            StringAssert.Contains(message, "expected Single");
            StringAssert.Contains(message, $"ConvertType(\"{label}\", outputKind: DataKind.Single)");
            Assert.DoesNotContain("keys", message);
            Regression(label).Fit(Context.Transforms.Conversion.ConvertType(label, outputKind: DataKind.Single).Fit(Data).Transform(Data));
        }
        StringAssert.Contains(Message(Regression("Key")), "Use the column from which the keys were made");
        // A vector is one of several outputs.
        Regression("Two").Fit(Data);
    }

    [TestMethod]
    public void Keys_are_advised_where_keys_are_taken()
    {
        foreach (var label in new[] { "Text", "Int32", "Boolean" })
        {
            StringAssert.Contains(Message(Multiclass(label)), $"MapValueToKey(\"{label}\")");
            Multiclass(label).Fit(Context.Transforms.Conversion.MapValueToKey(label).Fit(Data).Transform(Data));
        }
        // They are keys already.
        var tags = Message(Multiclass("Keys"));
        StringAssert.Contains(tags, "one key per row");
        Assert.DoesNotContain("MapValueToKey", tags);
        StringAssert.Contains(Message(Regression("Single", "Tags")), "MapValueToKey(\"Tags\")");
        StringAssert.Contains(Message(Regression("Single", "Sentence")), "TokenizeIntoWords(\"Tokens\", \"Sentence\")");
        foreach (var scalar in new[] { "Single", "Key", "Int32" })
        {
            var message = Message(Regression("Single", scalar));
            StringAssert.Contains(message, "CreateWindows");
            Assert.DoesNotContain("ConvertType", message);
        }
        // A language model takes keys only.
        var numbers = Message(Context.Transforms.Text.LanguageModelByLstm("LogProbabilities", "Features"));
        StringAssert.Contains(numbers, "MapValueToKey(\"Features\")");
        Assert.DoesNotContain("ConvertType", numbers);
    }
}
