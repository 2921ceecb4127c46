using System.Globalization;
using System.Text;

namespace Microsoft.ML.Recurrent.Workbench.Code;

/// <summary>Writes values as C# code: invariant of the culture, and read again to the same bits.</summary>
internal static class Literals
{
    // The units of time spans, largest first, with the methods that make them.
    private static readonly (long Ticks, string Method)[] s_units =
    [
        (TimeSpan.TicksPerDay, nameof(TimeSpan.FromDays)), (TimeSpan.TicksPerHour, nameof(TimeSpan.FromHours)),
        (TimeSpan.TicksPerMinute, nameof(TimeSpan.FromMinutes)), (TimeSpan.TicksPerSecond, nameof(TimeSpan.FromSeconds)),
        (TimeSpan.TicksPerMillisecond, nameof(TimeSpan.FromMilliseconds)), (1, nameof(TimeSpan.FromTicks)),
    ];

    public static string Text(string value)
    {
        var code = new StringBuilder("\"");
        for (var i = 0; i < value.Length; i++)
        {
            var c = value[i];
            if (char.IsHighSurrogate(c) && i + 1 < value.Length && char.IsLowSurrogate(value[i + 1])) code.Append(c).Append(value[++i]);
            else if (c is '"' or '\\') code.Append('\\').Append(c);
            else if (c is '\n') code.Append("\\n");
            else if (c is '\r') code.Append("\\r");
            else if (c is '\t') code.Append("\\t");
            // What ends a line, is not seen or turns the direction of a line is told by its number.
            else if (char.IsControl(c) || char.IsSurrogate(c)
                || CharUnicodeInfo.GetUnicodeCategory(c) is UnicodeCategory.Format or UnicodeCategory.LineSeparator
                or UnicodeCategory.ParagraphSeparator or UnicodeCategory.OtherNotAssigned or UnicodeCategory.PrivateUse)
                code.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:X4}");
            else code.Append(c);
        }
        return code.Append('"').ToString();
    }

    public static string Character(char value) => value switch
    {
        '\'' => @"'\''",
        '"' => "'\"'",
        _ => $"'{Text(value.ToString())[1..^1]}'",
    };

    public static string Number(float value) => float.IsFinite(value) ? value.ToString("R", CultureInfo.InvariantCulture) + "f" : Special("float", value);

    public static string Number(double value)
    {
        if (!double.IsFinite(value)) return Special("double", value);
        var digits = value.ToString("R", CultureInfo.InvariantCulture);
        return digits.AsSpan().ContainsAny('.', 'E') ? digits : digits + ".0";
    }

    public static string Number(IFormattable value) => value.ToString(null, CultureInfo.InvariantCulture);

    public static string Boolean(bool value) => value ? "true" : "false";

    public static string Enumeration(Enum value)
    {
        var type = TypeName(value.GetType());
        var names = value.ToString().Split(", ");
        return names is [['-' or (>= '0' and <= '9'), ..]] ? $"({type})({value:D})" : string.Join(" | ", names.Select(name => $"{type}.{name}"));
    }

    public static string Duration(TimeSpan value)
    {
        if (value == TimeSpan.Zero) return "TimeSpan.Zero";
        var (ticks, method) = s_units.First(unit => value.Ticks % unit.Ticks == 0);
        return string.Create(CultureInfo.InvariantCulture, $"TimeSpan.{method}({value.Ticks / ticks})");
    }

    public static string Time(DateTime value)
    {
        var kind = value.Kind is DateTimeKind.Unspecified ? "" : $", {Enumeration(value.Kind)}";
        return value.Ticks % TimeSpan.TicksPerSecond != 0 ? string.Create(CultureInfo.InvariantCulture, $"new DateTime({value.Ticks}{kind})")
            : string.Create(CultureInfo.InvariantCulture,
                $"new DateTime({value.Year}, {value.Month}, {value.Day}, {value.Hour}, {value.Minute}, {value.Second}{kind})");
    }

    public static string TimeOfDay(TimeOnly value) => value.Ticks % TimeSpan.TicksPerSecond != 0
        ? string.Create(CultureInfo.InvariantCulture, $"new TimeOnly({value.Ticks})")
        : value.ToString(value.Second == 0 ? "'new TimeOnly('H', 'm')'" : "'new TimeOnly('H', 'm', 's')'", CultureInfo.InvariantCulture);

    /// <summary>The name of a public type where its namespace is imported.</summary>
    public static string TypeName(Type type) => type.IsNested ? $"{TypeName(type.DeclaringType!)}.{type.Name}" : type.Name;

    private static string Special(string type, double value) =>
        $"{type}.{(double.IsNaN(value) ? nameof(double.NaN) : value > 0 ? nameof(double.PositiveInfinity) : nameof(double.NegativeInfinity))}";
}
