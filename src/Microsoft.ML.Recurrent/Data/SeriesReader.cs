using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.ML.Data;

namespace Microsoft.ML.Recurrent.Data;

/// <summary>The series of a data set, numbered from 0 in the order in which they were met. Not thread-safe: one index belongs to one pass over the data.</summary>
internal sealed class SeriesIndex
{
    private readonly Dictionary<string, int> _texts = new(StringComparer.Ordinal);
    private readonly Dictionary<ulong, int> _numbers = [];
    private readonly List<string> _names = [];

    /// <summary>The names of the series by number.</summary>
    public IReadOnlyList<string> Names => _names;

    /// <summary>The number of a series by its name, or null.</summary>
    public int? Find(string name) => _texts.TryGetValue(name, out var id) ? id
        : long.TryParse(name, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var signed) && _numbers.TryGetValue(unchecked((ulong)signed), out id) ? id
        : ulong.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var unsigned) && _numbers.TryGetValue(unsigned, out id) ? id : null;

    public void Save(BinaryWriter writer)
    {
        // *** Binary format ***
        // int: series; for each: string: its name; bool: whether it is a number; ulong: the number
        var numbers = _numbers.ToDictionary(pair => pair.Value, pair => pair.Key);
        writer.Write(_names.Count);
        for (var i = 0; i < _names.Count; i++)
        {
            var isNumber = numbers.TryGetValue(i, out var number);
            writer.Write(_names[i]);
            writer.Write(isNumber);
            if (isNumber) writer.Write(number);
        }
    }

    public static SeriesIndex Load(BinaryReader reader)
    {
        var index = new SeriesIndex();
        for (var count = reader.ReadInt32(); count > 0; count--)
        {
            var name = reader.ReadString();
            if (reader.ReadBoolean()) index._numbers[reader.ReadUInt64()] = index._names.Count;
            else index._texts[name] = index._names.Count;
            index._names.Add(name);
        }
        return index;
    }

    public int Add(ReadOnlySpan<char> name)
    {
        var lookup = _texts.GetAlternateLookup<ReadOnlySpan<char>>();
        if (lookup.TryGetValue(name, out var id)) return id;
        _names.Add(name.ToString());
        return _texts[_names[^1]] = _names.Count - 1;
    }

    /// <param name="number">The number's bits.</param>
    /// <param name="signed">Whether they are those of a signed number, which matters to the name alone.</param>
    public int Add(ulong number, bool signed = false)
    {
        ref var id = ref CollectionsMarshal.GetValueRefOrAddDefault(_numbers, number, out var known);
        if (known) return id;
        _names.Add(signed ? unchecked((long)number).ToString(CultureInfo.InvariantCulture) : number.ToString(CultureInfo.InvariantCulture));
        return id = _names.Count - 1;
    }
}

/// <summary>Reads to which series the current row belongs: a key, a whole number, a Boolean or a text.</summary>
internal static class SeriesReader
{
    private const string Expected = "Text, a key, a whole number or Boolean";

    /// <summary>Finds and checks the column.</summary>
    public static DataViewSchema.Column Resolve(DataViewSchema schema, string name)
    {
        var column = Columns.Find(schema, name, "series");
        return IsPossible(column.Type is VectorDataViewType ? null : column.Type.RawType) ? column : throw ColumnErrors.Mismatch("series", name, Expected, column.Type.ToString()!);
    }

    public static void Check(SchemaShape schema, string name)
    {
        var column = Columns.Find(schema, name, "series");
        if (column.Kind != SchemaShape.Column.VectorKind.Scalar || !IsPossible(column.ItemType.RawType))
            throw ColumnErrors.Mismatch("series", name, Expected, ColumnErrors.Describe(column));
    }

    /// <summary>Opens the column: each call of the result gives the current row's series.</summary>
    public static Func<int> Open(DataViewRow row, DataViewSchema.Column column, SeriesIndex index)
    {
        var type = column.Type.RawType;
        if (type == typeof(ReadOnlyMemory<char>))
        {
            var getter = row.GetGetter<ReadOnlyMemory<char>>(column);
            ReadOnlyMemory<char> value = default;
            return () =>
            {
                getter(ref value);
                return index.Add(value.Span);
            };
        }
        return type == typeof(uint) ? Numbers<uint>(static v => v) : type == typeof(byte) ? Numbers<byte>(static v => v)
            : type == typeof(ushort) ? Numbers<ushort>(static v => v) : type == typeof(ulong) ? Numbers<ulong>(static v => v)
            : type == typeof(int) ? Numbers<int>(static v => unchecked((ulong)v)) : type == typeof(short) ? Numbers<short>(static v => unchecked((ulong)v))
            : type == typeof(sbyte) ? Numbers<sbyte>(static v => unchecked((ulong)v)) : type == typeof(long) ? Numbers<long>(static v => unchecked((ulong)v))
            : Numbers<bool>(static v => v ? 1ul : 0ul);

        Func<int> Numbers<T>(Func<T, ulong> number) where T : unmanaged
        {
            var getter = row.GetGetter<T>(column);
            T value = default;
            var signed = type == typeof(int) || type == typeof(short) || type == typeof(sbyte) || type == typeof(long);
            return () =>
            {
                getter(ref value);
                return index.Add(number(value), signed);
            };
        }
    }

    private static bool IsPossible(Type? type) => type == typeof(ReadOnlyMemory<char>) || type == typeof(bool) || type is { IsPrimitive: true } && type != typeof(float) && type != typeof(double);
}
