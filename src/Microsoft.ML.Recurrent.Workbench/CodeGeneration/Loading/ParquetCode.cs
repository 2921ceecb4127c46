using System.Collections.Immutable;
using Microsoft.ML.Recurrent.Workbench.Inspection;

namespace Microsoft.ML.Recurrent.Workbench.CodeGeneration.Loading;

/// <summary>Reads a Parquet file by Parquet.Net, as the tool does.</summary>
internal sealed class ParquetCode(TableProfile profile) : ColumnarCode(profile)
{
    public override ImmutableArray<string> Packages => ["Parquet.Net"];

    public override ImmutableArray<string> Usings => ["System.Globalization", "Parquet", "Parquet.Schema", "Microsoft.ML.Data"];

    protected override string Open => """
        using var stream = File.OpenRead(path);
        var reader = ParquetReader.CreateAsync(stream).GetAwaiter().GetResult();
        var fields = reader.Schema.GetDataFields().ToDictionary(field => field.Path.ToString());
        foreach (var group in reader.RowGroups)
        """;

    protected override string Begin => """
        var rows = checked((int)group.RowCount);
        object?[] Read(string column) => ReadCells(group, fields[column], rows);
        """;

    protected override string ReadMembers => """
        private static object?[] ReadCells(ParquetRowGroupReader group, DataField field, int rows)
        {
            if (field.ClrType == typeof(string) || field.ClrType == typeof(ReadOnlyMemory<char>))
            {
                var texts = new string?[rows];
                group.ReadAsync(field, texts.AsMemory()!).AsTask().GetAwaiter().GetResult();
                return texts;
            }
            return Type.GetTypeCode(field.ClrType) switch
            {
                TypeCode.Boolean => Cells<bool>(cell => cell),
                // A time without a zone comes as a local one, of which the file says nothing.
                TypeCode.DateTime => Cells<DateTime>(cell => cell.Kind == DateTimeKind.Local ? DateTime.SpecifyKind(cell, DateTimeKind.Unspecified) : cell),
                TypeCode.Double => Cells<double>(cell => cell),
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
            };

            object?[] Numbers<T>()
                where T : struct, IConvertible => Cells<T>(cell => cell.ToDouble(CultureInfo.InvariantCulture));

            object?[] Cells<T>(Func<T, object> convert)
                where T : struct
            {
                if (!field.IsNullable)
                {
                    var all = new T[rows];
                    group.ReadAsync<T>(field, all.AsMemory()).AsTask().GetAwaiter().GetResult();
                    return Array.ConvertAll(all, cell => (object?)convert(cell));
                }
                var cells = new T?[rows];
                group.ReadAsync<T>(field, cells.AsMemory()).AsTask().GetAwaiter().GetResult();
                return Array.ConvertAll(cells, cell => cell is { } value ? convert(value) : null);
            }
        }
        """;
}
