namespace Microsoft.ML.Recurrent.Forecasting;

/// <summary>
/// Adaptive conformal inference of one series (Gibbs and Candes 2021), in the form of a tracked quantile (Angelopoulos, Candes and Tibshirani 2023): each step
/// of the horizon and target has a factor by which the distances of its bounds from the forecast are multiplied. The logarithm of the factor grows by
/// rate x level where an outcome lies outside of the bounds, and falls by rate x (1 - level) where it lies inside. In the long run the share of the outcomes
/// inside is thus the level, whatever the series does. The bounds that the graph gives need not reach as far as the outcomes: factors may exceed those of the
/// largest residual of the calibration.
/// </summary>
/// <remarks>
/// The outcome of step h comes h rows after the forecast. It is compared with the bounds as the newest factor would make them, not as they were issued: of
/// several forecasts before the first outcome, each would otherwise widen the bounds for the same cause.
/// </remarks>
internal sealed class BoundAdaptation
{
    // Forecasts of one horizon that wait for outcomes, at most.
    private const int MostIssued = 16;

    // The largest step size that many rows from one forecast to the next make of a smaller one.
    private const float MostRate = 0.1f;

    // The logarithms of the smallest and the largest factor, 1/20 and 1000.
    private const float Least = -3, Most = 6.9f;

    /// <summary>The step size of an engine that is not given one.</summary>
    public const float DefaultRate = 0.01f;

    private readonly BoundSpace _space;
    private readonly int _horizon, _targets;
    private readonly float[] _logarithms;

    // The oldest first.
    private readonly List<IssuedBounds> _issued = [];

    // The row of the newest forecast that was kept; -1 for none.
    private long _lastRow = -1;

    /// <param name="space">Where bounds are scaled.</param>
    /// <param name="horizon">Steps of a forecast.</param>
    /// <param name="targets">Targets of a step.</param>
    /// <param name="rate">The step size.</param>
    public BoundAdaptation(BoundSpace space, int horizon, int targets, float rate)
    {
        (_space, _horizon, _targets, Rate) = (space, horizon, targets, rate);
        _logarithms = new float[horizon * targets];
    }

    /// <summary>Checks a step size that is given.</summary>
    public static void Check(float? rate, string name)
    {
        if (rate is { } value && !(value is >= 0 and <= 1))
            throw new ArgumentOutOfRangeException(name, rate, "The rate of the bounds' adaptation must lie between 0 (none) and 1.");
    }

    /// <summary>The step size.</summary>
    public float Rate { get; set; }

    /// <summary>Rows of the series so far.</summary>
    public long Row { get; private set; }

    /// <summary>The factors by output, as they are now.</summary>
    public double[] Factors() => [.. _logarithms.Select((_, output) => Factor(output))];

    /// <summary>
    /// Keeps a forecast until its outcomes come. One of each row counts, the longest, and of long horizons one of several rows. The step size is multiplied by
    /// the square root of the rows since the forecast before: with fewer outcomes, each says more of what has changed between them (as the gain of a filter of
    /// a random walk).
    /// </summary>
    public void Keep(IssuedBounds issued)
    {
        if (issued.Row != Row) return;
        var rows = issued.Row - _lastRow;
        if (_lastRow < 0)
        {
            issued.Rate = Rate;
        }
        else if (rows > 0)
        {
            if (rows < (_horizon + MostIssued - 1) / MostIssued) return;
            issued.Rate = Math.Min(Rate * MathF.Sqrt(rows), Math.Max(Rate, MostRate));
        }
        else
        {
            var last = _issued[^1];
            if (last.Values.Length >= issued.Values.Length) return;
            issued.Rate = last.Rate;
            _issued.RemoveAt(_issued.Count - 1);
        }
        _issued.Add(issued);
        _lastRow = issued.Row;
    }

