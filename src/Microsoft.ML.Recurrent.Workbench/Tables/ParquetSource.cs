using System.Globalization;
using Parquet;
using Parquet.Schema;

namespace Microsoft.ML.Recurrent.Workbench.Tables;

/// <summary>A table in a Parquet file. Columns of lists and structures are left out.</summary>
internal sealed class ParquetSource : TableSource
{
    private readonly DataField[] _fields;

    private ParquetSource(string path, DataField[] fields, IReadOnlyList<string> leftOut)
        : base(path, [.. fields.Select(static field => new TableColumn(field.Name, KindOf(field)!.Value))], leftOut) => _fields = fields;

    public static ParquetSource OpenParquet(string path)
    {
        using var open = new OpenFile(path);
        var all = open.Reader.Schema.GetDataFields();
        DataField[] fields = [.. all.Where(static field => KindOf(field) is not null)];
        return new(path, fields, [.. all.Where(static field => KindOf(field) is null).Select(static field => field.Path.ToString())]);
    }

    internal override TableRows OpenRows() => new ColumnarRows(Path, Parts());

    private static ColumnKind? KindOf(DataField field) => field.MaxRepetitionLevel > 0 || field.Path.Length > 1 ? null
        : IsText(field) ? ColumnKind.Text
        : field.ClrType == typeof(bool) ? ColumnKind.Boolean
        : field.ClrType == typeof(DateTime) ? ColumnKind.Time
        : Type.GetTypeCode(field.ClrType) is >= TypeCode.SByte and <= TypeCode.Decimal ? ColumnKind.Number
        : null;

    private static bool IsText(DataField field) => field.ClrType == typeof(string) || field.ClrType == typeof(ReadOnlyMemory<char>);

    private IEnumerator<(int Rows, ColumnCells[] Columns)> Parts()
    {
        using var open = new OpenFile(Path);
        foreach (var group in open.Reader.RowGroups)
        {
            var rows = checked((int)group.RowCount);
            yield return (rows, [.. _fields.Select(field => Read(group, field, rows))]);
        }
    }

    private static ColumnCells Read(ParquetRowGroupReader group, DataField field, int rows)
    {
        if (IsText(field))
        {
            var texts = new string?[rows];
            Wait(group.ReadAsync(field, texts.AsMemory()!));
            return new TextCells(texts);
        }
        // A time without a zone comes as a local one, of which it says nothing.
        if (field.ClrType == typeof(DateTime))
            return new TimeCells(Array.ConvertAll(Values<DateTime>(), static time => time is { Kind: DateTimeKind.Local } local
                ? DateTime.SpecifyKind(local, DateTimeKind.Unspecified) : time));
        if (field.ClrType == typeof(bool)) return new BooleanCells(Values<bool>());
        return new NumberCells(Type.GetTypeCode(field.ClrType) switch
        {
            TypeCode.Double => Numbers<double>(),
            TypeCode.Single => Numbers<float>(),
            TypeCode.Decimal => Numbers<decimal>(),
            TypeCode.SByte => Numbers<sbyte>(),
            TypeCode.Byte => Numbers<byte>(),
            TypeCode.Int16 => Numbers<short>(),
            TypeCode.UInt16 => Numbers<ushort>(),
            TypeCode.Int32 => Numbers<int>(),
            TypeCode.UInt32 => Numbers<uint>(),
            TypeCode.Int64 => Numbers<long>(),
            TypeCode.UInt64 => Numbers<ulong>(),
            var code => throw new InvalidDataException($"The column '{field.Name}' holds {code}."),
        });

        T?[] Values<T>()
            where T : struct
        {
            var values = new T?[rows];
            if (field.IsNullable)
            {
                Wait(group.ReadAsync<T>(field, values.AsMemory()));
                return values;
            }
            var all = new T[rows];
            Wait(group.ReadAsync<T>(field, all.AsMemory()));
            return Array.ConvertAll(all, static value => (T?)value);
        }

        double[] Numbers<T>()
            where T : struct, IConvertible =>
            Array.ConvertAll(Values<T>(), static value => value is { } number ? number.ToDouble(CultureInfo.InvariantCulture) : double.NaN);
    }

    // Cursors of ML.NET are synchronous.
    private static void Wait(ValueTask task) => task.AsTask().GetAwaiter().GetResult();

    private sealed class OpenFile : IDisposable
    {
        private readonly FileStream _stream;

        public OpenFile(string path)
        {
            _stream = new(path, FileMode.Open, FileAccess.Read, FileShare.Read);
            try
            {
                Reader = ParquetReader.CreateAsync(_stream).GetAwaiter().GetResult();
            }
            catch (Exception error) when (error is not OutOfMemoryException)
            {
                _stream.Dispose();
                throw new InvalidDataException($"'{path}' is no whole Parquet file: {error.Message}", error);
            }
        }

        public ParquetReader Reader { get; }

        public void Dispose()
        {
            Reader.DisposeAsync().AsTask().GetAwaiter().GetResult();
            _stream.Dispose();
        }
    }
}
