namespace Microsoft.ML.Recurrent.Forecasting.Evaluation.Smoothing;

/// <summary>Fits exponential smoothing models to a series by maximum likelihood, and chooses among them by AICc.</summary>
internal static class SmoothingFit
{
    /// <summary>The longest season modeled by states, as in R's ets: a longer one has too many to estimate.</summary>
    public const int MaximumPeriod = 24;

    /// <summary>Optimizer steps from each starting point, before continuing with the best.</summary>
    private const int StepsPerGuess = 2;

    // Errors of the size of rounding, relative to values of about 1, count as zero.
    private const double Rounding = 1e-14;

    // Starting points: alpha, and beta and gamma as shares of their ranges. First that of R's ets (alpha is 0.2 / period), then those of more volatile series,
    // since the likelihood has several maxima.
    private static readonly (double Alpha, double Beta, double Gamma)[] s_guesses = [(double.NaN, 0.1, 0.05), (0.1, 0.1, 0.1), (0.6, 0.1, 0.05)];

    /// <summary>Fits each form that applies to a series and selects the one with the lowest AICc.</summary>
    /// <param name="series">At least one finite value.</param>
    /// <param name="period">Season length in steps, at most <see cref="MaximumPeriod"/>; 1 for none.</param>
    public static SmoothingModel Choose(ReadOnlySpan<double> series, int period)
    {
        if (IsConstant(series)) return SmoothingModel.LastValue(series);
        var isPositive = true;
        foreach (var value in series) isPositive &= value > 0;
        SmoothingModel? best = null;
        foreach (var form in SmoothingForm.All)
        {
            if (form.NeedsPositiveValues && !isPositive || form.HasSeason && (period <= 1 || series.Length <= period)) continue;
            if (TryFit(form, series, period, best?.CorrectedAic ?? double.PositiveInfinity) is { } model && !(model.CorrectedAic >= best?.CorrectedAic))
                best = model;
        }
        return best ?? SmoothingModel.LastValue(series);
    }

    /// <summary>Fits a nonseasonal form. If the series is too short for the trend, the simple form; if it is too short for that, the last value.</summary>
    /// <param name="form">The form.</param>
    /// <param name="series">At least one finite value.</param>
    public static SmoothingModel Fit(SmoothingForm form, ReadOnlySpan<double> series) =>
        IsConstant(series)
            ? SmoothingModel.LastValue(series)
            : TryFit(form, series, 1) ?? TryFit(SmoothingForm.Simple, series, 1) ?? SmoothingModel.LastValue(series);

    /// <summary>Fits one form.</summary>
    /// <param name="form">The form.</param>
    /// <param name="series">Finite values.</param>
    /// <param name="period">Season length in steps.</param>
    /// <param name="ceiling">An AICc that the model has to be below to be of use: the search ends early where it will not come there.</param>
    /// <returns>The model; null if the series does not have more values than the model has parameters, or if a multiplicative model has nonpositive forecasts
    /// at a starting point.</returns>
    public static SmoothingModel? TryFit(SmoothingForm form, ReadOnlySpan<double> series, int period, double ceiling = double.PositiveInfinity)
    {
        var layout = new SmoothingLayout(form, period);
        // One more parameter: the error variance.
        var parameters = layout.Count + 1;
        if (series.Length <= parameters + 1) return null;

        var exponent = Exponent(series);
        var scaled = new double[series.Length];
        for (var i = 0; i < scaled.Length; i++) scaled[i] = Math.ScaleB(series[i], -exponent);
        // AICc is this times the criterion, plus the rest.
        var (factor, rest) = ((double)series.Length, 2.0 * series.Length * (exponent * Math.Log(2) + parameters / (series.Length - parameters - 1.0)));
        var floor = Math.Log(scaled.Length) + 2 * Math.Log(Rounding);
        var optimizer = new SmoothingOptimizer(layout, scaled, floor);
        if (Guess(layout, optimizer, scaled) is not { } vector) return null;
        var criterion = Math.Max(optimizer.Minimize(vector, ceiling: (ceiling - rest) / factor), floor);
        return new(form, layout.Read(vector, new double[layout.Period]).Scale(form, exponent), factor * criterion + rest);
    }

    private static double[]? Guess(SmoothingLayout layout, SmoothingOptimizer optimizer, ReadOnlySpan<double> series)
    {
        double[]? best = null;
        var least = double.PositiveInfinity;
        var start = new SmoothingParameters();
        SmoothingStart.SetStates(layout.Form, layout.Period, series, ref start);
        foreach (var (alpha, beta, gamma) in s_guesses)
        {
            start.Alpha = double.IsNaN(alpha) ? 0.2 / layout.Period : alpha;
            (start.Beta, start.Gamma, start.Phi) = (beta * start.Alpha, gamma * (1 - start.Alpha), SmoothingLayout.MostDamping - 0.005);
            var vector = new double[layout.Count];
            layout.Write(start, vector);
            var criterion = optimizer.Minimize(vector, StepsPerGuess);
            if (criterion < least) (least, best) = (criterion, vector);
        }
        return best;
    }

    private static bool IsConstant(ReadOnlySpan<double> series) => !series.ContainsAnyExcept(series[0]);

    /// <summary>The power of two that scales the largest value to about 1: squares then neither overflow nor underflow, and scaling is exact.</summary>
    private static int Exponent(ReadOnlySpan<double> series)
    {
        var greatest = 0.0;
        foreach (var value in series) greatest = Math.Max(greatest, Math.Abs(value));
        return greatest > 0 ? Math.ILogB(greatest) : 0;
    }
}
