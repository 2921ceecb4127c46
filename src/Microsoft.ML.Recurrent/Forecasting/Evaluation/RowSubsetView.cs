using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Data;

namespace Microsoft.ML.Recurrent.Forecasting.Evaluation;

/// <summary>A subset of the rows of a data view, in order. The source must return the same rows in each pass.</summary>
internal sealed class RowSubsetView : IDataView
{
    private readonly IDataView _source;
    private readonly bool[] _chosen;

    /// <param name="source">The rows.</param>
    /// <param name="chosen">Whether a row is selected, one entry per row.</param>
    public RowSubsetView(IDataView source, bool[] chosen)
    {
        (_source, _chosen) = (source, chosen);
        Count = chosen.LongCount(row => row);
    }

    public long Count { get; }

    public DataViewSchema Schema => _source.Schema;

    public bool CanShuffle => false;

    public long? GetRowCount() => Count;

    /// <summary>Whether a selected row is one of some source rows, one entry per selected row.</summary>
    /// <param name="sourceRows">The source rows, ascending.</param>
    public bool[] Select(IEnumerable<int> sourceRows)
    {
        var result = new bool[Count];
        var (place, source) = (-1, -1);
        foreach (var wanted in sourceRows)
        {
            for (; source < wanted; place++) source = Next(source);
            result[place] |= source == wanted;
        }
        return result;
    }

    /// <summary>The next selected source row after <paramref name="row"/>.</summary>
    public int Next(int row)
    {
        do row++;
        while (!_chosen[row]);
        return row;
    }

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null) =>
        new Cursor(this, _source.GetRowCursor(columnsNeeded));

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) => [GetRowCursor(columnsNeeded)];

    private sealed class Cursor(RowSubsetView view, DataViewRowCursor source) : PassThroughCursor(source)
    {
        private long _position = -1;
        private bool _ended;

        public override long Position => _position;

        public override long Batch => 0;

        // Rows after the last selected one are not read.
        public override bool MoveNext()
        {
            while (!_ended && _position + 1 < view.Count && Source.MoveNext())
            {
                if (Source.Position >= view._chosen.LongLength)
                    throw new InvalidOperationException(
                        "The data have more rows than at the first read: cache them (mlContext.Data.Cache) if their rows change from pass to pass.");
                if (!view._chosen[Source.Position]) continue;
                _position++;
                return true;
            }
            _ended = true;
            _position = -1;
            return false;
        }
    }
}
