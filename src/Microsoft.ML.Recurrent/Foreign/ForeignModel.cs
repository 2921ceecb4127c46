using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Onnx.Format;
using Microsoft.ML.Recurrent.Onnx.Import;

namespace Microsoft.ML.Recurrent.Foreign;

/// <summary>Binds a foreign ONNX file to the columns of a pipeline.</summary>
internal static class ForeignModel
{
    /// <summary>Creates a model from an ONNX file with the given columns.</summary>
    /// <param name="options">The file, its columns and its constants.</param>
    /// <param name="schema">The schema of the data.</param>
    public static RecurrentModel Bind(RecurrentOnnxOptions options, DataViewSchema schema) =>
        options.SeriesColumnNames is null ? Bind(OnnxFile.Read(options.ModelFile), options, schema) : StatefulModel.Carry(options, schema);

    /// <summary>Creates a model from the contents of the file.</summary>
    /// <param name="proto">The contents.</param>
    /// <param name="options">The columns and constants.</param>
    /// <param name="schema">The schema of the data.</param>
    public static RecurrentModel Bind(ModelProto proto, RecurrentOnnxOptions options, DataViewSchema schema)
    {
        int[]? sizesOf(string name) => schema.GetColumnOrNull(name) is { } column ? ForeignCollector.SizesOf(column) : null;
        var (path, lengthColumn) = (options.ModelFile, options.LengthColumnName);
        SetConstants(proto.Graph, options.Constants);
        var initializers = proto.Graph.Initializer.Select(tensor => tensor.Name).ToHashSet();
        ValueInfoProto[] inputs = [.. proto.Graph.Input.Where(input => !initializers.Contains(input.Name))];
        var outputColumns = options.OutputColumnNames ?? [.. proto.Graph.Output.Select(output => output.Name)];
        var inputColumns = options.InputColumnNames ?? [.. inputs.Select(input => input.Name).Where(name => name != lengthColumn)];
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
        var outputs = ForeignOutput.Find(proto, feeds, names, fixedBatch);
        return ForeignAdapter.Adapt(proto, feeds, [.. outputs.Zip(outputColumns)], fixedBatch);
    }

    // A constant is an initializer instead of an input.
    private static void SetConstants(GraphProto graph, IDictionary<string, object> constants)
    {
        foreach (var (name, value) in constants)
        {
            var input = graph.Input.FirstOrDefault(input => input.Name == name) ?? throw new ArgumentException(
                $"The model has no input '{name}' for the constant; it has {string.Join(", ", graph.Input.Select(other => $"'{other.Name}'"))}.",
                nameof(constants));
            var constant = ForeignConstant.Create(input, value);
            foreach (var old in graph.Initializer.Where(tensor => tensor.Name == name).ToArray()) graph.Initializer.Remove(old);
            graph.Input.Remove(input);
            graph.Initializer.Add(constant.Tensor);
        }
    }

    // By name if all names match, else by position.
    private static ValueInfoProto[] Choose(string path, string role, ValueInfoProto[] values, string[] columns)
    {
        if (columns.Length > values.Length)
            throw new ArgumentException(
                $"{columns.Length} {role} columns are named, but the model '{path}' "
                    + $"has {values.Length} {role}s: {string.Join(", ", values.Select(value => $"'{value.Name}'"))}.", role + "ColumnNames");
        var left = new Queue<ValueInfoProto>(values.Where(value => !columns.Contains(value.Name)));
        return [.. columns.Select(column => values.FirstOrDefault(value => value.Name == column) ?? left.Dequeue())];
    }
}
