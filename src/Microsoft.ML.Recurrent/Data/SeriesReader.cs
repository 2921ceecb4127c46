using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;
using Microsoft.ML.Data;

namespace Microsoft.ML.Recurrent.Data;

/// <summary>The series of a data set, numbered from 0 in order of appearance. Not thread-safe: one index belongs to one pass over the data.</summary>
internal sealed class SeriesIndex
{
    private readonly Dictionary<string, int> _texts = new(StringComparer.Ordinal);
    private readonly Dictionary<ulong, int> _numbers = [];
    private readonly List<string> _names = [];

    /// <summary>Whether these are the values of a category: a missing value (empty text, a missing key) then gets no entry.</summary>
    public bool IsCategory { get; init; }

    /// <summary>Whether the index is closed: unknown names are -1.</summary>
    public bool IsClosed { get; set; }

    /// <summary>Whether the names are numbers.</summary>
    public bool AreNumbers => _numbers.Count > 0;

    /// <summary>The values of a category, closed.</summary>
    public static SeriesIndex Create(CategoryManifest category)
    {
        var index = new SeriesIndex { IsCategory = true };
        foreach (var name in category.Values)
        {
            if (!category.AreNumbers) index.Add(name);
            else if (name.StartsWith('-')) index.Add(unchecked((ulong)long.Parse(name, CultureInfo.InvariantCulture)), signed: true);
            else index.Add(ulong.Parse(name, CultureInfo.InvariantCulture));
        }
        index.IsClosed = true;
        return index;
    }

    /// <summary>Creates an index with known series (text and numbers of the same name are equal); it adds others until it is closed.</summary>
    public static SeriesIndex OfSeries(IEnumerable<string> names)
    {
        var index = new SeriesIndex();
        foreach (var name in names)
        {
            var id = index.Add(name);
            if (long.TryParse(name, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var signed)
                && signed.ToString(CultureInfo.InvariantCulture) == name) index._numbers.TryAdd(unchecked((ulong)signed), id);
            else if (ulong.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var unsigned)) index._numbers.TryAdd(unsigned, id);
        }
        return index;
    }

    /// <summary>The names of the series by index.</summary>
    public IReadOnlyList<string> Names => _names;

    /// <summary>The index of a series by name, or null.</summary>
    public int? Find(string name) => _texts.TryGetValue(name, out var id) ? id
        : long.TryParse(name, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var signed)
            && _numbers.TryGetValue(unchecked((ulong)signed), out id) ? id
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

    /// <summary>The index without a series; those after it move down by one.</summary>
    public SeriesIndex Without(int series)
    {
        var index = new SeriesIndex { IsCategory = IsCategory, IsClosed = IsClosed };
        index._names.AddRange(_names.Where((_, id) => id != series));
        foreach (var (name, id) in _texts.Where(pair => pair.Value != series)) index._texts.Add(name, id > series ? id - 1 : id);
        foreach (var (number, id) in _numbers.Where(pair => pair.Value != series)) index._numbers.Add(number, id > series ? id - 1 : id);
        return index;
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

    /// <summary>Similar names, as a question for the end of a message; empty if there are none.</summary>
    public string Near(string name)
    {
        var near = ColumnErrors.Near(name, _names);
        return near.Length == 0 ? "" : $" {near}";
    }

    /// <summary>For each name, its index in another index; -1 if missing.</summary>
    public int[] FindIn(SeriesIndex other)
    {
        var found = new int[_names.Count];
        foreach (var (name, id) in _texts) found[id] = other._texts.GetValueOrDefault(name, -1);
        foreach (var (number, id) in _numbers) found[id] = other._numbers.GetValueOrDefault(number, -1);
        return found;
    }

    /// <summary>Adds the names of another index; returns the index of each here.</summary>
    public int[] Add(SeriesIndex other)
    {
        var places = other.FindIn(this);
        var areNumbers = new bool[places.Length];
        var numbers = new ulong[places.Length];
        foreach (var (number, id) in other._numbers) (areNumbers[id], numbers[id]) = (true, number);
        for (var id = 0; id < places.Length; id++)
        {
            if (places[id] < 0) places[id] = areNumbers[id] ? Add(numbers[id], signed: other._names[id].StartsWith('-')) : Add(other._names[id]);
        }
        return places;
    }

    public int Add(ReadOnlySpan<char> name)
    {
        var lookup = _texts.GetAlternateLookup<ReadOnlySpan<char>>();
        if (lookup.TryGetValue(name, out var id)) return id;
        if (IsClosed || IsCategory && name.IsEmpty) return -1;
        _names.Add(name.ToString());
        return _texts[_names[^1]] = _names.Count - 1;
    }

    /// <param name="number">The bits of the number.</param>
    /// <param name="signed">Whether the number is signed, which matters for the name only.</param>
    public int Add(ulong number, bool signed = false)
    {
        if (IsClosed) return _numbers.TryGetValue(number, out var found) ? found : -1;
        ref var id = ref CollectionsMarshal.GetValueRefOrAddDefault(_numbers, number, out var known);
        if (known) return id;
        _names.Add(signed ? unchecked((long)number).ToString(CultureInfo.InvariantCulture) : number.ToString(CultureInfo.InvariantCulture));
        return id = _names.Count - 1;
    }
}

