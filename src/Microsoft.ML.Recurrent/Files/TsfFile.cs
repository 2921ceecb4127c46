using System.Globalization;
using Microsoft.ML.Data;

namespace Microsoft.ML.Recurrent.Files;

/// <summary>The .tsf format of the Monash forecasting archive: attributes, then a series per line. Each step becomes a row.</summary>
internal sealed class TsfFile
{
    private const string ValueColumn = "Value", TimeColumn = "Time", StartAttribute = "start_timestamp";

    private static readonly string[] s_dates = ["yyyy-MM-dd HH-mm-ss", "yyyy-MM-dd HH:mm:ss", "yyyy-MM-dd"];

    private readonly string _path;
    private readonly List<(string Name, string Type)> _attributes = [];
    private readonly TimeFrequency? _frequency;

    private TsfFile(string path)
    {
        _path = path;
        using var reader = new LineReader(path);
        while (true)
        {
            var line = reader.ReadContent('#') ?? throw reader.Error("the file ends without @data");
            var words = line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            var tag = words[0].ToLowerInvariant();
            if (tag == "@data") break;
            if (tag == "@frequency")
                _frequency = Frequency(words.ElementAtOrDefault(1)) ?? throw reader.Error($"the frequency '{words.ElementAtOrDefault(1)}' is not known");
            if (tag != "@attribute") continue;
            if (words is not [_, var name, var type] || type.ToLowerInvariant() is not ("string" or "numeric" or "date"))
                throw reader.Error("an attribute has a name and one of the types string, numeric and date");
            if (name is ValueColumn or TimeColumn) throw reader.Error($"an attribute cannot be called '{name}', which is a column of the steps");
            _attributes.Add((name, type.ToLowerInvariant()));
        }
        if (HasStart && _frequency is null) throw reader.Error("series with a start time need @frequency");
    }

    private bool HasStart => _attributes.Contains((StartAttribute, "date"));

    public static IDataView Open(string path)
    {
        var file = new TsfFile(LineReader.Existing(path));
        var builder = new DataViewSchema.Builder();
        foreach (var (name, type) in file._attributes.Where(attribute => attribute.Name != StartAttribute))
            builder.AddColumn(name,
                type switch { "string" => TextDataViewType.Instance, "date" => DateTimeDataViewType.Instance, _ => NumberDataViewType.Single });
        builder.AddColumn(TimeColumn, file.HasStart ? DateTimeDataViewType.Instance : NumberDataViewType.Single);
        builder.AddColumn(ValueColumn, NumberDataViewType.Single);
        return new FileDataView(builder.ToSchema(), file.Rows);
    }

    private IEnumerable<object[]> Rows()
    {
        using var reader = new LineReader(_path);
        while (!(reader.ReadContent('#') ?? "@data").Equals("@data", StringComparison.OrdinalIgnoreCase))
        {
        }
        while (reader.ReadContent('#') is { } line)
        {
            var parts = Split(reader, line);
            DateTime? start = null;
            List<object> attributes = [];
            for (var i = 0; i < _attributes.Count; i++)
            {
                var (name, type) = _attributes[i];
                if (name == StartAttribute && type == "date") start = Date(reader, parts[i]);
                else attributes.Add(type switch
                {
                    "string" => parts[i].AsMemory(),
                    "date" => Date(reader, parts[i]),
                    _ => (object)reader.Number32(parts[i]),
                });
            }
            var values = reader.Numbers(parts[^1], ',');
            for (var t = 0; t < values.Length; t++)
                yield return [.. attributes, start is { } first ? _frequency!.Add(first, t) : (object)(float)t, values[t]];
        }
    }

    private List<string> Split(LineReader reader, string line)
    {
        List<string> parts = [];
        var rest = line;
        for (var i = 0; i < _attributes.Count; i++)
        {
            var (name, type) = _attributes[i];
            var end = type == "date" ? DateEnd(rest) : rest.IndexOf(':');
            if (end < 0) throw reader.Error($"the attribute '{name}' is missing: the line has {i} of {_attributes.Count} before the values");
            parts.Add(rest[..end]);
            rest = rest[(end + 1)..];
        }
        if (rest.Contains(':')) throw reader.Error($"the line has more than the {_attributes.Count} attributes that are declared");
        parts.Add(rest);
        return parts;
    }

    // A time of day may be written with colons.
    private static int DateEnd(string text)
    {
        for (var end = text.IndexOf(':'); end >= 0; end = text.IndexOf(':', end + 1))
            if (DateTime.TryParseExact(text[..end].Trim(), s_dates, CultureInfo.InvariantCulture, DateTimeStyles.None, out _)) return end;
        return text.IndexOf(':');
    }

    private static DateTime Date(LineReader reader, string text) =>
        DateTime.TryParseExact(text.Trim(), s_dates, CultureInfo.InvariantCulture, DateTimeStyles.None, out var date) ? date
            : throw reader.Error($"'{text}' is no date of the form yyyy-MM-dd HH-mm-ss");

    // 10_minutes, half_hourly, daily, ...
    private static TimeFrequency? Frequency(string? text)
    {
        if (text is null) return null;
        var (multiple, unit) = (1, text.ToLowerInvariant());
        if (unit.IndexOf('_') is > 0 and var end && int.TryParse(unit[..end], NumberStyles.None, CultureInfo.InvariantCulture, out multiple))
            unit = unit[(end + 1)..];
        else multiple = 1;
        return unit switch
        {
            "secondly" or "seconds" or "second" => new(TimeUnit.Second, multiple),
            "minutely" or "minutes" or "minute" => new(TimeUnit.Minute, multiple),
            "half_hourly" => new(TimeUnit.Minute, 30),
            "hourly" or "hours" or "hour" => new(TimeUnit.Hour, multiple),
            "daily" or "days" or "day" => new(TimeUnit.Day, multiple),
            "weekly" or "weeks" or "week" => new(TimeUnit.Week, multiple),
            "monthly" or "months" or "month" => new(TimeUnit.Month, multiple),
            "quarterly" or "quarters" or "quarter" => new(TimeUnit.Month, 3 * multiple),
            "yearly" or "years" or "year" => new(TimeUnit.Year, multiple),
            _ => null,
        };
    }
}
