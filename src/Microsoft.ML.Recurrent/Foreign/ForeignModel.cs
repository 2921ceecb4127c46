using Microsoft.ML.Recurrent.Onnx.Format;
using Microsoft.ML.Recurrent.Onnx.Import;

namespace Microsoft.ML.Recurrent.Foreign;

/// <summary>Binds a foreign ONNX file to the columns of a pipeline.</summary>
internal static class ForeignModel
{
    /// <summary>Creates a model from an ONNX file with the given columns.</summary>
    /// <param name="path">The file.</param>
    /// <param name="outputColumns">Columns to write: bound by name to the outputs of the graph, or by position to its first ones.</param>
    /// <param name="inputColumns">Columns to read, bound likewise.</param>
    /// <param name="lengthColumn">The column of sequence lengths; null if the graph takes none.</param>
    /// <param name="sizesOf">Returns the sizes of a column: none for a scalar, 0 for a varying size; null if there is no such column.</param>
    public static RecurrentModel Bind(string path, string[] outputColumns, string[] inputColumns, string? lengthColumn, Func<string, int[]?> sizesOf)
    {
        var proto = OnnxFile.Read(path);
        var initializers = proto.Graph.Initializer.Select(tensor => tensor.Name).ToHashSet();
        ValueInfoProto[] inputs = [.. proto.Graph.Input.Where(input => !initializers.Contains(input.Name))];
        var given = lengthColumn is null ? inputColumns : [.. inputColumns, lengthColumn];
        var chosen = Choose(path, "input", inputs, given);
        if (chosen.Length < inputs.Length)
            throw new ArgumentException(
                $"The model '{path}' takes {string.Join(", ", inputs.Select(input => $"'{input.Name}'"))}, but no column is named "
                    + $"for {string.Join(", ", inputs.Except(chosen).Select(input => $"'{input.Name}'"))}.", nameof(inputColumns));
        var feeds = new ForeignInput[given.Length];
        for (var i = 0; i < feeds.Length; i++)
        {
            var isLength = i == inputColumns.Length;
            var sizes = sizesOf(given[i]) ?? (isLength ? [] : throw new ArgumentException($"There is no column '{given[i]}'.", nameof(inputColumns)));
            feeds[i] = ForeignInput.Resolve(chosen[i], given[i], sizes);
            if (isLength) feeds[i] = feeds[i].AsLength();
        }
        int[] batches = [.. feeds.Where(feed => feed.FixedBatch is not null).Select(feed => feed.FixedBatch!.Value).Distinct()];
        if (batches.Length > 1) throw new ArgumentException($"The inputs of the model '{path}' take different numbers of rows: {string.Join(", ", batches)}.");
        int? fixedBatch = batches.Length == 1 ? batches[0] : null;
        string[] names = [.. Choose(path, "output", [.. proto.Graph.Output], outputColumns).Select(output => output.Name)];
        var outputs = ForeignOutput.Find(path, feeds, names, fixedBatch);
        return ForeignAdapter.Adapt(proto, feeds, [.. outputs.Zip(outputColumns)], fixedBatch);
    }

    // By name if all names match, else by position.
    private static ValueInfoProto[] Choose(string path, string role, ValueInfoProto[] values, string[] columns)
    {
        if (columns.All(column => values.Any(value => value.Name == column))) return [.. columns.Select(column => values.First(value => value.Name == column))];
        if (columns.Length > values.Length)
            throw new ArgumentException(
                $"{columns.Length} {role} columns are named, but the model '{path}' "
                    + $"has {values.Length} {role}s: {string.Join(", ", values.Select(value => $"'{value.Name}'"))}.", role + "ColumnNames");
        return values[..columns.Length];
    }
}
