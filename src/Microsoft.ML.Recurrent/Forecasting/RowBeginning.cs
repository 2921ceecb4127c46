namespace Microsoft.ML.Recurrent.Forecasting;

/// <summary>The outcomes of the first new rows of many that are observed at once: of these, a history keeps the last window only.</summary>
/// <param name="after">The time of the newest row before them.</param>
/// <param name="most">Rows to keep.</param>
internal sealed class RowBeginning(long after, int most)
{
    private readonly List<double[]> _rows = [];
    private long _count;

    /// <summary>The time of the newest row before.</summary>
    public long After => after;

    /// <summary>The time of the first row; null if there is none.</summary>
    public long? First { get; private set; }

    public void Add(double[] outcomes, long time)
    {
        First ??= time;
        if (_count == _rows.Count && _rows.Count < most) _rows.Add([.. outcomes]);
        _count++;
    }

    public void Replace(int ago, double[] outcomes)
    {
        if (_count - 1 - ago is >= 0 and var place && place < _rows.Count) _rows[(int)place] = [.. outcomes];
    }

    public void Skip(long rows) => _count += rows;

    /// <summary>Passes the rows that are not among the last ones to an adaptation.</summary>
    /// <param name="adaptation">The adaptation.</param>
    /// <param name="known">The newest time that its series knows.</param>
    /// <param name="last">The number of last rows.</param>
    public void Pass(BoundAdaptation adaptation, long known, int last)
    {
        var dropped = _count - last;
        // Other rows have come meanwhile: it is not known which these are.
        var isNext = known == after;
        for (var row = 0; isNext && row < Math.Min(dropped, _rows.Count); row++) adaptation.Observe(_rows[row]);
        adaptation.Skip(Math.Max(0, isNext ? dropped - _rows.Count : dropped));
    }
}
