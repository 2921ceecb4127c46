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
            ("hidden 32", static options => options.HiddenSize = 32),
            ("level kept", static options => options.WindowNormalization = WindowNormalization.None),
            ("day of the year, hidden 32", static options => (options.CalendarFeatures, options.HiddenSize) = (CalendarFeatures.DayOfYear, 32)),
            ("day of the year", static options => options.CalendarFeatures = CalendarFeatures.DayOfYear),
            ("day of the year, squared error",
                static options => (options.CalendarFeatures, options.Loss) = (CalendarFeatures.DayOfYear, RegressionLoss.SquaredError)),
            ("day of the year, hidden 32, squared error",
                static options => (options.CalendarFeatures, options.HiddenSize, options.Loss) = (CalendarFeatures.DayOfYear, 32, RegressionLoss.SquaredError)),
            ("level kept, day of the year",
                static options => (options.WindowNormalization, options.CalendarFeatures) = (WindowNormalization.None, CalendarFeatures.DayOfYear)),
            ("level kept, day of the year, hidden 32", static options =>
                (options.WindowNormalization, options.CalendarFeatures, options.HiddenSize) = (WindowNormalization.None, CalendarFeatures.DayOfYear, 32))),
        // The absolute error is what is measured; an epoch is long.
        .. Of("metr_la_week",
            ("patience 3", static options => options.EarlyStoppingPatience = 3),
            ("defaults", static _ => { }),
            ("absolute error, patience 3", static options => (options.Loss, options.EarlyStoppingPatience) = (RegressionLoss.AbsoluteError, 3)),
            ("absolute error", static options => options.Loss = RegressionLoss.AbsoluteError),
            ("absolute error, patience 3, scaled by sensor",
                static options => (options.Loss, options.EarlyStoppingPatience, options.NormalizationScope, options.WindowNormalization) =
                (RegressionLoss.AbsoluteError, 3, NormalizationScope.Series, WindowNormalization.Standard)),
            ("absolute error, patience 3, scaled by sensor, robust",
                static options => (options.Loss, options.EarlyStoppingPatience, options.NormalizationScope, options.WindowNormalization) =
                (RegressionLoss.AbsoluteError, 3, NormalizationScope.Series, WindowNormalization.Robust))),
        // Dust is never less than nothing, and its days differ by factors; an epoch is long.
        .. Of("beijing_pm25",
            ("patience 3", static options => options.EarlyStoppingPatience = 3),
            ("defaults", static _ => { }),
            ("logarithms, patience 3", static options => (options.TargetTransform, options.EarlyStoppingPatience) = (TargetTransform.Log1p, 3)),
            ("logarithms", static options => options.TargetTransform = TargetTransform.Log1p),
            ("absolute error, patience 3", static options => (options.Loss, options.EarlyStoppingPatience) = (RegressionLoss.AbsoluteError, 3)),
            ("logarithms, absolute error, patience 3", static options =>
                (options.TargetTransform, options.Loss, options.EarlyStoppingPatience) = (TargetTransform.Log1p, RegressionLoss.AbsoluteError, 3))),
        // Passengers multiply, and a year is their season; so few months are all learned from, for a fixed number of epochs.
        .. Of("airline_passengers",
            ("defaults", static _ => { }),
            ("logarithms", static options => options.TargetTransform = TargetTransform.Log),
            ("logarithms, a year's season", Year),
            ("the same, without validation", static options => { Year(options); options.ValidationFraction = 0; }),
            ("the same, hidden 32", Small),
            ("the same, squared error", static options => { Small(options); options.Loss = RegressionLoss.SquaredError; }),
            ("hidden 32, no averaging", static options => { Small(options); options.EmaDecay = null; }),
            ("hidden 32, squared error, no averaging",
                static options => { Small(options); (options.Loss, options.EmaDecay) = (RegressionLoss.SquaredError, null); }),
            ("hidden 32, no linear path", static options => { Small(options); options.LinearSkip = false; }),
            ("hidden 32, no linear path, squared error",
                static options => { Small(options); (options.LinearSkip, options.Loss) = (false, RegressionLoss.SquaredError); }),
            ("hidden 32, no linear path, no averaging", static options => { Small(options); (options.LinearSkip, options.EmaDecay) = (false, null); }),
            ("hidden 32, no linear path, squared error, no averaging",
                static options => { Small(options); (options.LinearSkip, options.Loss, options.EmaDecay) = (false, RegressionLoss.SquaredError, null); })),
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

    private static void Year(RecurrentForecastingEstimator.Options options) => (options.TargetTransform, options.SeasonLength) = (TargetTransform.Log, 12);

    private static void Small(RecurrentForecastingEstimator.Options options)
    {
        Year(options);
        (options.ValidationFraction, options.HiddenSize) = (0, 32);
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
