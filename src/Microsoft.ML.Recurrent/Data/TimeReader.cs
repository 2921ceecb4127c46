using System.Globalization;
using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Time;

namespace Microsoft.ML.Recurrent.Data;

/// <summary>Reads the time of the current row as a sortable number: a DateTime, DateTimeOffset, TimeSpan, or any number.</summary>
internal static class TimeReader
{
    private const string Format = "yyyy-MM-dd HH:mm:ss";

    private const string Expected = "DateTime, DateTimeOffset, TimeSpan or a number";

    public static DataViewSchema.Column Resolve(DataViewSchema schema, string name)
    {
        var column = Columns.Find(schema, name, "time");
        return IsPossible(column.Type is VectorDataViewType or KeyDataViewType ? null : column.Type.RawType) ? column
            : throw ColumnErrors.Mismatch("time", name, Expected, column.Type.ToString()!, Remedy(column.Type.RawType, name));
    }

    /// <summary>Finds the time zone of a column of dates.</summary>
    /// <param name="schema">The schema.</param>
    /// <param name="name">The column; null for none.</param>
    /// <param name="zone">The id of the zone; null for none.</param>
    /// <param name="option">The option that names it.</param>
    /// <exception cref="ArgumentException">The zone is not known, or there is no column of dates.</exception>
    public static TimeZoneInfo? Zone(DataViewSchema schema, string? name, string? zone, string option)
    {
        var found = LocalTime.Find(zone, option);
        if (found is null) return null;
        if (name is null) throw new ArgumentException($"The option {option} needs a time column: name it.", option);
        var type = Resolve(schema, name).Type;
        return IsDate(type)
            ? found
            : throw ColumnErrors.Mismatch("time", name, $"DateTime or DateTimeOffset, which the option {option} needs", type.ToString()!);
    }

    /// <summary>Whether times are dates, with a calendar; offsets are ignored (UTC).</summary>
    public static bool IsDate(DataViewType type) => type is DateTimeDataViewType or DateTimeOffsetDataViewType;

    public static void Check(SchemaShape schema, string name)
    {
        var column = Columns.Find(schema, name, "time");
        if (column.Kind != SchemaShape.Column.VectorKind.Scalar || column.IsKey || !IsPossible(column.ItemType.RawType))
            throw ColumnErrors.Mismatch("time", name, Expected, ColumnErrors.Describe(column), Remedy(column.ItemType.RawType, name));
    }

