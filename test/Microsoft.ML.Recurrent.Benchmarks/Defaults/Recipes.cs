namespace Microsoft.ML.Recurrent.Benchmarks.Defaults;

/// <summary>
/// What the samples may add to the defaults, from what is known of a set before any figure is: by set, from cheap and simple to dear and elaborate, the
/// defaults among them.
/// </summary>
internal static class Recipes
{
    /// <summary>The seeds that recipes are run with.</summary>
    public static int[] Seeds { get; } = [1, 2, 3];

    /// <summary>All of them, set by set.</summary>
    public static Candidate[] All { get; } =
    [
        // Temperatures keep their level, and a year has its course.
        .. Of("daily_min_temperature",
            ("defaults", static _ => { }),
            ("hidden 32", static options => options.Network.HiddenSize = 32),
            ("level kept", static options => options.Normalization.Window = WindowNormalization.None),
            ("day of the year, hidden 32", static options => (options.Series.CalendarFeatures, options.Network.HiddenSize) = (CalendarFeatures.DayOfYear, 32)),
            ("day of the year", static options => options.Series.CalendarFeatures = CalendarFeatures.DayOfYear),
            ("day of the year, squared error",
                static options => (options.Series.CalendarFeatures, options.Likelihood) =
                    (CalendarFeatures.DayOfYear, ForecastLikelihood.Point(RegressionLoss.SquaredError))),
            ("day of the year, hidden 32, squared error",
                static options => (options.Series.CalendarFeatures, options.Network.HiddenSize, options.Likelihood) =
                    (CalendarFeatures.DayOfYear, 32, ForecastLikelihood.Point(RegressionLoss.SquaredError))),
            ("level kept, day of the year",
                static options => (options.Normalization.Window, options.Series.CalendarFeatures) = (WindowNormalization.None, CalendarFeatures.DayOfYear)),
            ("level kept, day of the year, hidden 32", static options =>
                (options.Normalization.Window, options.Series.CalendarFeatures, options.Network.HiddenSize) =
                    (WindowNormalization.None, CalendarFeatures.DayOfYear, 32))),
        // The absolute error is what is measured; an epoch is long.
        .. Of("metr_la_week",
            ("patience 3", static options => options.Stopping.Patience = 3),
            ("defaults", static _ => { }),
            ("absolute error, patience 3",
                static options => (options.Likelihood, options.Stopping.Patience) = (ForecastLikelihood.Point(RegressionLoss.AbsoluteError), 3)),
            ("absolute error", static options => options.Likelihood = ForecastLikelihood.Point(RegressionLoss.AbsoluteError)),
            ("absolute error, patience 3, scaled by sensor",
                static options => (options.Likelihood, options.Stopping.Patience, options.Normalization.Scope, options.Normalization.Window) =
                (ForecastLikelihood.Point(RegressionLoss.AbsoluteError), 3, NormalizationScope.Series, WindowNormalization.Standard)),
            ("absolute error, patience 3, scaled by sensor, robust",
                static options => (options.Likelihood, options.Stopping.Patience, options.Normalization.Scope, options.Normalization.Window) =
                (ForecastLikelihood.Point(RegressionLoss.AbsoluteError), 3, NormalizationScope.Series, WindowNormalization.Robust))),
        // Dust is never less than nothing, and its days differ by factors; an epoch is long.
        .. Of("beijing_pm25",
            ("patience 3", static options => options.Stopping.Patience = 3),
            ("defaults", static _ => { }),
            ("logarithms, patience 3", static options => (options.Normalization.TargetTransform, options.Stopping.Patience) = (TargetTransform.Log1p, 3)),
            ("logarithms", static options => options.Normalization.TargetTransform = TargetTransform.Log1p),
            ("absolute error, patience 3",
                static options => (options.Likelihood, options.Stopping.Patience) = (ForecastLikelihood.Point(RegressionLoss.AbsoluteError), 3)),
            ("logarithms, absolute error, patience 3", static options =>
                (options.Normalization.TargetTransform, options.Likelihood, options.Stopping.Patience) =
                    (TargetTransform.Log1p, ForecastLikelihood.Point(RegressionLoss.AbsoluteError), 3))),
        // Passengers multiply, and a year is their season; so few months are all learned from, for a fixed number of epochs.
        .. Of("airline_passengers",
            ("defaults", static _ => { }),
            ("logarithms", static options => options.Normalization.TargetTransform = TargetTransform.Log),
            ("logarithms, a year's season", Year),
            ("the same, without validation", static options => { Year(options); options.Stopping.ValidationFraction = 0; }),
            ("the same, hidden 32", Small),
            ("the same, squared error", static options => { Small(options); options.Likelihood = ForecastLikelihood.Point(RegressionLoss.SquaredError); }),
            ("hidden 32, no averaging", static options => { Small(options); options.Optimizer.EmaDecay = 0; }),
            ("hidden 32, squared error, no averaging",
                static options => { Small(options); (options.Likelihood, options.Optimizer.EmaDecay) =
                    (ForecastLikelihood.Point(RegressionLoss.SquaredError), 0); }),
            ("hidden 32, no linear path", static options => { Small(options); options.Decoding.LinearSkip = false; }),
            ("hidden 32, no linear path, squared error",
                static options => { Small(options); (options.Decoding.LinearSkip, options.Likelihood) =
                    (false, ForecastLikelihood.Point(RegressionLoss.SquaredError)); }),
            ("hidden 32, no linear path, no averaging",
                static options => { Small(options); (options.Decoding.LinearSkip, options.Optimizer.EmaDecay) = (false, 0); }),
            ("hidden 32, no linear path, squared error, no averaging",
                static options => { Small(options); (options.Decoding.LinearSkip, options.Likelihood, options.Optimizer.EmaDecay) =
                    (false, ForecastLikelihood.Point(RegressionLoss.SquaredError), 0); })),
    ];

