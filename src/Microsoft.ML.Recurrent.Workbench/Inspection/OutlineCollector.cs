using System.Collections.Immutable;

namespace Microsoft.ML.Recurrent.Workbench.Inspection;

/// <summary>Means over equal parts of a sequence of unknown length, in memory of twice as many parts: when these are full, neighbors are joined.</summary>
internal sealed class OutlineCollector(int parts)
{
    private readonly double[] _sums = new double[2 * parts];
    private readonly long[] _counts = new long[2 * parts];
    private long _size = 1, _added;
    private int _place;

    /// <summary>Adds the next value; NaN for none.</summary>
    public void Add(double value)
    {
        if (_place == _sums.Length) Halve();
        if (!double.IsNaN(value))
        {
            _sums[_place] += value;
            _counts[_place]++;
        }
        if (++_added < _size) return;
        _added = 0;
        _place++;
    }

    /// <summary>The means of the parts, NaN for those without a value.</summary>
    public ImmutableArray<double> Means() => [.. Enumerable.Range(0, _added > 0 ? _place + 1 : _place)
        .Select(part => _counts[part] > 0 ? _sums[part] / _counts[part] : double.NaN)];

    private void Halve()
    {
        for (var part = 0; part < _sums.Length; part++)
        {
            var (sum, count) = part < parts ? (_sums[2 * part] + _sums[2 * part + 1], _counts[2 * part] + _counts[2 * part + 1]) : (0, 0);
            (_sums[part], _counts[part]) = (sum, count);
        }
        (_place, _size) = (parts, 2 * _size);
    }
}