    /// <summary>Opens the column: each call returns the time of the current row; greater is later.</summary>
    /// <param name="row">The row.</param>
    /// <param name="column">The column.</param>
    /// <param name="zone">The zone of local times, which become instants; null for times as they are.</param>
    public static Func<RowTime> Open(DataViewRow row, DataViewSchema.Column column, TimeZoneInfo? zone = null)
    {
        var type = column.Type.RawType;
        if (type == typeof(DateTime) && zone is not null) return Local(zone);
        return type == typeof(DateTime) ? Times<DateTime>(v => Dated(v.Ticks))
            : type == typeof(DateTimeOffset) ? Times<DateTimeOffset>(v => Dated(v.Ticks == 0 ? 0 : v.UtcTicks))
            : type == typeof(TimeSpan) ? Times<TimeSpan>(static v => v.Ticks)
            : type == typeof(float) ? Times<float>(v => Ordered(v)) : type == typeof(double) ? Times<double>(Ordered)
            : type == typeof(int) ? Times<int>(static v => v) : type == typeof(long) ? Times<long>(static v => v)
            : type == typeof(short) ? Times<short>(static v => v) : type == typeof(sbyte) ? Times<sbyte>(static v => v)
            : type == typeof(byte) ? Times<byte>(static v => v) : type == typeof(ushort) ? Times<ushort>(static v => v)
            : type == typeof(uint) ? Times<uint>(static v => v) : Times<ulong>(static v => unchecked((long)(v ^ 0x8000000000000000)));

        Func<RowTime> Local(TimeZoneInfo zone)
        {
            var getter = row.GetGetter<DateTime>(column);
            DateTime value = default;
            return () =>
            {
                getter(ref value);
                Dated(value.Ticks);
                // A time that says what it is needs no zone.
                if (value.Kind is not DateTimeKind.Unspecified) return new(value.ToUniversalTime().Ticks);
                if (!zone.IsInvalidTime(value)) return new(LocalTime.ToInstant(value, zone).Ticks, LocalTime.SecondInstant(value, zone)?.Ticks);
                throw ColumnErrors.Value("time", column.Name, row.Position,
                    $"holds {value.ToString(Format, CultureInfo.InvariantCulture)}, a local time that the clock of {zone.Id} leaves out when it is set "
                        + "forward. If the clock of these times is never changed, name a zone without daylight time (such as Etc/GMT-1 for UTC+1), or leave "
                        + "the option TimeZone out; otherwise correct or remove such rows.");
            };
        }

        Func<RowTime> Times<T>(Func<T, long> order) where T : struct
        {
            var getter = row.GetGetter<T>(column);
            T value = default;
            return () =>
            {
                getter(ref value);
                return new(order(value));
            };
        }

        // What ML.NET makes of an empty cell, and of a text that is no date.
        long Dated(long ticks) => ticks != 0 ? ticks : throw ColumnErrors.Value("time", column.Name, row.Position,
            "holds no time (0001-01-01, which ML.NET reads from an empty cell and from text that is no date): a row in a series needs a time; fill it in, "
                + "or filter such rows.");

        // IEEE bits sort like integers once those of negative numbers are reversed.
        long Ordered(double value)
        {
            if (!double.IsFinite(value))
                throw ColumnErrors.Value("time", column.Name, row.Position,
                    $"holds {value.ToString(CultureInfo.InvariantCulture)}: a row in a series needs a time; filter such rows.");
            var bits = BitConverter.DoubleToInt64Bits(value);
            return bits >= 0 ? bits : bits ^ long.MaxValue;
        }
    }

    /// <summary>Formats a time in the form of the column; that of a zone with its offset.</summary>
    public static string Describe(long time, DataViewType type, TimeZoneInfo? zone = null) => zone is not null && IsDate(type)
        ? TimeZoneInfo.ConvertTime(new DateTimeOffset(time, TimeSpan.Zero), zone).ToString(Format + " zzz", CultureInfo.InvariantCulture)
        : type.RawType switch
        {
            var raw when raw == typeof(DateTime) || raw == typeof(DateTimeOffset) =>
                new DateTime(time).ToString(Format, CultureInfo.InvariantCulture),
            var raw when raw == typeof(TimeSpan) => new TimeSpan(time).ToString("c", CultureInfo.InvariantCulture),
            var raw when raw == typeof(float) || raw == typeof(double) =>
                Number(time).ToString(CultureInfo.InvariantCulture),
            var raw when raw == typeof(ulong) => unchecked((ulong)time ^ 0x8000000000000000).ToString(CultureInfo.InvariantCulture),
            _ => time.ToString(CultureInfo.InvariantCulture),
        };

    /// <summary>A time as a whole number, a TimeSpan in ticks; null for dates and fractions.</summary>
    public static long? Whole(long time, DataViewType type)
    {
        if (IsDate(type)) return null;
        if (type.RawType == typeof(ulong)) return unchecked(time ^ (long)0x8000000000000000) is >= 0 and var natural ? natural : null;
        if (type.RawType != typeof(float) && type.RawType != typeof(double)) return time;
        var number = Number(time);
        return number == Math.Floor(number) && Math.Abs(number) < 1L << 53 ? (long)number : null;
    }

    private static double Number(long ordered) => BitConverter.Int64BitsToDouble(ordered >= 0 ? ordered : ordered ^ long.MaxValue);

    private static string? Remedy(Type type, string name) =>
        type == typeof(ReadOnlyMemory<char>)
            ? $"Load '{name}' as DataKind.DateTime, or convert it by mlContext.Transforms.Conversion.ConvertType(\"{name}\", outputKind: DataKind.DateTime)."
            : null;

    private static bool IsPossible(Type? type) =>
        type == typeof(DateTime) || type == typeof(DateTimeOffset) || type == typeof(TimeSpan) || type is { IsPrimitive: true } && type != typeof(bool);
}
