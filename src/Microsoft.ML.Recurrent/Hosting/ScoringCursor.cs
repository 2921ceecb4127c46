using Microsoft.ML.Data;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Scoring;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Recurrent.Hosting;

/// <summary>
/// Reads rows ahead until a batch is full, scores them in one run, and serves them one by one: outputs from the batch, active source columns from buffers. Each
/// source row is read once, in order.
/// </summary>
internal sealed class ScoringCursor : DataViewRowCursor, ICurrentExample
{
    private readonly ScoringMapping _mapping;
    private readonly ActiveColumns _active;
    private readonly DataViewRowCursor _source;
    private readonly ColumnBuffer?[] _columns;
    private readonly ColumnBuffer[] _buffered;
    private readonly RowNumbers _numbers;
    private readonly int[] _examples;
    private readonly SlotPosition _filling = new(), _served = new();
    private readonly IExampleCollector _collector;
    private readonly ScoringBatch _batch;
    private readonly GraphScorer _scorer;
    private readonly bool _stoppable;
    private int _count;
    private long _position = -1;
    private bool _ended, _disposed;

    private ScoringCursor(ScoringMapping mapping, DataViewRowCursor source, ActiveColumns active, GraphScorer scorer, ScoringBatch batch, IDataView data)
    {
        (_mapping, _active, _source, _scorer, _batch) = (mapping, active, source, scorer, batch);
        _columns = [.. mapping.InputSchema.Select(column => active.Source[column.Index] ? ColumnBuffer.Create(source, column, batch.Capacity) : null)];
        _buffered = [.. _columns.OfType<ColumnBuffer>()];
        _numbers = new(source, batch.Capacity);
        _examples = new int[batch.Capacity];
        _served.Slot = -1;
        // A canceled context stays canceled: later scoring is intended and ignores it.
        _stoppable = mapping.Transformer.Host is not ICancelable { IsCanceled: true };
        _collector = mapping.Transformer.Task.CreateCollector(batch.Manifest, new BufferedRow(source, _columns, _filling), data);
    }

    /// <summary>Wraps the cursor of the source and takes ownership of it.</summary>
    /// <param name="mapping">The transformer and its columns.</param>
    /// <param name="source">The cursor of the source, with the required columns.</param>
    /// <param name="active">The requested columns.</param>
    /// <param name="data">The source itself.</param>
    public static ScoringCursor Open(ScoringMapping mapping, DataViewRowCursor source, ActiveColumns active, IDataView data)
    {
        var (scorer, batch) = mapping.Transformer.RentScorer(data.GetRowCount());
        try
        {
            return new(mapping, source, active, scorer, batch, data);
        }
        catch
        {
            mapping.Transformer.ReturnScorer(scorer, batch);
            throw;
        }
    }

    public override DataViewSchema Schema => _mapping.OutputSchema;

    public override long Position => _position;

    public override long Batch => _position < 0 ? 0 : _numbers.Batch(_served.Slot);

    int ICurrentExample.Example => _position < 0 ? throw NoRow() : _examples[_served.Slot];

    public override bool MoveNext()
    {
        if (!_ended && (++_served.Slot < _count || Fill()))
        {
            _position++;
            return true;
        }
        if (!_ended && _collector.Remark is { } remark) _mapping.Transformer.Say(remark);
        _ended = true;
        _position = -1;
        return false;
    }

    public override bool IsColumnActive(DataViewSchema.Column column) => _active.Result[column.Index];

    public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId value) => value = _position < 0 ? throw NoRow() : _numbers.Id(_served.Slot);

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
    {
        if (!IsColumnActive(column))
            throw new ArgumentOutOfRangeException(nameof(column),
                $"The column '{column.Name}' is not active in this cursor: request it when the cursor is created.");
        var (isSource, index) = _mapping.Locate(column.Index);
        var getter = isSource ? _columns[index]!.Getter(_served) : OutputGetters.Create(_batch, index, _mapping.Added[index].Type, this);
        return getter as ValueGetter<TValue>
            ?? throw new InvalidOperationException(
                $"The column '{column.Name}' holds {column.Type.RawType.Name}; a getter of {typeof(TValue).Name} was requested.");
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing && !_disposed)
        {
            _disposed = true;
            (_ended, _position) = (true, -1);
            _mapping.Transformer.ReturnScorer(_scorer, _batch);
            _source.Dispose();
        }
        base.Dispose(disposing);
    }

    private bool Fill()
    {
        if (_stoppable) _mapping.Transformer.Host.CheckAlive();
        _batch.Clear();
        _count = 0;
        while (_count < _examples.Length && _source.MoveNext())
        {
            _filling.Slot = _count;
            foreach (var column in _buffered) column.Store(_count);
            _numbers.Store(_count);
            _examples[_count] = _collector.Collect(_batch) ? _batch.Rows - 1 : -1;
            _count++;
        }
        try
        {
            if (_batch.Rows > 0) _scorer.Run(_batch);
        }
        catch (OnnxRuntimeException error) when (_batch.Manifest.IsForeignGraph)
        {
            throw Refused(error);
        }
        _served.Slot = 0;
        return _count > 0;
    }

    // Scores the rows of the batch alone, to find the one that the graph refuses.
    private ArgumentException Refused(OnnxRuntimeException error)
    {
        using var one = new ScoringBatch(_batch.Manifest, 1);
        var first = _source.Position - _count + 1;
        for (var slot = 0; slot < _count; slot++)
        {
            if (_examples[slot] < 0) continue;
            one.Clear();
            one.Copy(_batch, _examples[slot]);
            try
            {
                _scorer.Run(one);
            }
            catch (OnnxRuntimeException alone)
            {
                return _mapping.Transformer.Refused($"Row {first + slot}", "data", alone);
            }
        }
        return _mapping.Transformer.Refused($"One of the rows {first} to {_source.Position}", "data", error);
    }

    private static InvalidOperationException NoRow() => new("The cursor is not on a row: call MoveNext first.");

    /// <summary>The ids and batch numbers of the rows read ahead.</summary>
    private sealed class RowNumbers(DataViewRowCursor source, int capacity)
    {
        private readonly ValueGetter<DataViewRowId> _source = source.GetIdGetter();
        private readonly DataViewRowId[] _ids = new DataViewRowId[capacity];
        private readonly long[] _batches = new long[capacity];

        public DataViewRowId Id(int slot) => _ids[slot];

        public long Batch(int slot) => _batches[slot];

        public void Store(int slot)
        {
            _source(ref _ids[slot]);
            _batches[slot] = source.Batch;
        }
    }

    /// <summary>The current source row for the collector: a buffered column is read from its slot, so that the upstream pipeline computes it once.</summary>
    private sealed class BufferedRow(DataViewRowCursor source, ColumnBuffer?[] columns, SlotPosition filling) : DataViewRow
    {
        public override DataViewSchema Schema => source.Schema;

        public override long Position => source.Position;

        public override long Batch => source.Batch;

        public override ValueGetter<DataViewRowId> GetIdGetter() => source.GetIdGetter();

        public override bool IsColumnActive(DataViewSchema.Column column) => source.IsColumnActive(column);

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) =>
            columns[column.Index] is { } buffer ? (ValueGetter<TValue>)buffer.Getter(filling) : source.GetGetter<TValue>(column);
    }
}
