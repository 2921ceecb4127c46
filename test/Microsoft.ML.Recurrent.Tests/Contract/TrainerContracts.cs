namespace Microsoft.ML.Recurrent.Tests.Contract;

/// <summary>The table: each trainer of the catalogs, on numbers and on tokens where it takes both.</summary>
internal static class TrainerContracts
{
    public static IReadOnlyList<TrainerContract> All { get; } =
    [
        Regression("Regression", "Fixed", NaNRule.Refused),
        Regression("Regression of tokens", "Tokens", NaNRule.UnknownToken),
        Binary("Binary", "Fixed", NaNRule.Refused),
        Binary("Binary of tokens", "Tokens", NaNRule.UnknownToken),
        Multiclass("Multiclass", "Fixed", NaNRule.Refused),
        Multiclass("Multiclass of tokens", "Tokens", NaNRule.UnknownToken),
        new TrainerContract<RecurrentRegressionTrainer.Options, RecurrentRegressionTransformer>
        {
            Name = "Regression of several numbers",
            Features = "Fixed",
            Columns = Sequence<RecurrentRegressionTrainer.Options>(),
            NaN = NaNRule.Refused,
            OneLabel = row => row.Next = [3, 3],
            MissingLabel = row => row.Next = [float.NaN, float.NaN],
            RefusesMissingLabels = false,
            Label = "Next",
            Options = () => new() { FeatureColumnName = "Fixed", LabelColumnName = "Next" },
            Trainer = (context, options) => context.Regression.Trainers.RecurrentNetwork(options),
        },
        new TrainerContract<RecurrentRegressionTrainer.Options, RecurrentRegressionTransformer>
        {
            Name = "Regression of each step",
            Features = "Numbers",
            Columns = Sequence<RecurrentRegressionTrainer.Options>(),
            NaN = NaNRule.Refused,
            OneLabel = row => row.Doubled = [.. row.Doubled.Select(_ => 3f)],
            MissingLabel = row => row.Doubled = [.. row.Doubled.Select(_ => float.NaN)],
            RefusesMissingLabels = false,
            RefusesStatics = true,
            Label = "Doubled",
            Options = () => new() { FeatureColumnName = "Numbers", LabelColumnName = "Doubled" },
            Trainer = (context, options) => context.Regression.Trainers.RecurrentNetwork(options),
        },
        new TrainerContract<RecurrentBinaryTrainer.Options, RecurrentBinaryTransformer>
        {
            Name = "Binary of several labels",
            Features = "Fixed",
            Columns = Sequence<RecurrentBinaryTrainer.Options>(),
            NaN = NaNRule.Refused,
            OneLabel = row => row.Flags = [true, true],
            Label = "Flags",
            Options = () => new() { FeatureColumnName = "Fixed", LabelColumnName = "Flags" },
            Trainer = (context, options) => context.BinaryClassification.Trainers.RecurrentNetwork(options),
        },
        new TrainerContract<RecurrentMulticlassTrainer.Options, RecurrentMulticlassTransformer>
        {
            Name = "Multiclass of tokens beside numbers",
            Features = "Tokens",
            Beside = "Numbers",
            Columns = Sequence<RecurrentMulticlassTrainer.Options>(),
            NaN = NaNRule.Refused,
            OneLabel = row => row.Class = "red",
            MissingLabel = row => row.Class = "unseen",
            Label = "ClassKey",
            Options = () => new() { FeatureColumnName = "Tokens", LabelColumnName = "ClassKey", Features = { AdditionalColumnNames = ["Numbers"] } },
            Trainer = (context, options) => context.MulticlassClassification.Trainers.RecurrentNetwork(options),
        },
        Tagging("Tagging", "Numbers", NaNRule.Refused, crf: false),
        Tagging("Tagging of tokens", "Tokens", NaNRule.UnknownToken, crf: true),
        new TrainerContract<RecurrentLanguageModelEstimator.Options, RecurrentLanguageModelTransformer>
        {
            Name = "Language model",
            Features = "Tokens",
            Columns = Roles<RecurrentLanguageModelEstimator.Options>(("token", (options, name) => options.InputColumnName = name)),
            NaN = NaNRule.UnknownToken,
            OneLabel = row => row.Words = [.. row.Words.Select(_ => "red")],
            WarnsOfOneLabel = false,
            Options = () => new() { InputColumnName = "Tokens", Output = { PerplexityColumnName = "Perplexity", NextTokenColumnName = "NextToken" } },
            Trainer = (context, options) => context.Transforms.Text.LanguageModelByRecurrentNetwork(options),
        },
        new TrainerContract<RecurrentTranslationEstimator.Options, RecurrentTranslationTransformer>
        {
            Name = "Translation",
            Features = "Tokens",
            Columns = Roles<RecurrentTranslationEstimator.Options>(("source", (options, name) => options.SourceColumnName = name),
                ("target", (options, name) => options.TargetColumnName = name),
                ("copied", (options, name) => options.UnknownTokens.CopyColumnName = name)),
            NaN = NaNRule.UnknownToken,
            OneLabel = row => row.Tags = [.. row.Tags.Select(_ => "O")],
            WarnsOfOneLabel = false,
            IsSearched = true,
            Options = () => new()
            {
                SourceColumnName = "Tokens",
                TargetColumnName = "TagKeys",
                Decoder = { SourceEmbeddingSize = 6, TargetEmbeddingSize = 6 },
                Search = { BeamSize = 2 },
            },
            Trainer = (context, options) => context.Transforms.Text.TranslateByRecurrentNetwork(options),
        },
        Autoencoder("Autoencoder", "Fixed"),
        Autoencoder("Autoencoder of varying lengths", "Numbers"),
        new TrainerContract<RecurrentForecastingEstimator.Options, RecurrentForecastingTransformer>
        {
            Name = "Forecasting of series",
            Features = "Number",
            IsSeries = true,
            Columns = Roles<RecurrentForecastingEstimator.Options>(("input", (options, name) => options.Input.InputColumnName = name),
                ("past covariate", (options, name) => options.Input.PastCovariateColumnNames = [name]),
                ("static", (options, name) => options.Input.StaticColumnNames = [name]),
                ("time", (options, name) => ((SeriesInputOptions)options.Input).TimeColumnName = name)),
            NaN = NaNRule.Masked,
            TextIsCategory = true,
            WarnsOfOneLabel = false,
            OneLabel = row => row.Number = 3,
            Options = () => new()
            {
                Input = new SeriesInputOptions { InputColumnName = "Number", WindowSize = ContractRow.Steps },
                Horizon = ContractRow.Horizon,
            },
            Trainer = (context, options) => context.Forecasting.ForecastByRecurrentNetwork(options),
        },
        new TrainerContract<RecurrentForecastingEstimator.Options, RecurrentForecastingTransformer>
        {
            Name = "Forecasting of windows",
            Features = "Fixed",
            Columns = Roles<RecurrentForecastingEstimator.Options>(("input", (options, name) => options.Input.InputColumnName = name),
                ("label", (options, name) => ((WindowInputOptions)options.Input).LabelColumnName = name),
                ("static", (options, name) => options.Input.StaticColumnNames = [name])),
            NaN = NaNRule.Masked,
            TextIsCategory = true,
            WarnsOfOneLabel = false,
            OneLabel = row => (row.Fixed, row.Next) = ([3, 3, 3, 3, 3], [3, 3]),
            Options = () => new()
            {
                Input = new WindowInputOptions { InputColumnName = "Fixed", LabelColumnName = "Next", WindowSize = ContractRow.Steps },
                Horizon = ContractRow.Horizon,
            },
            Trainer = (context, options) => context.Forecasting.ForecastByRecurrentNetwork(options),
        },
    ];

