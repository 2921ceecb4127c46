using System.Globalization;
using System.Text.Json;
using Microsoft.ML.Data;

namespace Microsoft.ML.Recurrent.Files;

/// <summary>JSON lines of GluonTS: a series per line with its start, target and features. Each step becomes a row.</summary>
internal sealed class GluonTsFile
{
    private const string Target = "target", Start = "start", Item = "item_id", StaticCategories = "feat_static_cat", StaticNumbers = "feat_static_real",
        DynamicNumbers = "feat_dynamic_real";

    private readonly string _path;
    private readonly TimeFrequency _frequency;
    private readonly int _categories, _statics, _dynamics;

    private GluonTsFile(string path, TimeFrequency frequency)
    {
        (_path, _frequency) = (path, frequency);
        using var reader = new LineReader(path);
        using var first = Read(reader) ?? throw reader.Error("the file has no series");
        (_categories, _statics, _dynamics) = (Length(first, StaticCategories), Length(first, StaticNumbers), Length(first, DynamicNumbers));
    }

    public static IDataView Open(string path, TimeFrequency frequency)
    {
        var file = new GluonTsFile(LineReader.Existing(path), frequency);
        var builder = new DataViewSchema.Builder();
        builder.AddColumn("Series", TextDataViewType.Instance);
        builder.AddColumn("Time", DateTimeDataViewType.Instance);
        builder.AddColumn("Value", NumberDataViewType.Single);
        for (var i = 0; i < file._categories; i++) builder.AddColumn($"StaticCategory{i + 1}", NumberDataViewType.Int32);
        if (file._statics > 0) builder.AddColumn("StaticNumbers", new VectorDataViewType(NumberDataViewType.Single, file._statics));
        if (file._dynamics > 0) builder.AddColumn("DynamicNumbers", new VectorDataViewType(NumberDataViewType.Single, file._dynamics));
        return new FileDataView(builder.ToSchema(), file.Rows);
    }

    private IEnumerable<object[]> Rows()
    {
        using var reader = new LineReader(_path);
        var line = 0;
        while (Read(reader) is { } document)
        {
            using var owned = document;
            line++;
            var root = document.RootElement;
            Check(reader, document, StaticCategories, _categories);
            Check(reader, document, StaticNumbers, _statics);
            Check(reader, document, DynamicNumbers, _dynamics);
            var name = root.TryGetProperty(Item, out var item) ? item.ToString() : line.ToString(CultureInfo.InvariantCulture);
            if (!root.TryGetProperty(Start, out var start) || !DateTime.TryParse(start.ToString(), CultureInfo.InvariantCulture, out var first))
                throw reader.Error($"the series '{name}' has no '{Start}' that is a date");
            if (!root.TryGetProperty(Target, out var target) || target.ValueKind is not JsonValueKind.Array)
                throw reader.Error($"the series '{name}' has no '{Target}'");
            var values = Numbers(reader, target);
            object[] statics =
            [
                .. _categories > 0 ? root.GetProperty(StaticCategories).EnumerateArray().Select(value => (object)value.GetInt32()) : [],
                .. _statics > 0 ? [FileDataView.Vector(Numbers(reader, root.GetProperty(StaticNumbers)))] : Array.Empty<object>(),
            ];
            float[][] dynamics = _dynamics == 0 ? [] : [.. root.GetProperty(DynamicNumbers).EnumerateArray().Select(values => Numbers(reader, values))];
            // Features known ahead are longer than the target.
            var steps = dynamics.Length == 0 ? values.Length : dynamics.Min(feature => feature.Length);
            if (steps < values.Length) throw reader.Error($"'{DynamicNumbers}' of the series '{name}' has {steps} steps, but '{Target}' has {values.Length}");
            for (var t = 0; t < steps; t++)
            {
                yield return
                [
                    name.AsMemory(), _frequency.Add(first, t), t < values.Length ? values[t] : float.NaN, .. statics,
                    .. dynamics.Length == 0 ? Array.Empty<object>() : [FileDataView.Vector(Array.ConvertAll(dynamics, feature => feature[t]))],
                ];
            }
        }
    }

    private static JsonDocument? Read(LineReader reader)
    {
        while (reader.Read() is { } line)
        {
            if (string.IsNullOrWhiteSpace(line)) continue;
            try
            {
                var document = JsonDocument.Parse(line);
                return document.RootElement.ValueKind is JsonValueKind.Object ? document : throw reader.Error("a JSON object is expected");
            }
            catch (JsonException error)
            {
                throw reader.Error($"the JSON cannot be read ({error.Message})");
            }
        }
        return null;
    }

    private static int Length(JsonDocument document, string property) =>
        document.RootElement.TryGetProperty(property, out var values) && values.ValueKind is JsonValueKind.Array ? values.GetArrayLength() : 0;

    private static void Check(LineReader reader, JsonDocument document, string property, int expected)
    {
        if (Length(document, property) is var found && found != expected)
            throw reader.Error($"'{property}' has {found} entries, but {expected} in the first series");
    }

    private static float[] Numbers(LineReader reader, JsonElement values) => [.. values.EnumerateArray().Select(value => value.ValueKind switch
    {
        JsonValueKind.Number => value.GetSingle(),
        JsonValueKind.Null => float.NaN,
        JsonValueKind.String => reader.Number32(value.GetString()),
        var kind => throw reader.Error($"a number is expected, found {kind}"),
    })];
}
