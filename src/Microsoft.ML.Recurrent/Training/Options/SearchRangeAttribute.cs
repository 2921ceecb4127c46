namespace Microsoft.ML.Recurrent;

/// <summary>An experiment tries numbers of a range for this option.</summary>
/// <param name="minimum">The smallest number.</param>
/// <param name="maximum">The largest number.</param>
internal sealed class SearchRangeAttribute(double minimum, double maximum) : SearchAttribute
{
    public double Minimum => minimum;

    public double Maximum => maximum;

    /// <summary>Whether the bounds are factors of the value from which the search starts.</summary>
    public bool IsRelative { get; init; }

    /// <summary>Whether the logarithm is drawn uniformly, for what is greater than 0 and varies by factors.</summary>
    public bool IsLogarithmic { get; init; }
}