    private static TrainerContract Regression(string name, string features, NaNRule rule) =>
        new TrainerContract<RecurrentRegressionTrainer.Options, RecurrentRegressionTransformer>
        {
            Name = name,
            Features = features,
            Columns = Sequence<RecurrentRegressionTrainer.Options>(),
            NaN = rule,
            OneLabel = row => row.Number = 3,
            MissingLabel = row => row.Number = float.NaN,
            Label = "Number",
            Options = () => new() { FeatureColumnName = features, LabelColumnName = "Number" },
            Trainer = (context, options) => context.Regression.Trainers.RecurrentNetwork(options),
        };

    private static TrainerContract Binary(string name, string features, NaNRule rule) =>
        new TrainerContract<RecurrentBinaryTrainer.Options, RecurrentBinaryTransformer>
        {
            Name = name,
            Features = features,
            Columns = Sequence<RecurrentBinaryTrainer.Options>(),
            NaN = rule,
            OneLabel = row => row.Flag = true,
            Label = "Flag",
            Options = () => new() { FeatureColumnName = features, LabelColumnName = "Flag" },
            Trainer = (context, options) => context.BinaryClassification.Trainers.RecurrentNetwork(options),
        };

    private static TrainerContract Multiclass(string name, string features, NaNRule rule) =>
        new TrainerContract<RecurrentMulticlassTrainer.Options, RecurrentMulticlassTransformer>
        {
            Name = name,
            Features = features,
            Columns = Sequence<RecurrentMulticlassTrainer.Options>(),
            NaN = rule,
            OneLabel = row => row.Class = "red",
            MissingLabel = row => row.Class = "unseen",
            Label = "ClassKey",
            Options = () => new() { FeatureColumnName = features, LabelColumnName = "ClassKey" },
            Trainer = (context, options) => context.MulticlassClassification.Trainers.RecurrentNetwork(options),
        };

