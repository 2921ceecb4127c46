using System.Globalization;
using Microsoft.ML.Data;

namespace Microsoft.ML.Recurrent.Files;

/// <summary>The .ts format of the UEA and UCR archives: tags, then a series per line, dimensions separated by colons.</summary>
internal sealed class TsFile
{
    private const string FeatureColumn = "Features", LabelColumn = "Label", TimeColumn = "Time";

    private readonly string _path;
    private readonly Dictionary<string, string[]> _tags = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<string>? _classes;
    private readonly bool _hasTarget, _hasTimes, _timesAreDates;
    private readonly int _dimensions;
    private readonly int? _time;

    private TsFile(string path)
    {
        _path = path;
        using var reader = new LineReader(path);
        ReadTags(reader);
        _hasTimes = Flag("timestamps");
        _hasTarget = Flag("targetlabel");
        if (Flag("classlabel")) _classes = [.. _tags["classlabel"].Skip(1)];
        var first = reader.ReadContent('#') ?? throw reader.Error("the file has no series after @data");
        var parts = Split(first);
        _dimensions = parts.Count - (HasLabel ? 1 : 0);
        if (_dimensions < 1) throw reader.Error("the series has no dimension before its label");
        if (Value("dimensions") is { } declared && declared != _dimensions)
            throw reader.Error($"the series has {_dimensions} dimensions, but @dimensions is {declared}");
        if (Flag("univariate") && _dimensions > 1) throw reader.Error($"the series has {_dimensions} dimensions, but @univariate is true");
        if (Flag("equallength") && !_hasTimes) _time = Value("serieslength") ?? parts[0].Count(',') + 1;
        _timesAreDates = _hasTimes && Pairs(reader, parts[0]).FirstOrDefault().Time is { } time
            && !double.TryParse(time, NumberStyles.Float, CultureInfo.InvariantCulture, out _);
    }

    private bool HasLabel => _hasTarget || _classes is not null;

    public static IDataView Open(string path)
    {
        var file = new TsFile(LineReader.Existing(path));
        var builder = new DataViewSchema.Builder();
        builder.AddColumn(FeatureColumn, new VectorDataViewType(NumberDataViewType.Single, file._time ?? 0, file._dimensions));
        if (file.HasLabel) builder.AddColumn(LabelColumn, file._hasTarget ? NumberDataViewType.Single : TextDataViewType.Instance);
        if (file._hasTimes)
            builder.AddColumn(TimeColumn, new VectorDataViewType(file._timesAreDates ? DateTimeDataViewType.Instance : NumberDataViewType.Double));
        return new FileDataView(builder.ToSchema(), file.Rows);
    }

    private IEnumerable<object[]> Rows()
    {
        using var reader = new LineReader(_path);
        while (reader.ReadContent('#') is { } tag && !tag.Equals("@data", StringComparison.OrdinalIgnoreCase))
        {
        }
        while (reader.ReadContent('#') is { } line)
        {
            var parts = Split(line);
            var dimensions = parts.Count - (HasLabel ? 1 : 0);
            if (dimensions != _dimensions) throw reader.Error($"the series has {dimensions} dimensions, but the first one has {_dimensions}");
            var row = new List<object>();
            string[]? times = null;
            var values = new float[_dimensions][];
            for (var d = 0; d < _dimensions; d++)
            {
                if (!_hasTimes)
                {
                    values[d] = reader.Numbers(parts[d], ',');
                    continue;
                }
                var pairs = Pairs(reader, parts[d]);
                values[d] = [.. pairs.Select(pair => reader.Number32(pair.Value))];
                string[] own = [.. pairs.Select(pair => pair.Time)];
                if (times is not null && !times.SequenceEqual(own)) throw reader.Error($"dimension {d + 1} has other timestamps than dimension 1");
                times = own;
            }
            row.Add(FileDataView.Vector(SeriesSteps.Interleave(reader, values, _time)));
            if (HasLabel) row.Add(Label(reader, parts[^1].Trim()));
            if (times is not null)
                row.Add(_timesAreDates ? FileDataView.Vector(Array.ConvertAll(times, time => Date(reader, time)))
                    : FileDataView.Vector(Array.ConvertAll(times,
                        time => double.TryParse(time, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
                        ? number : throw reader.Error($"'{time}' is no number, as other timestamps of this file are"))));
            yield return [.. row];
        }
    }

    private object Label(LineReader reader, string text)
    {
        if (_hasTarget) return reader.Number32(text);
        return _classes!.Count == 0 || _classes.Contains(text) ? text.AsMemory()
            : throw reader.Error($"'{text}' is no class of @classLabel, which has {string.Join(", ", _classes.Take(10))}");
    }

    private void ReadTags(LineReader reader)
    {
        while (reader.ReadContent('#') is { } line)
        {
            if (line[0] != '@') throw reader.Error("a tag that begins with @ is expected before @data");
            var words = line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            if (words[0].Equals("@data", StringComparison.OrdinalIgnoreCase)) return;
            _tags[words[0][1..]] = words[1..];
        }
        throw reader.Error("the file ends without @data");
    }

    private bool Flag(string tag) =>
        _tags.TryGetValue(tag, out var values) && values is [var value, ..] && value.Equals("true", StringComparison.OrdinalIgnoreCase);

    private int? Value(string tag) => _tags.TryGetValue(tag, out var values) && values is [var text, ..]
        && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : null;

    // Colons separate dimensions, but not inside the parentheses of a timestamp.
    private static List<string> Split(string line)
    {
        List<string> parts = [];
        var (start, depth) = (0, 0);
        for (var i = 0; i < line.Length; i++)
        {
            if (line[i] == '(') depth++;
            else if (line[i] == ')') depth--;
            else if (line[i] == ':' && depth == 0)
            {
                parts.Add(line[start..i]);
                start = i + 1;
            }
        }
        parts.Add(line[start..]);
        return parts;
    }

    // (time,value) pairs.
    private static List<(string Time, string Value)> Pairs(LineReader reader, string dimension)
    {
        List<(string, string)> pairs = [];
        for (var start = dimension.IndexOf('('); start >= 0; start = dimension.IndexOf('(', start))
        {
            var end = dimension.IndexOf(')', start);
            if (end < 0) throw reader.Error("a timestamp lacks its closing parenthesis");
            var comma = dimension.LastIndexOf(',', end);
            if (comma < start) throw reader.Error($"'{dimension[start..(end + 1)]}' is no pair of a timestamp and a value");
            pairs.Add((dimension[(start + 1)..comma].Trim(), dimension[(comma + 1)..end]));
            start = end;
        }
        return pairs;
    }

    private static DateTime Date(LineReader reader, string text) =>
        DateTime.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.None, out var date) ? date : throw reader.Error($"'{text}' is no date");
}
