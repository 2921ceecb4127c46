namespace Microsoft.ML.Recurrent.Benchmarks.Defaults;

/// <summary>A choice of options that is to be measured.</summary>
/// <param name="Name">What it is called in the results.</param>
/// <param name="Apply">Sets its options, over those that were the defaults when the comparison began.</param>
internal sealed record Candidate(string Name, Action<RecurrentForecastingEstimator.Options> Apply)
{
    /// <summary>What takes something away from the defaults: a tie is enough for it.</summary>
    public bool IsSimpler { get; init; }

    /// <summary>What is wanted as a default wherever there is a time column, if it costs neither accuracy nor much time.</summary>
    public bool IsWanted { get; init; }

    /// <summary>Whether it changes anything on a set.</summary>
    public Func<SelectionSet, bool> Applies { get; init; } = static _ => true;
}

/// <summary>The defaults as they were on 2026-11-21, before the comparison, and what is measured against them, one option at a time.</summary>
internal static class Candidates
{
    /// <summary>The name of the defaults as they were.</summary>
    public const string Present = "present";

    /// <summary>
    /// The absolute error where the series' spreads differ more than tenfold, as windows are normalised by the same; else Huber's loss. It came to the list
    /// after the second round: see docs/research/defaults.md.
    /// </summary>
    private const string LossBySpreads = "Loss by the series' spreads";

    private static readonly string[] s_timeless = ["m4_hourly", "metr_la_week", "exchange_rate"];

    /// <summary>All of the first round, those that are likely to matter first.</summary>
    public static Candidate[] FirstRound { get; } =
    [
        new(Present, static _ => { }),
        new("LinearSkip off", static options => options.Decoding.LinearSkip = false) { IsSimpler = true },
        new("Loss AbsoluteError", static options => options.Likelihood = ForecastLikelihood.Point(RegressionLoss.AbsoluteError)),
        new(LossBySpreads, static options => options.Likelihood = ForecastLikelihood.Point(null)) { Applies = static set => set.Name == "m4_hourly" },
        new("Loss SquaredError", static options => options.Likelihood = ForecastLikelihood.Point(RegressionLoss.SquaredError)) { IsSimpler = true },
        new("SeasonLength 0", static options => options.Normalization.SeasonLength = 0) { IsSimpler = true },
        new("CalendarFeatures Auto", static options => options.Series.CalendarFeatures = CalendarFeatures.Auto) { IsWanted = true, Applies = HasTimes },
        new("Lags of the frequency", static options => options.Input.Features.Lags = null) { IsWanted = true, Applies = HasTimes },
        new("WindowNormalization Standard",
            static options => options.Normalization.Window = WindowNormalization.Standard) { Applies = static set => set.Name != "m4_hourly" },
        new("LearningRate 0.001", static options => options.Optimizer.LearningRate = 1e-3f),
        // Came to be while the list was run, and is tried from then on.
        new("ShrinkTowardNaive", static options => options.Decoding.ShrinkTowardNaive = true),
        new("EmaDecay off", static options => options.Optimizer.EmaDecay = 0) { IsSimpler = true },
        new("EmaDecay 0.99", static options => options.Optimizer.EmaDecay = 0.99f),
        new("EarlyStoppingPatience 5", static options => options.Stopping.Patience = 5),
        new("HiddenSize 32", static options => options.Network.HiddenSize = 32),
        new("Cell Gru", static options => options.Network.Cell = RecurrentCell.Gru),
        new("DropoutRate 0.1", static options => options.Network.Regularization.DropoutRate = 0.1f),
        new("LearningRate 0.004", static options => options.Optimizer.LearningRate = 4e-3f),
        new("WindowNormalization LastValue",
            static options => options.Normalization.Window = WindowNormalization.LastValue) { Applies = static set => set.Name == "m4_hourly" },
        new("WindowNormalization Robust", static options => options.Normalization.Window = WindowNormalization.Robust),
        new("WindowNormalization Mean", static options => options.Normalization.Window = WindowNormalization.Mean),
        new("WindowNormalization None", static options => options.Normalization.Window = WindowNormalization.None),
        new("BatchSize 32", static options => options.Optimizer.BatchSize = 32),
        new("BatchSize 128", static options => options.Optimizer.BatchSize = 128),
        new("ValidationFraction 0.2", static options => options.Stopping.ValidationFraction = 0.2f),
        new("NumberOfLayers 2", static options => options.Network.NumberOfLayers = 2),
        new("HiddenSize 128", static options => options.Network.HiddenSize = 128),
    ];

    /// <summary>The seeds of the second round, which the first one has not seen.</summary>
    public static int[] FreshSeeds { get; } = [5, 6];

    /// <summary>All of the second round: what went on, together; then, if that fails, what went on as better, alone.</summary>
    public static Candidate[] SecondRound { get; } =
    [
        new(Present, static _ => { }),
        new("all that went on", static options => { SetChosen(options); options.Likelihood = ForecastLikelihood.Point(RegressionLoss.AbsoluteError); }),
        new("the better ones alone", static options => options.Likelihood = ForecastLikelihood.Point(RegressionLoss.AbsoluteError)),
    ];

    /// <summary>The seeds of the third round.</summary>
    public static int[] LastSeeds { get; } = [7, 8];

    /// <summary>The third round: what went on, with the loss by the series' spreads in the place of the absolute error.</summary>
    public static Candidate[] ThirdRound { get; } =
    [
        new(Present, static _ => { }),
        new("all that went on, " + LossBySpreads, static options => SetChosen(options)),
    ];

    /// <summary>The seeds of the fourth round.</summary>
    public static int[] StretchSeeds { get; } = [9, 10];

    /// <summary>The fourth round: the defaults of the third, trained on windows and on stretches.</summary>
    public static Candidate[] FourthRound { get; } =
    [
        new(Present, static options => SetChosen(options)),
        new("Stretches", static options => { SetChosen(options); options.Decoding.TrainingScheme = TrainingScheme.Stretches; }),
    ];

    /// <summary>Sets every option that is compared as it was, so that the comparison can be repeated whatever the defaults are by then.</summary>
    public static void SetPresent(RecurrentForecastingEstimator.Options options)
    {
        options.Network.Cell = RecurrentCell.Lstm;
        options.Network.HiddenSize = 64;
        options.Network.NumberOfLayers = 1;
        options.Network.Regularization.DropoutRate = 0;
        options.Optimizer.BatchSize = null;
        options.Optimizer.LearningRate = 2e-3f;
        options.Stopping.ValidationFraction = 0.1f;
        options.Stopping.Patience = 10;
        options.Stopping.MaximumNumberOfEpochs = 50;
        options.Likelihood = ForecastLikelihood.Point(RegressionLoss.Huber);
        options.Optimizer.EmaDecay = 0.999f;
        options.Decoding.LinearSkip = true;
        options.Normalization.SeasonLength = null;
        options.Normalization.Window = null;
        options.Series.CalendarFeatures = CalendarFeatures.None;
        options.Input.Features.Lags = [];
        options.Decoding.ShrinkTowardNaive = false;
        options.Decoding.TrainingScheme = TrainingScheme.Windows;
    }

    /// <summary>Sets what the comparison came to: the defaults since.</summary>
    public static void SetChosen(RecurrentForecastingEstimator.Options options)
    {
        SetPresent(options);
        (options.Likelihood, options.Normalization.SeasonLength, options.Stopping.Patience) = (ForecastLikelihood.Point(null), 0, 5);
        options.Input.Features.Lags = null;
    }

    private static bool HasTimes(SelectionSet set) => !s_timeless.Contains(set.Name);
}
