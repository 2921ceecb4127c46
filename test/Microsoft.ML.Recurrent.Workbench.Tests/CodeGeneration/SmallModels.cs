using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Workbench.CodeGeneration;
using Microsoft.ML.Recurrent.Workbench.Inspection;
using Microsoft.ML.Recurrent.Workbench.Tables;
using Microsoft.ML.Transforms;

namespace Microsoft.ML.Recurrent.Workbench.Tests.CodeGeneration;

/// <summary>Small models of all tasks on files in a folder, as the tool describes them to the generator.</summary>
internal sealed class SmallModels(string folder)
{
    private const int Seed = 3;

    private readonly MLContext _mlContext = new(seed: Seed);

    /// <summary>Two series with a covariate, the last rows held out; column names that are no names in C#. ML.NET's reader reads the file.</summary>
    public GeneratedModel Forecast(string name = "Sales 2024-East")
    {
        var lines = from step in Enumerable.Range(0, 80)
                    from shop in (string[])["north", "south"]
                    select FormattableString.Invariant(
                        $"{new DateTime(2024, 1, 1).AddHours(step):yyyy-MM-dd HH:mm:ss},{shop},{20 + 5 * Math.Sin(step / 3.0):R},{step % 7}");
        var path = Write("shops.csv", lines.Prepend("the time,class,\"load \"\"MW\"\"\",1st"));
        var (table, view) = Open(path);
        var options = new RecurrentForecastingEstimator.Options
        {
            Input = new SeriesInputOptions
            {
                InputColumnName = "load \"MW\"", TimeColumnName = "the time", SeriesColumnNames = ["class"], PastCovariateColumnNames = ["1st"],
                WindowSize = 12,
            },
            Output = { ForecastColumnName = "Forecast", ConfidenceLowerBoundColumn = "Lower", ConfidenceUpperBoundColumn = "Upper", ConfidenceLevel = 0.8f },
            Horizon = 3, Seed = 5, NumberOfThreads = 1, Network = { HiddenSize = 4 }, Stopping = { MaximumNumberOfEpochs = 2 },
        };
        var learned = _mlContext.Data.TakeRows(view, 150);
        return Create(name, path, table, view, options, "mlContext.Forecasting.ForecastByRecurrentNetwork",
            _mlContext.Forecasting.ForecastByRecurrentNetwork(options).Fit(learned)) with
        { Learning = ["mlContext.Data.TakeRows(data, 150)"] };
    }

    /// <summary>Classes of texts, with validation rows; cells hold spaces, so CsvHelper reads the file.</summary>
    public GeneratedModel Texts()
    {
        var path = Write("texts.csv", Enumerable.Range(0, 60).Select(static i => i % 2 == 0 ? $"a good day {i % 5},yes" : $"\"a bad, bad {i % 3}\",no")
            .Append("  fine , yes ").Prepend("What was said?,Label"));
        var (table, view) = Open(path);
        var options = new RecurrentMulticlassTrainer.Options
        {
            LabelColumnName = "Class", FeatureColumnName = "Tokens", Seed = 7, NumberOfThreads = 1, Network = { HiddenSize = 4 },
            Stopping = { MaximumNumberOfEpochs = 3 },
        };
        var before = _mlContext.Transforms.Text.TokenizeForRecurrent("Words", "What was said?")
            .Append(_mlContext.Transforms.Text.BuildVocabulary("Tokens", "Words")).Append(_mlContext.Transforms.Conversion.MapValueToKey("Class", "Label"));
        IDataView train = _mlContext.Data.SkipRows(view, 20), validation = _mlContext.Data.TakeRows(view, 20);
        var preparation = before.Fit(train);
        var trained = _mlContext.MulticlassClassification.Trainers.RecurrentNetwork(options).Fit(preparation.Transform(train),
            preparation.Transform(validation));
        var answers = _mlContext.Transforms.Conversion.MapKeyToValue("PredictedLabel").Fit(trained.Transform(preparation.Transform(train)));
        return Create("Moods", path, table, view, options, "mlContext.MulticlassClassification.Trainers.RecurrentNetwork",
            new TransformerChain<ITransformer>(preparation, trained, answers)) with
        {
            Before =
            [
                "mlContext.Transforms.Text.TokenizeForRecurrent(\"Words\", \"What was said?\")",
                "mlContext.Transforms.Text.BuildVocabulary(\"Tokens\", \"Words\")",
                "mlContext.Transforms.Conversion.MapValueToKey(\"Class\", \"Label\")",
            ],
            After = ["mlContext.Transforms.Conversion.MapKeyToValue(\"PredictedLabel\")"],
            Parts = ("mlContext.Data.SkipRows(data, 20)", "mlContext.Data.TakeRows(data, 20)"),
        };
    }

