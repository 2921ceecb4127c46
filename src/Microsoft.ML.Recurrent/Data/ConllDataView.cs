using Microsoft.ML.Data;

namespace Microsoft.ML.Recurrent.Data;

/// <summary>
/// Sentences of a CoNLL file, read row by row as a cursor moves: one line per token, its columns separated by blanks or tabs, and an empty line after each
/// sentence. Each cursor reads the file anew.
/// </summary>
internal sealed class ConllDataView : IDataView
{
    private readonly string _path;
    private readonly int[] _columns;

    /// <param name="path">The file.</param>
    /// <param name="columns">The names of the columns, and their index in a line; a negative one counts from the last, -1.</param>
    public ConllDataView(string path, (string Name, int Index)[] columns)
    {
        (_path, _columns) = (path, [.. columns.Select(column => column.Index)]);
        var schema = new DataViewSchema.Builder();
        foreach (var (name, _) in columns) schema.AddColumn(name, new VectorDataViewType(TextDataViewType.Instance));
        Schema = schema.ToSchema();
    }

    public DataViewSchema Schema { get; }

    public bool CanShuffle => false;

    public long? GetRowCount() => null;

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null) =>
        new Cursor(this, [.. columnsNeeded.Select(column => column.Index)]);

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) =>
        [GetRowCursor(columnsNeeded, rand)];

    // Lines that stand for no token: comments of CoNLL-U, its ranges of contracted words (1-2) and its empty nodes (1.1), and document marks.
    private static bool IsSkipped(string line)
    {
        if (line.StartsWith("-DOCSTART-", StringComparison.Ordinal)) return true;
        // In CoNLL-U comments begin by "# "; a token # has columns after it.
        if (line.StartsWith("# ", StringComparison.Ordinal) || line is "#")
            return !line.Contains('\t', StringComparison.Ordinal) && line.Split(' ').Length != 2;
        var end = line.IndexOf('\t', StringComparison.Ordinal);
        var first = end < 0 ? default : line.AsSpan(0, end);
        return first.IndexOfAny('-', '.') > 0 && !first.ContainsAnyExcept("0123456789-.") && line.AsSpan().Count('\t') == 9;
    }

    private sealed class Cursor(ConllDataView view, HashSet<int> active) : DataViewRowCursor
    {
        private readonly StreamReader _file = new(view._path);
        private readonly List<ReadOnlyMemory<char>>[] _values = [.. view._columns.Select(_ => new List<ReadOnlyMemory<char>>())];
        private long _position = -1, _line;

        public override DataViewSchema Schema => view.Schema;

        public override long Position => _position;

        public override long Batch => 0;

        public override bool IsColumnActive(DataViewSchema.Column column) => active.Contains(column.Index);

        public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId value) => value = new((ulong)_position, 0);

        public override bool MoveNext()
        {
            foreach (var values in _values) values.Clear();
            while (_file.ReadLine() is { } line)
            {
                _line++;
                if (line.AsSpan().Trim().IsEmpty)
                {
                    if (_values[0].Count > 0) break;
                }
                else if (!IsSkipped(line))
                {
                    Add(line);
                }
            }
            var any = _values[0].Count > 0;
            _position = any ? _position + 1 : -1;
            return any;
        }

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
        {
            var values = _values[column.Index];
            ValueGetter<VBuffer<ReadOnlyMemory<char>>> getter = (ref VBuffer<ReadOnlyMemory<char>> value) =>
            {
                var editor = VBufferEditor.Create(ref value, values.Count);
                values.CopyTo(editor.Values);
                value = editor.Commit();
            };
            return getter as ValueGetter<TValue>
                ?? throw new InvalidOperationException($"The column '{column.Name}' is a vector of text; a getter of {typeof(TValue).Name} was requested.");
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing) _file.Dispose();
            base.Dispose(disposing);
        }

        private void Add(string line)
        {
            // With tabs, a blank is part of a column.
            var cells = line.Contains('\t', StringComparison.Ordinal) ? line.Split('\t') : line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            for (var i = 0; i < _values.Length; i++)
            {
                var index = view._columns[i] < 0 ? cells.Length + view._columns[i] : view._columns[i];
                if (index < 0 || index >= cells.Length)
                {
                    throw new InvalidDataException(
                        $"{view._path}, line {_line}: it has {cells.Length} columns, but the column '{view.Schema[i].Name}' is number {view._columns[i]} " +
                        "(from 0; -1 is the last). Give the numbers of the columns of this file.");
                }
                _values[i].Add(cells[index].AsMemory());
            }
        }
    }
}
