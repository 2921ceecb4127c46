namespace Microsoft.ML.Recurrent.Forecasting.Evaluation.Smoothing;

/// <summary>
/// A form's parameters as the vector that the optimizer moves: alpha, beta, gamma, phi, level, slope and all seasonal states but the last, each where the form
/// has it. Beta and gamma stand as their place between their bounds (the upper ones depend on alpha), so that the bounds are a box: those of R's forecast,
/// [0.0001, 0.9999] for weights, [0.8, 0.98] for the damping.
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

    /// <summary>Steps of the season; 1 where the form has none.</summary>
    public int Period { get; }

    /// <summary>Numbers of the vector.</summary>
    public int Count { get; }

    public double[] Lower { get; }

    public double[] Upper { get; }

    // Places in the vector; -1 for what the form lacks.
    public int Alpha => 0;

    public int Beta { get; }

    public int Gamma { get; }

    public int Phi { get; }

    public int Level { get; }

    public int Slope { get; }

    /// <summary>The first of the season's <see cref="Period"/> - 1 numbers.</summary>
    public int Season { get; }

    /// <summary>The seasonal states sum to this.</summary>
    private double SeasonTotal => Form.Season is SmoothingComponent.Multiplicative ? Period : 0;

    /// <summary>The vector in words.</summary>
    /// <param name="vector">The vector.</param>
    /// <param name="season">Memory for the seasonal states, <see cref="Period"/> of them.</param>
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

    /// <summary>The vector of given parameters; a weight outside of its bounds is moved to the nearest.</summary>
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
