using System.Globalization;
using Microsoft.ML.Recurrent.Workbench.Tables;

namespace Microsoft.ML.Recurrent.Workbench.Inspection;

/// <summary>Compares one column with the label, row by row, in memory that does not grow with the rows.</summary>
/// <param name="place">The place of the column.</param>
/// <param name="areNumbers">Whether both hold numbers.</param>
internal sealed class LeakCollector(int place, bool areNumbers)
{
    // A copy that was rounded or has other units still has such coefficients; columns that merely go together have lower ones. The differences from row to
    // row tell two trends from a copy.
    private const double LeastCorrelation = 0.9999, LeastOfDifferences = 0.99, LeastShare = 0.99, MostUnchanged = 0.5;
    private const int LeastRows = 20, MostValues = 1_000, RowsPerValue = 5;

    private readonly Correlation _levels = new(), _differences = new(), _logarithms = new(), _logarithmDifferences = new();
    private readonly Dictionary<string, string> _labels = [], _values = [];
    private long _rows, _equal, _ahead, _pairs, _unchanged;
    private (double Value, double Label)? _last;
    private bool _isMapping = true, _isPositive = true;

    /// <summary>Adds a row whose label has a value.</summary>
    public void Add(TableRows rows, int label)
    {
        if (rows.IsMissing(place))
        {
            _last = null;
            return;
        }
        if (!areNumbers) AddTexts(rows.Text(place).ToString(), rows.Text(label).ToString());
        else if (rows.TryGetNumber(place, out var value) && rows.TryGetNumber(label, out var y) && double.IsFinite(value) && double.IsFinite(y))
            AddNumbers(value, y);
    }

    /// <summary>What the column has in common with the label; null if nothing is found.</summary>
    public string? Find() => _rows < LeastRows ? null : areNumbers ? FindNumbers()
        : _isMapping && _labels.Count > 1 && _rows >= RowsPerValue * _labels.Count
            ? $"names the label: each of its {_labels.Count} values goes with one value of the label, and the other way round"
        : null;

    private string? FindNumbers() => _equal >= LeastShare * _rows && _levels.Value > 0
        ? $"equals the label in {Share(_equal, _rows)} of the rows"
        : Math.Abs(_levels.Value) >= LeastCorrelation && Math.Abs(_differences.Value) >= LeastOfDifferences
            ? string.Create(CultureInfo.InvariantCulture, $"is a linear function of the label (correlation {_levels.Value:0.00000})")
        : _isPositive && Math.Abs(_logarithms.Value) >= LeastCorrelation && Math.Abs(_logarithmDifferences.Value) >= LeastOfDifferences
            ? string.Create(CultureInfo.InvariantCulture, $"is a linear function of the label's logarithm (correlation {_logarithms.Value:0.00000})")
        : _ahead >= LeastShare * _pairs && _unchanged < MostUnchanged * _pairs ? $"holds the label of the next row in {Share(_ahead, _pairs)} of the rows"
        : null;

    private static string Share(long count, long rows) => count == rows ? "all" : string.Create(CultureInfo.InvariantCulture, $"{(double)count / rows:0.0%}");

    private void AddNumbers(double value, double label)
    {
        _rows++;
        if (value == label) _equal++;
        _levels.Add(value, label);
        _isPositive &= label > 0;
        if (_isPositive) _logarithms.Add(value, Math.Log(label));
        if (_last is { } last)
        {
            _pairs++;
            if (last.Value == label) _ahead++;
            if (last.Label == label) _unchanged++;
            _differences.Add(value - last.Value, label - last.Label);
            if (_isPositive) _logarithmDifferences.Add(value - last.Value, Math.Log(label / last.Label));
        }
        _last = (value, label);
    }

    private void AddTexts(string value, string label)
    {
        _rows++;
        if (!_isMapping) return;
        _isMapping = Goes(_labels, value, label) && Goes(_values, label, value);
    }

    private static bool Goes(Dictionary<string, string> map, string from, string to) =>
        map.TryGetValue(from, out var known) ? known == to : map.Count < MostValues && map.TryAdd(from, to);
}