    /// <summary>Numbers of sequences of two numbers a step, of any length, in a file of the UEA archive.</summary>
    public GeneratedModel Numbers()
    {
        var random = new Random(1);
        var lines = new List<string> { "@targetlabel true", "@data" };
        for (var row = 0; row < 40; row++)
        {
            double[] steps = [.. Enumerable.Range(0, 4 + row % 3).Select(_ => random.NextDouble())];
            lines.Add($"{Join(steps)}:{Join(steps.Select(static _ => 1.0))}:{Join([steps.Sum()])}");
        }
        var path = Write("walks.ts", lines);
        var options = new RecurrentRegressionTrainer.Options
        {
            Seed = 9, NumberOfThreads = 1, Network = { HiddenSize = 4 },
            Stopping = { MaximumNumberOfEpochs = 2 }
        };
        var view = _mlContext.Data.LoadFromTsFile(path);
        return Create("Walks", path, null, view, options, "mlContext.Regression.Trainers.RecurrentNetwork",
            _mlContext.Regression.Trainers.RecurrentNetwork(options).Fit(view)) with
        { LoaderName = "LoadFromTsFile" };
    }

    /// <summary>Tags of words.</summary>
    public GeneratedModel Tags()
    {
        var path = Write("tags.conll",
            Enumerable.Range(0, 30).SelectMany(static i => (string[])[$"from O", i % 2 == 0 ? "Boston B-city" : "Denver B-city", "now O", ""]));
        var options = new RecurrentTaggingTrainer.Options
        {
            FeatureColumnName = "Tokens", LabelColumnName = "Label", Seed = 11, NumberOfThreads = 1, Network = { HiddenSize = 4 },
            Stopping = { MaximumNumberOfEpochs = 2 },
        };
        var view = _mlContext.Data.LoadFromConllFile(path);
        var preparation = _mlContext.Transforms.Text.BuildVocabulary("Tokens", "Words").Append(_mlContext.Transforms.Conversion.MapValueToKey("Label", "Tags"))
            .Fit(view);
        var trained = _mlContext.MulticlassClassification.Trainers.SequenceTagging(options).Fit(preparation.Transform(view));
        var answers = _mlContext.Transforms.Conversion.MapKeyToValue("PredictedLabel").Fit(trained.Transform(preparation.Transform(view)));
        return Create("Cities", path, null, view, options, "mlContext.MulticlassClassification.Trainers.SequenceTagging",
            new TransformerChain<ITransformer>(preparation, trained, answers)) with
        {
            LoaderName = "LoadFromConllFile",
            Before = ["mlContext.Transforms.Text.BuildVocabulary(\"Tokens\", \"Words\")", "mlContext.Transforms.Conversion.MapValueToKey(\"Label\", \"Tags\")"],
            After = ["mlContext.Transforms.Conversion.MapKeyToValue(\"PredictedLabel\")"],
        };
    }

    /// <summary>A language model of lines.</summary>
    public GeneratedModel Language()
    {
        var path = Write("lines.txt", Enumerable.Range(0, 60).Select(static i => $"the {(i % 2 == 0 ? "cat" : "dog")} sat on the mat"));
        var options = new RecurrentLanguageModelEstimator.Options
        {
            InputColumnName = "Tokens", Seed = 13, NumberOfThreads = 1, Network = { HiddenSize = 8 }, Stopping = { MaximumNumberOfEpochs = 2 },
            Optimizer = { BatchSize = 4 },
        };
        var view = _mlContext.Data.LoadFromTextLines(path);
        var preparation = _mlContext.Transforms.Text.TokenizeForRecurrent("Words", "Text").Append(_mlContext.Transforms.Text.BuildVocabulary("Tokens", "Words"))
            .Fit(view);
        return Create("Sentences", path, null, view, options, "mlContext.Transforms.Text.LanguageModelByRecurrentNetwork",
            new TransformerChain<ITransformer>(preparation,
                _mlContext.Transforms.Text.LanguageModelByRecurrentNetwork(options).Fit(preparation.Transform(view)))) with
        {
            LoaderName = "LoadFromTextLines",
            Before = ["mlContext.Transforms.Text.TokenizeForRecurrent(\"Words\", \"Text\")",
                "mlContext.Transforms.Text.BuildVocabulary(\"Tokens\", \"Words\")"],
        };
    }

    private static GeneratedModel Create(string name, string path, GeneratedTable? table, IDataView view, RecurrentTrainerOptions options,
        string trainer, ITransformer model) => new()
        {
            Name = name, Model = model, Input = view, InputColumns = [.. view.Schema.Select(static column => column.Name)],
            Options = options, TrainerCode = trainer, DataPath = path, Table = table, TableColumns = [.. view.Schema.Select(static column => column.Name)],
            Seed = Seed,
        };

    private static (GeneratedTable Table, IDataView View) Open(string path)
    {
        var source = TableSource.Open(path, new() { HasHeader = true });
        var table = new GeneratedTable(source, TableProfile.Read(source));
        return (table, new TableView(source, table.Profile));
    }

    private string Write(string name, IEnumerable<string> lines)
    {
        var path = Path.Combine(folder, name);
        File.WriteAllLines(path, lines);
        return path;
    }

    private static string Join(IEnumerable<double> numbers) => string.Join(',', numbers.Select(static number => FormattableString.Invariant($"{number:R}")));
}
