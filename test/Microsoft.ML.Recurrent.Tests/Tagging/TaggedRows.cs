using Microsoft.ML.Data;

namespace Microsoft.ML.Recurrent.Tests.Tagging;

/// <summary>Made-up sentences with names of persons and places, and taggers of them.</summary>
internal static class TaggedRows
{
    public sealed class Row
    {
        public string[] Words { get; set; } = [];
        public string[] Tags { get; set; } = [];
        public string Intent { get; set; } = "";
        public float Weight { get; set; } = 1;
    }

    public sealed class Answer
    {
        public string[] Found { get; set; } = [];
        public float[] Score { get; set; } = [];
    }

    public static readonly MLContext Context = new(1);

    /// <summary>
    /// "from PLACE PLACE to PERSON": a place after from, a person after to, of one or two words that may be both; the first word tells the intent.
    /// </summary>
    public static Row[] Sentences(int count, int seed)
    {
        string[] names = ["ann", "york", "paris", "lee", "rio", "kim"], fillers = ["so", "then", "now", "well"];
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ =>
        {
            List<string> words = [], tags = [];
            var asks = random.Next(2) == 0;
            Add(asks ? "who" : "go", "O");
            for (var part = random.Next(0, 3); part >= 0; part--)
            {
                for (var i = random.Next(3); i > 0; i--) Add(fillers[random.Next(4)], "O");
                var person = random.Next(2) == 0;
                Add(person ? "to" : "from", "O");
                for (int i = 0, length = 1 + random.Next(2); i < length; i++) Add(names[random.Next(6)], (i == 0 ? "B-" : "I-") + (person ? "PER" : "LOC"));
            }
            return new Row { Words = [.. words], Tags = [.. tags], Intent = asks ? "ask" : "travel" };

            void Add(string word, string tag)
            {
                words.Add(word);
                tags.Add(tag);
            }
        })];
    }

    public static IDataView View(Row[] rows) => Context.Data.LoadFromEnumerable(rows);

    /// <summary>A small tagger of few epochs.</summary>
    public static RecurrentTaggingTrainer.Options Options(Action<RecurrentTaggingTrainer.Options>? change = null)
    {
        var options = new RecurrentTaggingTrainer.Options
        {
            LabelColumnName = "Tag",
            FeatureColumnName = "Token",
            Network = { HiddenSize = 12, Regularization = { DropoutRate = 0.1f } },
            Features = { EmbeddingSize = 8 },
            Characters = { EmbeddingSize = 4, Size = 5, MaximumLength = 6 },
            Stopping = { MaximumNumberOfEpochs = 15 },
            Optimizer = { LearningRate = 1e-2f },
            NumberOfThreads = 1,
            Seed = 5,
        };
        change?.Invoke(options);
        return options;
    }

    public static IEstimator<ITransformer> Keys() => Context.Transforms.Conversion.MapValueToKey("Token", "Words")
        .Append(Context.Transforms.Conversion.MapValueToKey("Tag", "Tags")).Append(Context.Transforms.Conversion.MapValueToKey("Whole", "Intent"));

    /// <summary>Keys, the tagger, and the tags as text.</summary>
    public static IEstimator<ITransformer> Pipeline(RecurrentTaggingTrainer.Options options) => Keys()
        .Append(Context.MulticlassClassification.Trainers.SequenceTagging(options))
        .Append(Context.Transforms.Conversion.MapKeyToValue("Found", "PredictedLabel"));

    public static RecurrentTaggingTransformer Tagger(ITransformer model) =>
        ((IEnumerable<ITransformer>)model).SelectMany(Flat).OfType<RecurrentTaggingTransformer>().Single();

    private static IEnumerable<ITransformer> Flat(ITransformer model) => model is IEnumerable<ITransformer> chain ? chain.SelectMany(Flat) : [model];

    public static string[][] Found(IDataView scored) =>
        [.. scored.GetColumn<ReadOnlyMemory<char>[]>("Found").Select(row => row.Select(tag => tag.ToString()).ToArray())];
}