    /// <summary>
    /// Mean error, its standard error, and which recipe is the sample's, by the rule of docs/research/defaults.md; nothing of sets that were not run.
    /// </summary>
    public static IEnumerable<(string Set, string Recipe, double Mean, double Error, double Seconds, bool IsTaken)> Choose(
        IReadOnlyList<SelectionResult> results)
    {
        foreach (var set in All.Select(SetOf).Distinct())
        {
            var rows = All.Where(recipe => SetOf(recipe) == set)
                .Select(recipe => (recipe.Name, Own: results.Where(result => result.Candidate == recipe.Name && Seeds.Contains(result.Seed)).ToArray()))
                .Where(row => row.Own.Length == Seeds.Length)
                .Select(row => (row.Name, Mean: row.Own.Average(result => result.Error), Error: StandardError(row.Own),
                    Seconds: row.Own.Average(result => result.Seconds))).ToArray();
            if (rows.Length == 0) continue;
            var best = rows.MinBy(row => row.Mean);
            var taken = rows.First(row => row.Mean - best.Mean <= (row.Name == best.Name ? 0 : Math.Sqrt(row.Error * row.Error + best.Error * best.Error)));
            foreach (var row in rows) yield return (set, row.Name[(set.Length + 2)..], row.Mean, row.Error, row.Seconds, row.Name == taken.Name);
        }
    }

    private static void Year(RecurrentForecastingEstimator.Options options) =>
        (options.Normalization.TargetTransform, options.Normalization.SeasonLength) = (TargetTransform.Log, 12);

    private static void Small(RecurrentForecastingEstimator.Options options)
    {
        Year(options);
        (options.Stopping.ValidationFraction, options.Network.HiddenSize) = (0, 32);
    }

    private static double StandardError(SelectionResult[] results)
    {
        var mean = results.Average(result => result.Error);
        return Math.Sqrt(results.Sum(result => (result.Error - mean) * (result.Error - mean)) / (results.Length - 1) / results.Length);
    }

    private static string SetOf(Candidate recipe) => recipe.Name[..recipe.Name.IndexOf(':', StringComparison.Ordinal)];

    private static IEnumerable<Candidate> Of(string set, params (string Name, Action<RecurrentForecastingEstimator.Options> Apply)[] recipes) =>
        recipes.Select(recipe => new Candidate($"{set}: {recipe.Name}", options =>
    {
        Candidates.SetChosen(options);
        recipe.Apply(options);
    })
        { Applies = one => one.Name == set });
}
