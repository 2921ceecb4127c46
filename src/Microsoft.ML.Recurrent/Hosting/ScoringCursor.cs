using System.Runtime.ExceptionServices;
using Microsoft.ML.Data;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Scoring;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Recurrent.Hosting;

/// <summary>
/// Reads rows ahead in batches, scores several batches at once, each on one thread, and serves the rows one by one, in the order of the source: outputs from
/// the batches, active source columns from buffers. Each source row is read once, in order, on the thread of the consumer.
/// </summary>
internal sealed class ScoringCursor : DataViewRowCursor, ICurrentExample
{
    private readonly ScoringMapping _mapping;
    private readonly ActiveColumns _active;
    private readonly DataViewRowCursor _source;
    private readonly ColumnBuffer?[] _columns;
    private readonly ColumnBuffer[] _buffered;
    private readonly RowNumbers _numbers;
    private readonly SlotPosition _filling = new(), _served = new();
    private readonly IExampleCollector _collector;
    private readonly IBatchScorer _scorer;
    private readonly Chunk[] _chunks;
    private readonly BackgroundRuns _runs;
    private readonly bool _stoppable;
    private Chunk? _chunk;
    private long _position = -1;
    private bool _exhausted, _ended, _disposed;

    private ScoringCursor(ScoringMapping mapping, DataViewRowCursor source, ActiveColumns active, IBatchScorer scorer, ScoringBatch[] batches, int runs,
        IDataView data)
    {
        (_mapping, _active, _source, _scorer) = (mapping, active, source, scorer);
        var capacity = batches.Sum(batch => batch.Capacity);
        _columns = [.. mapping.InputSchema.Select(column => active.Source[column.Index] ? ColumnBuffer.Create(source, column, capacity) : null)];
        _buffered = [.. _columns.OfType<ColumnBuffer>()];
        _numbers = new(source, capacity);
        // A canceled context stays canceled: later scoring is intended and ignores it.
        _stoppable = mapping.Transformer.Host is not ICancelable { IsCanceled: true };
        _collector = mapping.Transformer.Task.CreateCollector(batches[0].Manifest, new BufferedRow(source, _columns, _filling), data);
        _runs = new(runs, oneByOne: batches[0].Manifest.CarriesState);
        _chunks = [.. batches.Select((batch, i) => new Chunk(i, i * batch.Capacity, batch, new(scorer, batch)))];
    }

    /// <summary>Wraps the cursor of the source and takes ownership of it.</summary>
    /// <param name="mapping">The transformer and its columns.</param>
    /// <param name="source">The cursor of the source, with the required columns.</param>
    /// <param name="active">The requested columns.</param>
    /// <param name="data">The source itself.</param>
    /// <param name="cursors">Number of cursors that share the processors.</param>
    public static ScoringCursor Open(ScoringMapping mapping, DataViewRowCursor source, ActiveColumns active, IDataView data, int cursors)
    {
        var (scorer, batches, runs) = mapping.Transformer.RentScorer(data.GetRowCount(), cursors);
        try
        {
            return new(mapping, source, active, scorer, batches, runs, data);
        }
        catch
        {
            mapping.Transformer.ReturnScorer(scorer, batches);
            throw;
        }
    }

    public override DataViewSchema Schema => _mapping.OutputSchema;

    public override long Position => _position;

    public override long Batch => _position < 0 ? 0 : _numbers.Batch(_served.Slot);

    int ICurrentExample.Example => _position < 0 ? throw NoRow() : _chunk!.Examples[_served.Slot - _chunk.FirstSlot];

    ScoringBatch ICurrentExample.Scored => _chunk!.Batch;

