namespace Microsoft.ML.Recurrent.Forecasting.Evaluation.Smoothing;

/// <summary>The recursion of exponential smoothing: one-step errors, states, forecasts (Hyndman et al. 2008, table 2.1).</summary>
internal static class SmoothingRecursion
{
    /// <summary>Runs through a series and updates the state to its end.</summary>
    /// <param name="form">The form.</param>
    /// <param name="parameters">Its parameters.</param>
    /// <param name="series">The series.</param>
    /// <param name="state">The state before the series; receives the state after it.</param>
    /// <param name="criterion">The criterion to minimize: minus twice the log-likelihood divided by the number of values, up to a constant. For additive
    /// errors: the logarithm of their sum of squares. For multiplicative errors: that of the relative errors, plus twice the mean logarithm of the
    /// forecasts.</param>
    /// <returns>False if a multiplicative form has a nonpositive forecast.</returns>
    public static bool Run(SmoothingForm form, in SmoothingParameters parameters, ReadOnlySpan<double> series, ref SmoothingState state, out double criterion)
    {
        criterion = form.Season is SmoothingComponent.Multiplicative ? RunFactors(parameters, series, ref state) : RunSums(form, parameters, series, ref state);
        return !double.IsNaN(criterion);
    }

    /// <summary>Forecasts the steps after the state.</summary>
    public static void Forecast(SmoothingForm form, in SmoothingParameters parameters, ref readonly SmoothingState state, Span<double> forecast)
    {
        var (trend, damping) = (0.0, 1.0);
        for (var step = 0; step < forecast.Length; step++)
        {
            damping *= parameters.Phi;
            trend += damping;
            var (value, season) = (state.Level + trend * state.Slope, state.Season[(state.Place + step) % state.Season.Length]);
            forecast[step] = form.Season is SmoothingComponent.Multiplicative ? value * season : value + season;
        }
    }

    private static double RunSums(SmoothingForm form, in SmoothingParameters parameters, ReadOnlySpan<double> series, ref SmoothingState state)
    {
        var (alpha, beta, gamma, phi) = (parameters.Alpha, parameters.Beta, parameters.Gamma, parameters.Phi);
        var (level, slope, place) = (state.Level, state.Slope, state.Place);
        var seasons = state.Season;
        var relative = form.Error is SmoothingComponent.Multiplicative;
        var (squares, logarithms) = (0.0, new LogarithmSum());
        foreach (var value in series)
        {
            var growth = phi * slope;
            var (before, season) = (level + growth, seasons[place]);
            var forecast = before + season;
            var error = value - forecast;
            level = before + alpha * error;
            slope = growth + beta * error;
            seasons[place] = season + gamma * error;
            if (++place == seasons.Length) place = 0;
            if (relative)
            {
                if (!(forecast > 0)) return double.NaN;
                error /= forecast;
                logarithms.Add(forecast);
            }
            squares += error * error;
        }
        (state.Level, state.Slope, state.Place) = (level, slope, place);
        return Math.Log(squares) + 2 * logarithms.Total / series.Length;
    }

    private static double RunFactors(in SmoothingParameters parameters, ReadOnlySpan<double> series, ref SmoothingState state)
    {
        var (alpha, beta, gamma, phi) = (parameters.Alpha, parameters.Beta, parameters.Gamma, parameters.Phi);
        var (level, slope, place) = (state.Level, state.Slope, state.Place);
        var seasons = state.Season;
        var (squares, logarithms) = (0.0, new LogarithmSum());
        foreach (var value in series)
        {
            var growth = phi * slope;
            var (before, season) = (level + growth, seasons[place]);
            if (!(before > 0 && season > 0)) return double.NaN;
            var forecast = before * season;
            var relative = (value - forecast) / forecast;
            // (value - forecast) / season and / before, without two more divisions.
            level = before + alpha * relative * before;
            slope = growth + beta * relative * before;
            seasons[place] = season + gamma * relative * season;
            if (++place == seasons.Length) place = 0;
            logarithms.Add(forecast);
            squares += relative * relative;
        }
        (state.Level, state.Slope, state.Place) = (level, slope, place);
        return Math.Log(squares) + 2 * logarithms.Total / series.Length;
    }

    /// <summary>Sums logarithms by a product: the logarithm is taken only when the product nears overflow or underflow.</summary>
    private struct LogarithmSum()
    {
        private double _product = 1, _sum;

        public readonly double Total => _sum + Math.Log(_product);

        public void Add(double value)
        {
            _product *= value;
            if (_product is > 1e-100 and < 1e100) return;
            _sum += Math.Log(_product);
            _product = 1;
        }
    }
}