    private static TrainerContract Autoencoder(string name, string features) =>
        new TrainerContract<RecurrentAutoencoderTrainer.Options, RecurrentAutoencoderTransformer>
        {
            Name = name,
            Features = features,
            Columns = Roles<RecurrentAutoencoderTrainer.Options>(("feature", (options, name) => options.InputColumnName = name),
                ("example weight", (options, name) => options.ExampleWeightColumnName = name)),
            NaN = NaNRule.Refused,
            OneLabel = row => (row.Fixed, row.Numbers) = ([3, 3, 3, 3, 3], [.. row.Numbers.Select(_ => 3f)]),
            Learned = "Reconstruction",
            WarnsOfOneLabel = false,
            Options = () => new() { InputColumnName = features, Latent = { Size = 3 } },
            Trainer = (context, options) => context.Transforms.EncodeBySequenceAutoencoder(options),
        };

    private static TrainerContract Tagging(string name, string features, NaNRule rule, bool crf) =>
        new TrainerContract<RecurrentTaggingTrainer.Options, RecurrentTaggingTransformer>
        {
            Name = name,
            Features = features,
            Columns = Sequence<RecurrentTaggingTrainer.Options>(),
            NaN = rule,
            OneLabel = row => row.Tags = [.. row.Tags.Select(_ => "O")],
            MissingLabel = row => row.Tags = [.. row.Tags.Select(_ => "unseen")],
            RefusesMissingLabels = false,
            RefusesStatics = true,
            Label = "TagKeys",
            Options = () => new()
            {
                FeatureColumnName = features,
                LabelColumnName = "TagKeys",
                Features = { EmbeddingSize = 5 },
                Tags = { UseConditionalRandomField = crf },
            },
            Trainer = (context, options) => context.MulticlassClassification.Trainers.SequenceTagging(options),
        };

    private static IReadOnlyDictionary<string, Action<RecurrentTrainerOptions, string>> Sequence<TOptions>() where TOptions : SequenceTrainerOptions =>
        Roles<TOptions>(("label", (options, name) => options.LabelColumnName = name), ("feature", (options, name) => options.FeatureColumnName = name),
            ("example weight", (options, name) => options.ExampleWeightColumnName = name),
            ("static", (options, name) => options.Features.StaticColumnNames = [name]));

    private static IReadOnlyDictionary<string, Action<RecurrentTrainerOptions, string>> Roles<TOptions>(
        params (string Role, Action<TOptions, string> Set)[] roles) where TOptions : RecurrentTrainerOptions =>
        roles.ToDictionary(role => role.Role, role => (Action<RecurrentTrainerOptions, string>)((options, name) => role.Set((TOptions)options, name)));
}
