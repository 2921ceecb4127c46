using System.Collections.Immutable;
using System.Globalization;

namespace Microsoft.ML.Recurrent;

/// <summary>A trial of the final, compared with the default.</summary>
/// <param name="Trial">The number of the trial.</param>
/// <param name="Ratios">
/// By fold the trial's error over the default's, or the default's score over the trial's where higher values are better: below 1 the trial is better. NaN
/// where one of them was not trained, or failed.
/// </param>
public sealed record Finalist(int Trial, ImmutableArray<double> Ratios)
{
    /// <summary>The mean over the folds that have a ratio; NaN without one.</summary>
    public double MeanRatio => Known.DefaultIfEmpty(double.NaN).Average();

    /// <summary>The standard error of the mean: the standard deviation of the folds over the root of their number; NaN with fewer than two folds.</summary>
    public double StandardError
    {
        get
        {
            var (mean, count) = (MeanRatio, Known.Count());
            return count < 2 ? double.NaN : Math.Sqrt(Known.Sum(ratio => (ratio - mean) * (ratio - mean)) / (count - 1.0) / count);
        }
    }

    /// <summary>Whether the trial may take the place of the default.</summary>
    public bool IsBetter { get; init; }

    /// <summary>Why it may or may not, as a sentence.</summary>
    public required string Reason { get; init; }

    private IEnumerable<double> Known => Ratios.Where(static ratio => !double.IsNaN(ratio));

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"Trial {Trial}: {Reason}");

    /// <inheritdoc/>
    public bool Equals(Finalist? other) => other is not null && Trial == other.Trial && Ratios.SequenceEqual(other.Ratios) && IsBetter == other.IsBetter
        && Reason == other.Reason;

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Trial, Ratios.Length, IsBetter);
}
