namespace Microsoft.ML.Recurrent.Forecasting.Evaluation.Smoothing;

/// <summary>
/// The parameter vector of a form for the optimizer: alpha, beta, gamma, phi, level, slope and all seasonal states but the last, if the form has them. Beta and
/// gamma are relative to their bounds (the upper ones depend on alpha), so that the bounds form a box: those of R's forecast, [0.0001, 0.9999] for weights,
/// [0.8, 0.98] for the damping.
/// </summary>
internal sealed class SmoothingLayout
{
    public const double MinimumWeight = 1e-4, MostWeight = 1 - MinimumWeight, MinimumDamping = 0.8, MostDamping = 0.98;

    public SmoothingLayout(SmoothingForm form, int period)
    {
        (Form, Period) = (form, form.HasSeason ? period : 1);
        var count = 1;
        Beta = form.HasTrend ? count++ : -1;
        Gamma = form.HasSeason ? count++ : -1;
        Phi = form.IsDamped ? count++ : -1;
        Level = count++;
        Slope = form.HasTrend ? count++ : -1;
        Season = count;
        Count = count + Period - 1;
        (Lower, Upper) = (new double[Count], new double[Count]);
        Lower.AsSpan().Fill(double.NegativeInfinity);
        Upper.AsSpan().Fill(double.PositiveInfinity);
        (Lower[Alpha], Upper[Alpha]) = (MinimumWeight, MostWeight);
        if (form.HasTrend) (Lower[Beta], Upper[Beta]) = (0, 1);
        if (form.HasSeason) (Lower[Gamma], Upper[Gamma]) = (0, 1);
        if (form.IsDamped) (Lower[Phi], Upper[Phi]) = (MinimumDamping, MostDamping);
    }

    public SmoothingForm Form { get; }

    /// <summary>Season length in steps; 1 if the form has none.</summary>
    public int Period { get; }

    /// <summary>Length of the vector.</summary>
    public int Count { get; }

    public double[] Lower { get; }

    public double[] Upper { get; }

    // Positions in the vector; -1 if the form lacks the parameter.
    public int Alpha => 0;

    public int Beta { get; }

    public int Gamma { get; }

    public int Phi { get; }

    public int Level { get; }

    public int Slope { get; }

    /// <summary>Position of the first of the <see cref="Period"/> - 1 seasonal states.</summary>
    public int Season { get; }

    /// <summary>The sum of the seasonal states.</summary>
    private double SeasonTotal => Form.Season is SmoothingComponent.Multiplicative ? Period : 0;

    /// <summary>Converts the vector to parameters.</summary>
    /// <param name="vector">The vector.</param>
    /// <param name="season">Buffer for the <see cref="Period"/> seasonal states.</param>
    public SmoothingParameters Read(ReadOnlySpan<double> vector, double[] season)
    {
        var alpha = vector[Alpha];
        vector[Season..].CopyTo(season);
        season[^1] = SeasonTotal;
        foreach (var state in vector[Season..]) season[^1] -= state;
        return new()
        {
            Alpha = alpha,
            Beta = Form.HasTrend ? MinimumWeight + vector[Beta] * (alpha - MinimumWeight) : 0,
            Gamma = Form.HasSeason ? MinimumWeight + vector[Gamma] * (MostWeight - alpha) : 0,
            Phi = Form.IsDamped ? vector[Phi] : 1,
            Level = vector[Level],
            Slope = Form.HasTrend ? vector[Slope] : 0,
            Season = season,
        };
    }

    /// <summary>Converts parameters to a vector; a weight outside its bounds is clamped.</summary>
    public void Write(in SmoothingParameters parameters, Span<double> vector)
    {
        var alpha = Math.Clamp(parameters.Alpha, MinimumWeight, MostWeight);
        vector[Alpha] = alpha;
        if (Form.HasTrend) (vector[Beta], vector[Slope]) = (Share(parameters.Beta, alpha - MinimumWeight), parameters.Slope);
        if (Form.HasSeason) vector[Gamma] = Share(parameters.Gamma, MostWeight - alpha);
        if (Form.IsDamped) vector[Phi] = Math.Clamp(parameters.Phi, MinimumDamping, MostDamping);
        vector[Level] = parameters.Level;
        parameters.Season.AsSpan(0, Period - 1).CopyTo(vector[Season..]);

        static double Share(double weight, double range) => range > 0 ? Math.Clamp((weight - MinimumWeight) / range, 0, 1) : 0;
    }
}
