using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Tests.Data;

namespace Microsoft.ML.Recurrent.Tests.Tokens;

/// <summary>BuildVocabulary: which tokens get keys, and which keys.</summary>
[TestClass]
public sealed class VocabularyTests
{
    private readonly MLContext _context = new(1);

    [TestMethod]
    public void The_most_frequent_tokens_come_first_and_ties_by_ordinal()
    {
        // "rare" comes first in the data.
        CollectionAssert.AreEqual(new[] { "the", "Cat", "cat", "rare" }, Values(Fit(["rare cat", "the the cat", "Cat the Cat"])));
        CollectionAssert.AreEqual(new[] { "the", "Cat" }, Values(Fit(["rare cat", "the the cat", "Cat the Cat"], maximumSize: 2)));
        CollectionAssert.AreEqual(new[] { "the", "Cat", "cat" }, Values(Fit(["rare cat", "the the cat", "Cat the Cat"], minimumCount: 2)));
    }

    [TestMethod]
    public void Value_to_key_mapping_of_ML_NET_keeps_the_first_tokens_instead()
    {
        var data = Words(["rare cat", "the the cat", "Cat the Cat"]);
        var mapped = _context.Transforms.Conversion.MapValueToKey("Tokens", "Words", maximumNumberOfKeys: 2).Fit(data).Transform(data);
        VBuffer<ReadOnlyMemory<char>> values = default;
        mapped.Schema["Tokens"].GetKeyValues(ref values);
        CollectionAssert.AreEqual(new[] { "rare", "cat" }, values.DenseValues().Select(value => value.ToString()).ToArray());
    }

    [TestMethod]
    [DataRow(null, null, "1,0,2")]
    [DataRow("<unk>", null, "2,1,3")]
    [DataRow(null, "<pad>", "2,0,3")]
    [DataRow("<unk>", "<pad>", "3,2,4")]
    public void Unknown_tokens_get_the_reserved_key_or_the_missing_one(string? unknown, string? padding, string expected)
    {
        var model = Fit(["a a b"], unknownToken: unknown, paddingToken: padding);
        Assert.AreEqual(expected, string.Join(',', model.Transform(Words(["a x b"])).GetColumn<uint[]>("Tokens").Single()));
        Assert.AreEqual(padding is null ? unknown ?? "a" : padding, model.Tokens[0]);
        using var file = new MemoryStream();
        _context.Model.Save(model, Words(["a"]).Schema, file);
        var loaded = _context.Model.Load(file, out _);
        Assert.AreEqual(expected, string.Join(',', loaded.Transform(Words(["a x b"])).GetColumn<uint[]>("Tokens").Single()));
        Assert.AreEqual(unknown, ((VocabularyTransformer)loaded).UnknownToken);
        Assert.AreEqual(padding, ((VocabularyTransformer)loaded).PaddingToken);
    }

    [TestMethod]
    public void A_reserved_token_of_the_data_keeps_its_key()
    {
        var model = Fit(["<unk> <unk> a"], unknownToken: "<unk>", maximumSize: 2);
        CollectionAssert.AreEqual(new[] { "<unk>", "a" }, Values(model));
    }

    [TestMethod]
    public void One_text_per_row_becomes_one_key()
    {
        var data = TextRow.View(_context, "b", "a", "b");
        var keys = _context.Transforms.Text.BuildVocabulary("Key", "Text").Fit(data).Transform(data);
        CollectionAssert.AreEqual(new uint[] { 1, 2, 1 }, keys.GetColumn<uint>("Key").ToArray());
        Assert.IsInstanceOfType<KeyDataViewType>(keys.Schema["Key"].Type);
    }

    [TestMethod]
    public void The_trainers_take_the_keys()
    {
        var data = _context.Data.LoadFromEnumerable(Enumerable.Range(0, 60).Select(i => new Labelled(i % 2 == 0 ? "good film" : "bad long film", i % 2 == 0)));
        var model = _context.Transforms.Text.TokenizeForRecurrent("Words", "Text")
            .Append(_context.Transforms.Text.BuildVocabulary("Features", "Words", unknownToken: "<unk>"))
            .Append(_context.BinaryClassification.Trainers.Gru("Label", "Features", hiddenSize: 8, maximumNumberOfEpochs: 20)).Fit(data);
        Assert.AreEqual(1, _context.BinaryClassification.Evaluate(model.Transform(data)).Accuracy);
        CollectionAssert.AreEqual(new[] { "<unk>", "film", "bad", "good", "long" }, model.LastTransformer.Model.Manifest.Vocabulary!.Values.ToArray());
    }

    [TestMethod]
    public void What_makes_no_vocabulary_is_refused()
    {
        var error = Assert.ThrowsExactly<ArgumentException>(() => Fit(["a b"], minimumCount: 2));
        StringAssert.Contains(error.Message, "2 different tokens");
        Assert.ThrowsExactly<ArgumentException>(() => _context.Transforms.Text.BuildVocabulary("Tokens", unknownToken: "x", paddingToken: "x"));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => _context.Transforms.Text.BuildVocabulary("Tokens", unknownToken: "x", maximumSize: 1));
        var numbers = _context.Data.LoadFromEnumerable([new { Words = 1f }]);
        var estimator = _context.Transforms.Text.BuildVocabulary("Tokens", "Words");
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => estimator.Fit(numbers)).Message, "TokenizeForRecurrent");
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => estimator.GetOutputSchema(SchemaShapes.Create(numbers.Schema)));
    }

    private VocabularyTransformer Fit(string[] lines, int minimumCount = 1, int? maximumSize = null, string? unknownToken = null,
        string? paddingToken = null) =>
        _context.Transforms.Text.BuildVocabulary("Tokens", "Words", minimumCount, maximumSize, unknownToken, paddingToken).Fit(Words(lines));

    private IDataView Words(string[] lines) => _context.Data.LoadFromEnumerable(lines.Select(line => new WordRow { Words = line.Split(' ') }));

    private static string[] Values(VocabularyTransformer model) => [.. model.Tokens];

    private sealed class WordRow
    {
        public string[] Words { get; set; } = [];
    }

    private sealed record Labelled(string Text, bool Label);
}
