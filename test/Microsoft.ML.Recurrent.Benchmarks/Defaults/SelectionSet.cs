namespace Microsoft.ML.Recurrent.Benchmarks.Defaults;

/// <summary>One data set by which defaults are chosen: the rows before its test part, of which the last are the selection part.</summary>
/// <param name="Name">As its sample's.</param>
/// <param name="Window">Steps that a forecast looks back, as in the sample.</param>
/// <param name="Horizon">Steps that are forecast.</param>
/// <param name="Measured">What the error is, in words.</param>
/// <param name="Error">The error of forecasts of the selection part.</param>
/// <param name="Load">Reads the rows before the test part from the folder of data.</param>
internal sealed record SelectionSet(string Name, int Window, int Horizon, string Measured, Func<IReadOnlyList<SelectionPart>, double> Error,
    Func<string, IReadOnlyList<SelectionSeries>> Load)
{
    /// <summary>Rows that are left out at the end, once each: several origins for a set whose selection part is a single forecast.</summary>
    public int[] Cuts { get; init; } = [0];

    /// <summary>Rows from one training window to the next where fewer are learned than there are, for the sake of time; 0 leaves it to the trainer.</summary>
    public int Stride { get; init; }

    /// <summary>What of the set is taken, in words.</summary>
    public string Subset { get; init; } = "all";
}

/// <summary>One series' forecasts of its selection part.</summary>
/// <param name="Fitted">The rows before the selection part.</param>
/// <param name="Rows">A window of them, and the selection part.</param>
/// <param name="Forecasts">For each of these rows the forecasts, horizon x targets.</param>
/// <param name="Window">Steps that a forecast looks back.</param>
/// <param name="Horizon">Steps that are forecast.</param>
internal sealed record SelectionPart(float[][] Fitted, float[][] Rows, float[][] Forecasts, int Window, int Horizon)
{
    public int Targets => Fitted[0].Length;

    /// <summary>
    /// Every value of the selection part with its forecast, over all windows whose future lies in the part, up to a step of the horizon; missing values are
    /// left out.
    /// </summary>
    public IEnumerable<SelectionPoint> Points(int steps = int.MaxValue)
    {
        for (var t = Window - 1; t + Horizon < Rows.Length; t++)
        {
            for (var step = 0; step < Math.Min(steps, Horizon); step++)
            {
                for (var target = 0; target < Targets; target++)
                {
                    var truth = Rows[t + 1 + step][target];
                    if (!float.IsNaN(truth)) yield return new(target, truth, Forecasts[t][step * Targets + target]);
                }
            }
        }
    }

    /// <summary>
    /// The same part, forecast by repeating what each target was some steps ago, 1 for the last value; of missing values by the last that there is.
    /// </summary>
    public SelectionPart Naive(int season = 1)
    {
        var forecasts = new float[Rows.Length][];
        for (var t = 0; t < Rows.Length; t++)
        {
            forecasts[t] = new float[Horizon * Targets];
            for (var i = 0; i < forecasts[t].Length; i++)
            {
                var at = t + 1 - season + i / Targets % season;
                while (at > 0 && float.IsNaN(Rows[at][i % Targets])) at--;
                forecasts[t][i] = at < 0 ? float.NaN : Rows[at][i % Targets];
            }
        }
        return this with { Forecasts = forecasts };
    }
}

/// <summary>One value and its forecast.</summary>
internal readonly record struct SelectionPoint(int Target, float Truth, float Forecast);
