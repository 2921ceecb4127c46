using Microsoft.ML.Data;

namespace Microsoft.ML.Recurrent.Files;

/// <summary>Series in Weka's ARFF: a relational attribute whose dimensions are lines of one quoted text, or numeric attributes that are the steps.</summary>
internal sealed class ArffFile
{
    private readonly string _path;
    private readonly bool _isRelational, _targetIsNumber;
    private readonly int _attributes;
    private readonly int? _dimensions;
    private readonly int _time;

    private ArffFile(string path)
    {
        _path = path;
        using var reader = new LineReader(path);
        var (inside, last) = (false, "");
        while (true)
        {
            var line = reader.ReadContent('%') ?? throw reader.Error("the file ends without @data");
            var words = line.Split((char[]?)null, 3, StringSplitOptions.RemoveEmptyEntries);
            var tag = words[0].ToLowerInvariant();
            if (tag == "@data") break;
            if (tag == "@end") inside = false;
            if (tag != "@attribute") continue;
            var type = words.Length == 3 ? words[2].Trim() : throw reader.Error("an attribute has a name and a type");
            if (type.Equals("relational", StringComparison.OrdinalIgnoreCase)) (_isRelational, inside) = (true, true);
            else if (inside) _time++;
            else (last, _attributes) = (type, _attributes + 1);
        }
        if (_attributes == 0) throw reader.Error("the last attribute must be the class or the target");
        _targetIsNumber = last.ToLowerInvariant() is "numeric" or "real" or "integer";
        if (!_isRelational) _time = _attributes - 1;
        if (_time == 0) throw reader.Error("there is no attribute beside the class");
        var first = reader.ReadContent('%') ?? throw reader.Error("the file has no series after @data");
        _dimensions = Split(reader, first).Series.Count;
    }

    public static IDataView Open(string path)
    {
        var file = new ArffFile(LineReader.Existing(path));
        var builder = new DataViewSchema.Builder();
        builder.AddColumn("Features", new VectorDataViewType(NumberDataViewType.Single, file._time, file._dimensions!.Value));
        builder.AddColumn("Label", file._targetIsNumber ? NumberDataViewType.Single : TextDataViewType.Instance);
        return new FileDataView(builder.ToSchema(), file.Rows);
    }

    private IEnumerable<object[]> Rows()
    {
        using var reader = new LineReader(_path);
        while (!(reader.ReadContent('%') ?? "@data").Equals("@data", StringComparison.OrdinalIgnoreCase))
        {
        }
        while (reader.ReadContent('%') is { } line)
        {
            var (series, label) = Split(reader, line);
            if (series.Count != _dimensions) throw reader.Error($"the series has {series.Count} dimensions, but the first one has {_dimensions}");
            var values = SeriesSteps.Interleave(reader, [.. series.Select(text => reader.Numbers(text, ','))], _time);
            yield return [FileDataView.Vector(values), _targetIsNumber ? reader.Number32(label) : label.Trim('\'', '"').AsMemory()];
        }
    }

    // The dimensions, and the label after the last comma.
    private (List<string> Series, string Label) Split(LineReader reader, string line)
    {
        var comma = line.LastIndexOf(',');
        if (comma < 0) throw reader.Error("a series and its label are expected");
        var (series, label) = (line[..comma].Trim(), line[(comma + 1)..].Trim());
        if (!_isRelational) return ([series], label);
        if (series is not (['\'', _, .., '\''] or ['"', _, .., '"'])) throw reader.Error("the dimensions of a relational attribute are one quoted text");
        return ([.. series[1..^1].Split("\\n")], label);
    }
}
