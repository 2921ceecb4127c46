using Microsoft.ML.Data;

namespace Microsoft.ML.Recurrent.Files;

/// <summary>The .tsv format of the UCR archive: the class, then the steps of a univariate series, padded at the end by NaN.</summary>
internal static class UcrTsvFile
{
    public static IDataView Open(string path)
    {
        LineReader.Existing(path);
        var builder = new DataViewSchema.Builder();
        builder.AddColumn("Features", new VectorDataViewType(NumberDataViewType.Single));
        builder.AddColumn("Label", TextDataViewType.Instance);
        return new FileDataView(builder.ToSchema(), () => Rows(path));
    }

    private static IEnumerable<object[]> Rows(string path)
    {
        using var reader = new LineReader(path);
        while (reader.Read() is { } line)
        {
            if (line.Length == 0) continue;
            var label = line.IndexOf('\t');
            if (label < 0) throw reader.Error("a class and its series, separated by tabs, are expected");
            var values = reader.Numbers(line.AsSpan(label + 1), '\t');
            var length = values.Length;
            while (length > 0 && float.IsNaN(values[length - 1])) length--;
            yield return [FileDataView.Vector(values[..length]), line[..label].Trim().AsMemory()];
        }
    }
}
