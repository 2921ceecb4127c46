using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Tests.Data;

namespace Microsoft.ML.Recurrent.Tests.Tokens;

/// <summary>ExtractWordFeature: shapes, prefixes and suffixes of words.</summary>
[TestClass]
public sealed class WordFeatureTests
{
    private readonly MLContext _context = new(1);

    [TestMethod]
    [DataRow(WordFeature.Shape, null, "Paris iPhone7 U.S.A. 1984 don't Ёлка 日本 😀 O", "Xxx xXxxd X.X.X. dd xx'x Xxx xx 😀 X")]
    [DataRow(WordFeature.Shape, 4, "Microsoft 12:30 !!!!!!", "Xxxxx dd:dd !!!!")]
    [DataRow(WordFeature.Shape, 1, "McDonald 1984", "XxXx d")]
    [DataRow(WordFeature.Prefix, null, "flights to 日本語版 a😀bc", "fli to 日本語 a😀b")]
    [DataRow(WordFeature.Suffix, null, "flights to 日本語版 ab😀c", "hts to 本語版 b😀c")]
    [DataRow(WordFeature.Suffix, 1, "flights 👍", "s 👍")]
    [DataRow(WordFeature.MaskedDigits, null, "dc10 1984 9:15pm ٣ to", "dc00 0000 0:00pm 0 to")]
    public void The_feature_of_each_word(WordFeature feature, int? length, string words, string expected)
    {
        var data = View(words.Split(' '), []);
        var columns = _context.Transforms.Text.ExtractWordFeature("Made", "Words", feature, length).Fit(data).Transform(data);
        var rows = columns.GetColumn<ReadOnlyMemory<char>[]>("Made").Select(row => string.Join(' ', row)).ToArray();
        CollectionAssert.AreEqual(new[] { expected, "" }, rows);
    }

    [TestMethod]
    public void One_text_gives_one_text_and_the_schema_says_so()
    {
        var data = TextRow.View(_context, "Word", "");
        var estimator = _context.Transforms.Text.ExtractWordFeature("Text", feature: WordFeature.Suffix, length: 2);
        var made = estimator.Fit(data).Transform(data);
        CollectionAssert.AreEqual(new[] { "rd", "" }, made.GetColumn<string>("Text").ToArray());
        Assert.AreEqual(SchemaShape.Column.VectorKind.Scalar, estimator.GetOutputSchema(SchemaShapes.Create(data.Schema)).Single().Kind);
        var vectors = View(["a"]);
        var shape = _context.Transforms.Text.ExtractWordFeature("Made", "Words").GetOutputSchema(SchemaShapes.Create(vectors.Schema));
        Assert.AreEqual(SchemaShape.Column.VectorKind.VariableVector, shape.Single(column => column.Name == "Made").Kind);
    }

    [TestMethod]
    public void A_tagger_reads_it_beside_the_words_and_keeps_it_in_its_file()
    {
        var random = new Random(1);
        var rows = Enumerable.Range(0, 200).Select(_ => new Words
        {
            Values = [.. Enumerable.Range(0, 4)
                .Select(_ => $"{(random.Next(2) == 0 ? "Name" : "word")}{(char)('a' + random.Next(26))}{(char)('a' + random.Next(26))}")],
        }).ToArray();
        foreach (var row in rows) row.Tags = [.. row.Values.Select(word => word[0] == 'N' ? "B-PER" : "O")];
        var data = _context.Data.LoadFromEnumerable(rows);
        var pipeline = _context.Transforms.Text.ExtractWordFeature("Shape", "Words")
            .Append(_context.Transforms.Text.BuildVocabulary("ShapeKeys", "Shape")).Append(_context.Transforms.Text.BuildVocabulary("Tokens", "Words"))
            .Append(_context.Transforms.Conversion.MapValueToKey("Label", "Tags"))
            .Append(_context.MulticlassClassification.Trainers.SequenceTagging(new RecurrentTaggingTrainer.Options
            {
                FeatureColumnName = "Tokens",
                Features = { AdditionalColumnNames = ["ShapeKeys"] },
                Network = { HiddenSize = 8 },
                Stopping = { MaximumNumberOfEpochs = 10 },
                Optimizer = { LearningRate = 1e-2f },
                NumberOfThreads = 1,
            }));
        var model = pipeline.Fit(data);
        using var file = new MemoryStream();
        _context.Model.Save(model, data.Schema, file);
        file.Position = 0;
        var loaded = new MLContext().Model.Load(file, out _);
        var unseen = View(["Zeta", "zeta", "Qqqq", "qqqq"]);
        uint[] Tags(ITransformer transformer) => transformer.Transform(unseen).GetColumn<uint[]>("PredictedLabel").Single();
        var tags = Tags(model);
        CollectionAssert.AreEqual(tags, Tags(loaded));
        Assert.IsTrue(tags[0] == tags[2] && tags[1] == tags[3] && tags[0] != tags[1], string.Join(' ', tags));
    }

    [TestMethod]
    public void Errors_name_the_argument_and_the_column()
    {
        var text = _context.Transforms.Text;
        Assert.AreEqual("length", Assert.Throws<ArgumentOutOfRangeException>(() => text.ExtractWordFeature("Made", "Words", length: 0)).ParamName);
        Assert.AreEqual("feature", Assert.Throws<ArgumentOutOfRangeException>(() => text.ExtractWordFeature("Made", "Words", (WordFeature)7)).ParamName);
        var numbers = _context.Data.LoadFromEnumerable(new[] { new { Words = 1f } });
        var estimator = text.ExtractWordFeature("Made", "Words");
        StringAssert.Contains(Assert.Throws<ArgumentOutOfRangeException>(() => estimator.Fit(numbers)).Message, "'Words'");
        StringAssert.Contains(Assert.Throws<ArgumentOutOfRangeException>(() => estimator.GetOutputSchema(SchemaShapes.Create(numbers.Schema))).Message,
            "'Words'");
    }

    private IDataView View(params string[][] rows) => _context.Data.LoadFromEnumerable(rows.Select(row => new Words { Values = row }));

    private sealed class Words
    {
        [ColumnName("Words")]
        public string[] Values { get; set; } = [];
        public string[] Tags { get; set; } = [];
    }
}