    /// <summary>Takes the outcomes of the next row.</summary>
    /// <param name="outcomes">The targets; NaN for a missing one, which changes nothing.</param>
    public void Observe(ReadOnlySpan<double> outcomes)
    {
        Row++;
        Judge(Row, outcomes);
        Drop();
    }

    /// <summary>Passes over rows whose outcomes are not known.</summary>
    public void Skip(long rows)
    {
        Row += rows;
        Drop();
    }

    /// <summary>Takes outcomes of an earlier row that were missing; an outcome that came before counts as it came.</summary>
    /// <param name="ago">Rows since then.</param>
    /// <param name="outcomes">The targets.</param>
    public void Correct(int ago, ReadOnlySpan<double> outcomes) => Judge(Row - ago, outcomes);

    /// <summary>Takes over the factors of another model's state; of steps that it lacks, those of its last step.</summary>
    public void TakeOver(BoundAdaptation other)
    {
        for (var i = 0; i < _logarithms.Length && other._targets == _targets; i++)
            _logarithms[i] = other._logarithms[Math.Min(i / _targets, other._horizon - 1) * _targets + i % _targets];
    }

    public void CopyFrom(BoundAdaptation other)
    {
        (Row, _lastRow) = (other.Row, other._lastRow);
        other._logarithms.CopyTo(_logarithms, 0);
        _issued.Clear();
        _issued.AddRange(other._issued.Select(issued => issued.Copy()));
    }

    public void Save(BinaryWriter writer)
    {
        // *** Binary format ***
        // long: rows; long: the row of the newest forecast that was kept; floats: logarithms of the factors; int: forecasts; each: long row, float level,
        // float step size, int length, doubles forecasts, lower, upper bounds
        writer.Write(Row);
        writer.Write(_lastRow);
        foreach (var logarithm in _logarithms) writer.Write(logarithm);
        writer.Write(_issued.Count);
        foreach (var issued in _issued) issued.Save(writer);
    }

    public void Load(BinaryReader reader)
    {
        (Row, _lastRow) = (reader.ReadInt64(), reader.ReadInt64());
        for (var i = 0; i < _logarithms.Length; i++) _logarithms[i] = reader.ReadSingle();
        var count = reader.ReadInt32();
        if (Row < 0 || _lastRow > Row || count < 0 || count > 2 * _horizon || !FiniteNumbers.All(_logarithms))
            throw new InvalidDataException("The factors of bounds are corrupt.");
        for (var i = 0; i < count; i++) _issued.Add(IssuedBounds.Load(reader, _logarithms.Length));
    }

    // Counts have bounds that are whole numbers, which hold more than the level where numbers are small: those are never made narrower.
    private double Factor(int output) => Math.Exp(_space.IsCount ? Math.Max(0, _logarithms[output]) : _logarithms[output]);

    private void Judge(long row, ReadOnlySpan<double> outcomes)
    {
        foreach (var issued in _issued)
        {
            var first = (row - issued.Row - 1) * _targets;
            for (var target = 0; target < _targets && first >= 0 && first < issued.Values.Length; target++)
            {
                var output = (int)first + target;
                var (value, lower, upper) = (issued.Values[output], issued.Lower[output], issued.Upper[output]);
                if (double.IsNaN(outcomes[target]) || double.IsNaN(value)) continue;
                issued.Values[output] = double.NaN;
                // No factor opens bounds without a width.
                if (!(upper > lower)) continue;
                (lower, upper) = _space.Scale(value, lower, upper, Factor(output));
                var step = outcomes[target] >= lower && outcomes[target] <= upper ? issued.Level - 1 : issued.Level;
                _logarithms[output] = Math.Clamp(_logarithms[output] + issued.Rate * step, _space.IsCount ? 0 : Least, Most);
            }
        }
    }

    // Missing outcomes may come late, for one horizon more.
    private void Drop() => _issued.RemoveAll(issued =>
        Row - issued.Row is var age && age >= _horizon && (age >= 2 * _horizon || Array.TrueForAll(issued.Values, double.IsNaN)));
}
