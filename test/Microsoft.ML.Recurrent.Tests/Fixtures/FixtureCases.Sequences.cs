namespace Microsoft.ML.Recurrent.Tests.Fixtures;

/// <content>Sequences of numbers: the tasks, the cells and the layers.</content>
internal static partial class FixtureCases
{
    /// <summary>The step of the optimizer after which that run was cancelled: of six steps an epoch, in the third.</summary>
    public const int StepOfCheckpoint = 15;

    /// <summary>The trainer of the run whose checkpoint is kept.</summary>
    public static RecurrentRegressionTrainer.Options Checkpointed => new()
    {
        Network = { HiddenSize = 6, Regularization = { DropoutRate = 0.2f, Augmentation = new SequenceAugmentation { Jitter = 0.05f } } },
        Stopping = { MaximumNumberOfEpochs = 6 },
        Seed = 5,
        NumberOfThreads = 1,
        Optimizer =
        {
            Kind = OptimizerKind.AdamW, WeightDecay = 0.01f, EmaDecay = 0.9f, Gradients = { AccumulationSteps = 2 },
            LearningRateSchedule = LearningRateSchedule.OneCycle(),
        },
        Logging = { EverySteps = 1 },
    };

    private static IEnumerable<FixtureCase> Sequences()
    {
        yield return new FixtureCase<SequenceRow>("regression", ["Score"], FixtureData.Sequences(120, 1), FixtureData.Sequences(20, 2),
            (context, initial) => context.Regression.Trainers.RecurrentNetwork(Small(new RecurrentRegressionTrainer.Options
            {
                Network =
                {
                    Bidirectional = true, NumberOfLayers = 2, ResidualConnections = true, Regularization = { DropoutRate = 0.1f },
                    Pooling = SequencePooling.Max, LayerNormalization = LayerNormalizationPlace.BetweenLayers,
                },
                ExampleWeightColumnName = "Weight",
            }, initial)));

        yield return new FixtureCase<TableRow>("binary", ["Score", "Probability", "PredictedLabel"], FixtureData.Tables(120, 1), FixtureData.Tables(12, 2),
            (context, initial) => context.BinaryClassification.Trainers.RecurrentNetwork(Small(new RecurrentBinaryTrainer.Options
            {
                LabelColumnName = "Flag",
                Network = { Cell = RecurrentCell.SimpleRnn, Activation = RecurrentActivation.Relu, Pooling = SequencePooling.Mean },
                Loss = { WeightOfPositiveExamples = 2 },
            }, initial)));

        yield return new FixtureCase<TableRow>("multiclass-statics", ["Score", "PredictedLabel"], FixtureData.Tables(120, 3), FixtureData.Tables(12, 4),
            (context, initial) => context.Transforms.Conversion.MapValueToKey("Key", "Class").Append(context.MulticlassClassification.Trainers.RecurrentNetwork(
                Small(new RecurrentMulticlassTrainer.Options
                {
                    LabelColumnName = "Key",
                    Features = { StaticColumnNames = ["Statics"] },
                    Network = { Cell = RecurrentCell.Gru },
                    Loss = { LabelSmoothing = 0.1f },
                }, initial))));

        yield return Regression("attention-pooling", () => SequenceNetwork.Create()
            .Convolution(4, 3, padding: ConvolutionPadding.Causal).Lstm(6).Attention(AttentionForm.Additive, units: 4));

        yield return Regression("gru-reset-before", () => SequenceNetwork.Create()
            .Gru(6, new RecurrentLayerOptions { ResetAfter = false, Bidirectional = true }).Dense(4));

        yield return Regression("zoneout", () => SequenceNetwork.Create()
            .Lstm(6, new RecurrentLayerOptions { ZoneoutHidden = 0.1f, ZoneoutCell = 0.3f, LayerNormalization = true })
            .Gru(4, new RecurrentLayerOptions { ZoneoutHidden = 0.1f }));

        yield return Regression("layers", () => SequenceNetwork.Create()
            .Lstm(6, new RecurrentLayerOptions { Projection = 4, Dilation = 2 }).LayerNorm().SelfAttention(2, causal: true).Activation(DenseActivation.Gelu)
            .SimpleRnn(4, new RecurrentLayerOptions { Bidirectional = true, Merge = BidirectionalMerge.Sum, Residual = true }).Dropout(0.1f)
            .Dense(5, DenseActivation.Silu).Pool(SequencePooling.Mean));

        // Its means and deviations are those of the batches that were seen last.
        yield return Regression("batch-norm", () => SequenceNetwork.Create().Gru(5).BatchNorm().Pool(SequencePooling.Last), keepsAnswers: false);
    }

    private static FixtureCase<TableRow> Regression(string name, Func<SequenceNetwork> network, bool keepsAnswers = true) =>
        new(name, ["Score"], FixtureData.Tables(100, 5), FixtureData.Tables(12, 6), (context, initial) => context.Regression.Trainers.RecurrentNetwork(
            Small(new RecurrentRegressionTrainer.Options { LabelColumnName = "Number", Network = { Custom = initial is null ? network() : null } }, initial)))
        {
            KeepsAnswers = keepsAnswers,
        };
}
