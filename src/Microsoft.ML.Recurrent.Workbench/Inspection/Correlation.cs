namespace Microsoft.ML.Recurrent.Workbench.Inspection;

/// <summary>The correlation of pairs of numbers, added one by one (Welford 1962).</summary>
internal sealed class Correlation
{
    private long _count;
    private double _meanX, _meanY, _sumXX, _sumYY, _sumXY;

    public void Add(double x, double y)
    {
        _count++;
        var (awayX, awayY) = (x - _meanX, y - _meanY);
        _meanX += awayX / _count;
        _meanY += awayY / _count;
        _sumXX += awayX * (x - _meanX);
        _sumYY += awayY * (y - _meanY);
        _sumXY += awayX * (y - _meanY);
    }

    /// <summary>Pearson's coefficient; 0 where one of the two is constant.</summary>
    public double Value => _sumXX > 0 && _sumYY > 0 ? _sumXY / Math.Sqrt(_sumXX * _sumYY) : 0;
}
