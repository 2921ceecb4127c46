using System.Collections.Immutable;

namespace Microsoft.ML.Recurrent.Forecasting.Evaluation.Smoothing;

/// <summary>
/// The form of an exponential smoothing model: errors, trend (always additive) and season. Hyndman, Koehler, Ord and Snyder 2008, "Forecasting with Exponential
/// Smoothing", chapter 2.
/// </summary>
internal readonly record struct SmoothingForm(SmoothingComponent Error, bool HasTrend, bool IsDamped, SmoothingComponent Season)
{
    /// <summary>Simple exponential smoothing.</summary>
    public static readonly SmoothingForm Simple = new(SmoothingComponent.Additive, false, false, SmoothingComponent.None);

    /// <summary>Holt's method with a damped trend.</summary>
    public static readonly SmoothingForm DampedHolt = new(SmoothingComponent.Additive, true, true, SmoothingComponent.None);

    /// <summary>
    /// The candidate forms, the simplest first. As in R's ets, without multiplicative trends, which explode, and multiplicative seasons with additive errors,
    /// whose forecasts have no finite variance.
    /// </summary>
    public static ImmutableArray<SmoothingForm> All { get; } =
    [
        .. from season in Enum.GetValues<SmoothingComponent>()
           from trend in ((bool Has, bool IsDamped)[])[(false, false), (true, false), (true, true)]
           from error in (SmoothingComponent[])[SmoothingComponent.Additive, SmoothingComponent.Multiplicative]
           where error is SmoothingComponent.Multiplicative || season is not SmoothingComponent.Multiplicative
           select new SmoothingForm(error, trend.Has, trend.IsDamped, season),
    ];

    public bool HasSeason => Season is not SmoothingComponent.None;

    /// <summary>Whether the form applies to positive values only.</summary>
    public bool NeedsPositiveValues => Error is SmoothingComponent.Multiplicative;

    /// <summary>The name in the literature, ETS(error, trend, season).</summary>
    public override string ToString() => $"ETS({Letter(Error)},{(HasTrend ? IsDamped ? "Ad" : "A" : "N")},{Letter(Season)})";

    private static char Letter(SmoothingComponent component) => component switch
    {
        SmoothingComponent.None => 'N',
        SmoothingComponent.Additive => 'A',
        SmoothingComponent.Multiplicative => 'M',
        _ => throw new ArgumentOutOfRangeException(nameof(component), component, null),
    };
}
