namespace Microsoft.ML.Recurrent.Benchmarks.Defaults;

/// <summary>The errors by which the samples measure, of a selection part.</summary>
internal static class SelectionErrors
{
    public static double MeanAbsolute(IReadOnlyList<SelectionPart> parts) =>
        Mean(Points(parts).Select(point => (double)Math.Abs(point.Forecast - point.Truth)));

    public static double RootMeanSquared(IReadOnlyList<SelectionPart> parts) =>
        Math.Sqrt(Mean(Points(parts).Select(point => Math.Pow(point.Forecast - point.Truth, 2))));

    /// <summary>The mean squared error, each target on the scale of its standard deviation in the rows before, up to a step of the horizon.</summary>
    public static double ScaledSquared(IReadOnlyList<SelectionPart> parts, int steps = int.MaxValue) => Mean(parts.SelectMany(part =>
    {
        double[] scales = [.. Enumerable.Range(0, part.Targets).Select(target => Deviation(part.Fitted.Select(row => row[target])))];
        return part.Points(steps).Select(point => Math.Pow((point.Forecast - point.Truth) / scales[point.Target], 2));
    }));

    /// <summary>The mean over the series of the mean absolute error over that of the last value, of series that are logarithms.</summary>
    public static double RelativeToLastPrice(IReadOnlyList<SelectionPart> parts)
    {
        return parts.Average(part => Absolute(part) / Absolute(part.Naive()));

        static double Absolute(SelectionPart part) => Mean(part.Points().Select(point => Math.Abs(Math.Exp(point.Forecast) - Math.Exp(point.Truth))));
    }

    /// <summary>
    /// As the overall weighted average of the M4 competition, with the value of a day before in Naive2's place: the mean of sMAPE and MASE, each over that of
    /// the repeated day.
    /// </summary>
    public static double OverallByDay(IReadOnlyList<SelectionPart> parts)
    {
        const int Day = 24;
        var day = parts.Select(part => part.Naive(Day)).ToArray();
        return (parts.Average(Symmetric) / day.Average(Symmetric) + parts.Average(Scaled) / day.Average(Scaled)) / 2;

        static double Symmetric(SelectionPart part) =>
            Mean(part.Points().Select(point => 200.0 * Math.Abs(point.Forecast - point.Truth) / (Math.Abs(point.Forecast) + Math.Abs(point.Truth))));

        static double Scaled(SelectionPart part) => Mean(part.Points().Select(point => (double)Math.Abs(point.Forecast - point.Truth)))
            / Enumerable.Range(Day, part.Fitted.Length - Day).Average(t => Math.Abs(part.Fitted[t][0] - part.Fitted[t - Day][0]));
    }

    private static IEnumerable<SelectionPoint> Points(IReadOnlyList<SelectionPart> parts) => parts.SelectMany(part => part.Points());

    private static double Mean(IEnumerable<double> values)
    {
        double sum = 0;
        long count = 0;
        foreach (var value in values) (sum, count) = (sum + value, count + 1);
        return sum / count;
    }

    private static double Deviation(IEnumerable<float> values)
    {
        var there = values.Where(value => !float.IsNaN(value)).Select(value => (double)value).ToArray();
        var mean = there.Average();
        return Math.Sqrt(there.Average(value => (value - mean) * (value - mean)));
    }
}
