using System.Collections.Immutable;

namespace Microsoft.ML.Recurrent.Workbench.Reports;

/// <summary>Means of the numbers in each cell of a grid; NaN is ignored, and a cell without numbers is NaN.</summary>
internal sealed class MeanGrid(int rows, int columns)
{
    private readonly double[] _sums = new double[rows * columns];
    private readonly int[] _counts = new int[rows * columns];

    public void Add(int row, int column, double value)
    {
        if (!double.IsFinite(value)) return;
        _sums[row * columns + column] += value;
        _counts[row * columns + column]++;
    }

    public ImmutableArray<ImmutableArray<double>> Means() =>
        [.. Enumerable.Range(0, rows).Select(
            row => Enumerable.Range(row * columns, columns).Select(cell => _counts[cell] > 0 ? _sums[cell] / _counts[cell] : double.NaN).ToImmutableArray())];
}