/// <summary>Reads the series of the current row: a key, an integer, a Boolean or text.</summary>
internal static class SeriesReader
{
    private const string Expected = "Text, a key, an integer or Boolean";

    /// <summary>Finds and checks the column.</summary>
    public static DataViewSchema.Column Resolve(DataViewSchema schema, string name)
    {
        var column = Columns.Find(schema, name, "series");
        return IsPossible(column.Type) ? column : throw ColumnErrors.Mismatch("series", name, Expected, column.Type.ToString()!);
    }

    public static void Check(SchemaShape schema, string name)
    {
        var column = Columns.Find(schema, name, "series");
        if (!IsPossible(column))
            throw ColumnErrors.Mismatch("series", name, Expected, ColumnErrors.Describe(column));
    }

    /// <summary>Opens the series columns; several names are joined by '|'. Null for no column.</summary>
    public static Func<int>? Open(DataViewRow row, IReadOnlyList<string> columns, SeriesIndex index)
    {
        if (columns.Count < 2) return columns.Count == 0 ? null : Open(row, row.Schema[columns[0]], index);
        var parts = columns.Select(_ => new SeriesIndex()).ToArray();
        var readers = columns.Select((name, i) => Open(row, row.Schema[name], parts[i])).ToArray();
        // The index of the columns so far and that of the next one determine the combined index.
        var pairs = columns.Select(_ => new Dictionary<(int, int), int>()).ToArray();
        var ids = new int[columns.Count];
        var known = new List<int>();
        return () =>
        {
            var id = 0;
            for (var i = 0; i < readers.Length; i++)
            {
                ids[i] = readers[i]();
                ref var both = ref CollectionsMarshal.GetValueRefOrAddDefault(pairs[i], (id, ids[i]), out var met);
                if (!met) both = pairs[i].Count - 1;
                id = both;
            }
            if (id == known.Count) known.Add(index.Add(string.Join('|', parts.Select((part, i) => part.Names[ids[i]]))));
            return known[id];
        };
    }

    /// <summary>Opens the column: each call returns the series of the current row.</summary>
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
        if (index.IsCategory && column.Type is KeyDataViewType) return Keys(row, column, key => key > 0 ? index.Add(key) : -1);
        // Key indices are specific to one mapping: a series is named by the key value if the column has key values.
        if (column.Type is KeyDataViewType && LabelReader.KeyValues(column) is { } values)
        {
            var ids = new int[values.Values.Length + 1];
            Array.Fill(ids, -1);
            return Keys(row, column, key => ids[key] >= 0 ? ids[key] : ids[key] = index.Add(key > 0 ? values.Values[(int)key - 1] : ""));
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

    /// <summary>Whether a column can identify series or categories.</summary>
    public static bool IsPossible(DataViewType type) => IsPossible(type is VectorDataViewType ? null : type.RawType);

    /// <inheritdoc cref="IsPossible(DataViewType)"/>
    public static bool IsPossible(SchemaShape.Column column) => column.Kind == SchemaShape.Column.VectorKind.Scalar && IsPossible(column.ItemType.RawType);

    // A key of 0 is a missing value.
    internal static Func<int> Keys(DataViewRow row, DataViewSchema.Column column, Func<ulong, int> idOf)
    {
        var type = column.Type.RawType;
        return type == typeof(byte) ? Of<byte>() : type == typeof(ushort) ? Of<ushort>() : type == typeof(uint) ? Of<uint>() : Of<ulong>();

        Func<int> Of<T>() where T : unmanaged, INumber<T>
        {
            var getter = row.GetGetter<T>(column);
            T value = default;
            return () =>
            {
                getter(ref value);
                return idOf(ulong.CreateTruncating(value));
            };
        }
    }

    /// <inheritdoc cref="IsPossible(DataViewType)"/>
    public static bool IsPossible(Type? type) =>
        type == typeof(ReadOnlyMemory<char>) || type == typeof(bool) || type is { IsPrimitive: true } && type != typeof(float) && type != typeof(double);
}