    public override bool MoveNext()
    {
        if (!_ended && (_chunk is { } chunk && ++_served.Slot < chunk.FirstSlot + chunk.Count || Next()))
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
        var getter = isSource
            ? _columns[index]!.Getter(_served)
            : OutputGetters.Create(_chunks[0].Batch.Manifest.AddedColumns[index], index, _mapping.Added[index].Type, this);
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
            foreach (var chunk in _chunks) chunk.Dispose();
            _mapping.Transformer.ReturnScorer(_scorer, Array.ConvertAll(_chunks, chunk => chunk.Batch));
            _source.Dispose();
        }
        base.Dispose(disposing);
    }

    // Refills the chunk that has been served, and serves the next one.
    private bool Next()
    {
        if (_stoppable) _mapping.Transformer.Host.CheckAlive();
        if (_chunk is null)
        {
            foreach (var chunk in _chunks) Fill(chunk);
            _chunk = _chunks[0];
        }
        else
        {
            Fill(_chunk);
            _chunk = _chunks[(_chunk.Index + 1) % _chunks.Length];
        }
        _served.Slot = _chunk.FirstSlot;
        try
        {
            _chunk.Error?.Throw();
            if (_chunk.Count == 0) return false;
            _runs.Finish(_chunk.Run);
            return true;
        }
        catch (Exception error)
        {
            // The rows of the chunk have no answers.
            (_ended, _position) = (true, -1);
            if (error is OnnxRuntimeException refused && _chunk.Batch.Manifest.IsForeignGraph) throw Refused(_chunk, refused);
            throw;
        }
    }

    private void Fill(Chunk chunk)
    {
        var batch = chunk.Batch;
        batch.Clear();
        (chunk.Count, chunk.Error) = (0, null);
        if (_exhausted) return;
        try
        {
            while (chunk.Count < chunk.Examples.Length && _collector.HasRoom(batch) && !(_exhausted = !_source.MoveNext()))
            {
                if (chunk.Count == 0) chunk.FirstRow = _source.Position;
                _filling.Slot = chunk.FirstSlot + chunk.Count;
                foreach (var column in _buffered) column.Store(_filling.Slot);
                _numbers.Store(_filling.Slot);
                chunk.Examples[chunk.Count++] = _collector.Collect(batch) ? batch.Rows - 1 : -1;
            }
        }
        catch (Exception error)
        {
            // Thrown when the rows before have been served.
            (chunk.Error, _exhausted) = (ExceptionDispatchInfo.Capture(error), true);
            return;
        }
        _runs.Add(chunk.Run);
    }

    // Scores the rows of the batch alone, to find the one that the graph refuses.
    private ArgumentException Refused(Chunk chunk, OnnxRuntimeException error)
    {
        using var one = new ScoringBatch(chunk.Batch.Manifest, 1);
        for (var i = 0; i < chunk.Count; i++)
        {
            if (chunk.Examples[i] < 0) continue;
            one.Clear();
            one.Copy(chunk.Batch, chunk.Examples[i]);
            try
            {
                _scorer.Run(one);
            }
            catch (OnnxRuntimeException alone)
            {
                return _mapping.Transformer.Refused($"Row {chunk.FirstRow + i}", "data", alone);
            }
        }
        return _mapping.Transformer.Refused($"One of the rows {chunk.FirstRow} to {chunk.FirstRow + chunk.Count - 1}", "data", error);
    }

    private static InvalidOperationException NoRow() => new("The cursor is not on a row: call MoveNext first.");

    /// <summary>Rows that are scored together.</summary>
    private sealed class Chunk(int index, int firstSlot, ScoringBatch batch, BackgroundRun run) : IDisposable
    {
        public int Index => index;

        /// <summary>The slot of its first row in the buffers of the cursor.</summary>
        public int FirstSlot => firstSlot;

        public ScoringBatch Batch => batch;

        public BackgroundRun Run => run;

        /// <summary>The index of each row in the batch, -1 if it has no output.</summary>
        public int[] Examples { get; } = new int[batch.Capacity];

        /// <summary>Number of rows.</summary>
        public int Count { get; set; }

        /// <summary>The position of the first row in the source.</summary>
        public long FirstRow { get; set; }

        /// <summary>What reading its rows threw.</summary>
        public ExceptionDispatchInfo? Error { get; set; }

        public void Dispose() => run.Dispose();
    }

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
