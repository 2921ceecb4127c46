using Microsoft.ML.Data;

namespace Microsoft.ML.Recurrent.Tests.Training;

/// <summary>Made-up days: what was done at each step, where, and for how long; and trainers of each kind that read some of these columns.</summary>
internal static class TokensBesideRows
{
    public sealed class Row
    {
        public string[] Events { get; set; } = [];
        public string[] Places { get; set; } = [];
        public float[] Hours { get; set; } = [];

        /// <summary>The same, of a fixed number of steps.</summary>
        [VectorType(3)] public string[] ThreeEvents { get; set; } = new string[3];
        [VectorType(3)] public string[] ThreePlaces { get; set; } = new string[3];
        [VectorType(3)] public float[] ThreeHours { get; set; } = new float[3];
        public float Start { get; set; }

        /// <summary>The hours of work at home.</summary>
        public float Number { get; set; }

        /// <summary>Whether there was an event "call" at home.</summary>
        public bool Flag { get; set; }

        /// <summary>What was done at home last.</summary>
        public string Class { get; set; } = "";

        /// <summary>For each step whether it is long work at home.</summary>
        public string[] Tags { get; set; } = [];
    }

    public sealed class Answer
    {
        public float Score { get; set; }
    }

    public sealed class Scores
    {
        public float[] Score { get; set; } = [];
    }

    public static readonly MLContext Context = new(1);

    /// <summary>The columns by form: the first, and those beside it.</summary>
    public static readonly Dictionary<string, string[]> Forms = new()
    {
        ["tokens, tokens, numbers"] = ["EventKeys", "PlaceKeys", "Hours"],
        ["numbers, tokens, tokens"] = ["Hours", "EventKeys", "PlaceKeys"],
        ["tokens, tokens"] = ["EventKeys", "PlaceKeys"],
        ["tokens, numbers, tokens"] = ["PlaceKeys", "Hours", "EventKeys"],
    };

    public static Row[] Days(int count, int seed, string[]? events = null)
    {
        events ??= ["work", "call", "rest", "read"];
        string[] places = ["home", "office", "train"];
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ =>
        {
            var length = 2 + random.Next(5);
            string[] Pick(string[] from, int n) => [.. Enumerable.Range(0, n).Select(_ => from[random.Next(from.Length)])];
            float[] Times(int n) => [.. Enumerable.Range(0, n).Select(_ => (1 + random.Next(8)) / 4f)];
            var (what, where, hours) = (Pick(events, length), Pick(places, length), Times(length));
            var atHome = Enumerable.Range(0, length).Where(i => where[i] == "home").ToArray();
            return new Row
            {
                Events = what, Places = where, Hours = hours, ThreeEvents = Pick(events, 3), ThreePlaces = Pick(places, 3), ThreeHours = Times(3),
                Start = random.Next(24),
                Number = atHome.Where(i => what[i] == "work").Sum(i => hours[i]),
                Flag = atHome.Any(i => what[i] == "call"),
                Class = atHome.Length == 0 ? "none" : what[atHome[^1]],
                Tags = [.. what.Select((done, i) => done == "work" && where[i] == "home" && hours[i] > 1 ? "long" : "other")],
            };
        })];
    }

    public static IDataView View(Row[] rows) => Context.Data.LoadFromEnumerable(rows);

    public static IEstimator<ITransformer> Keys() => Context.Transforms.Conversion.MapValueToKey("EventKeys", "Events")
        .Append(Context.Transforms.Conversion.MapValueToKey("PlaceKeys", "Places")).Append(Context.Transforms.Conversion.MapValueToKey("ClassKey", "Class"))
        .Append(Context.Transforms.Conversion.MapValueToKey("TagKeys", "Tags"));

    /// <summary>A trainer of a task that reads the columns of a form.</summary>
    public static IEstimator<ITransformer> Trainer(string task, string form, Action<SequenceTrainerOptions>? change = null)
    {
        switch (task)
        {
            case "regression":
                var regression = new RecurrentRegressionTrainer.Options { LabelColumnName = "Number" };
                return Context.Regression.Trainers.RecurrentNetwork((RecurrentRegressionTrainer.Options)Set(regression));
            case "binary":
                var binary = new RecurrentBinaryTrainer.Options { LabelColumnName = "Flag" };
                return Context.BinaryClassification.Trainers.RecurrentNetwork((RecurrentBinaryTrainer.Options)Set(binary));
            case "multiclass":
                var multiclass = new RecurrentMulticlassTrainer.Options { LabelColumnName = "ClassKey" };
                return Context.MulticlassClassification.Trainers.RecurrentNetwork((RecurrentMulticlassTrainer.Options)Set(multiclass));
            default:
                var tagging = new RecurrentTaggingTrainer.Options { LabelColumnName = "TagKeys" };
                tagging.Network.Regularization.DropoutRate = 0;
                return Context.MulticlassClassification.Trainers.SequenceTagging((RecurrentTaggingTrainer.Options)Set(tagging));
        }

        SequenceTrainerOptions Set(SequenceTrainerOptions options)
        {
            (options.FeatureColumnName, options.Features.AdditionalColumnNames) = (Forms[form][0], Forms[form][1..]);
            (options.Features.EmbeddingSize, options.Network.HiddenSize, options.Optimizer.LearningRate) = (6, 20, 1e-2f);
            (options.Stopping.MaximumNumberOfEpochs, options.NumberOfThreads, options.Seed) = (25, 1, 3);
            options.Network.Pooling = SequencePooling.Max;
            change?.Invoke(options);
            return options;
        }
    }

    /// <summary>The share of right answers; R2 of a regression.</summary>
    public static double Quality(string task, IDataView scored) => task switch
    {
        "regression" => Context.Regression.Evaluate(scored, "Number").RSquared,
        "binary" => Context.BinaryClassification.EvaluateNonCalibrated(scored, "Flag").Accuracy,
        // By values: the label may have another mapping.
        "multiclass" => Found(scored).Zip(scored.GetColumn<string>("Class")).Average(pair => pair.First == pair.Second ? 1.0 : 0),
        _ => Context.MulticlassClassification.EvaluateSequences(scored, "TagKeys").TokenAccuracy,
    };

    private static IEnumerable<string> Found(IDataView scored) =>
        Context.Transforms.Conversion.MapKeyToValue("Found", "PredictedLabel").Fit(scored).Transform(scored).GetColumn<string>("Found");

    public static RecurrentModel ModelOf(ITransformer model) =>
        ((IEnumerable<ITransformer>)model).SelectMany(Flat).OfType<RecurrentTransformer>().Single().Model;

    /// <summary>All scores, row by row.</summary>
    public static float[][] ScoresOf(IDataView scored) => scored.Schema["Score"].Type is VectorDataViewType
        ? [.. scored.GetColumn<float[]>("Score")]
        : [.. scored.GetColumn<float>("Score").Select(score => new[] { score })];

    private static IEnumerable<ITransformer> Flat(ITransformer model) => model is IEnumerable<ITransformer> chain ? chain.SelectMany(Flat) : [model];
}
