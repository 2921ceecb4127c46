using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Onnx.Format;
using Microsoft.ML.Recurrent.Onnx.Import;
using DataType = Microsoft.ML.Recurrent.Onnx.Format.TensorProto.Types.DataType;

namespace Microsoft.ML.Recurrent.Foreign;

/// <summary>Binds a foreign ONNX file to the columns of a pipeline.</summary>
internal static class ForeignModel
{
    /// <summary>Creates a model from an ONNX file with the given columns.</summary>
    /// <param name="options">The file, its columns and its constants.</param>
    /// <param name="data">The data: its schema, and its first row where the graph does not run on zeros.</param>
    /// <exception cref="ArgumentException">Columns and model do not fit together; the message says how.</exception>
    public static RecurrentModel Bind(RecurrentOnnxOptions options, IDataView data) =>
        options.SeriesColumnNames is null
            ? Bind(OnnxFile.Read(options.ModelFile), options, data.Schema, data)
            : StatefulModel.Carry(options, data);

    /// <summary>Creates a model from the contents of the file.</summary>
    /// <param name="model">The contents.</param>
    /// <param name="options">The columns and constants.</param>
    /// <param name="schema">The columns of the data, and others for which zeros will do.</param>
    /// <param name="data">The data; null for none.</param>
    public static RecurrentModel Bind(ModelProto model, RecurrentOnnxOptions options, DataViewSchema schema, IDataView? data)
    {
        var graph = ForeignGraph.Read(options.ModelFile, model, options.OutputColumnNames,
            options.Constants.Keys.Concat(options.InputColumnNames ?? []).ToHashSet());
        Check(graph, options.Constants.Keys, "constants");
        Check(graph, options.TimeAxes.Keys, nameof(RecurrentOnnxOptions.TimeAxes));
        ForeignConstant[] constants = [.. graph.Inputs.Where(input => options.Constants.ContainsKey(input.Name))
            .Select(input => ForeignConstant.Create(input, options.Constants[input.Name], graph.Trace(input)))];
        ValueInfoProto[] free = [.. graph.Inputs.Where(input => !options.Constants.ContainsKey(input.Name))];
        var lengths = ForeignLengths.Find(graph, free, options, schema);
        var feeds = Feeds(graph, free, lengths, options, schema);
        if (feeds.Count == 0) throw new ArgumentException($"No column feeds the model '{graph.Path}': constants alone give the same answer to every row.",
            "constants");
        var readings = ForeignAxes.Resolve(graph, feeds, constants, options.TimeAxes);
        var padsRows = lengths?.IsKnown is true;
        var bound = feeds.Select((feed, i) => new ForeignInput(feed.Input, readings[i], feed.Column.Name)).ToList();
        if (lengths is not null) BindLengths(bound, lengths, graph, schema);
        else padsRows = CheckLengths(bound, graph);
        using var probe = new ForeignProbe(graph, bound, constants);
        var (outputs, fixedBatch) = ForeignOutput.Find(graph, probe, bound, FixedBatchOf(graph.Path, bound), data);
        if (fixedBatch != 1)
            bound = [.. bound.Select(input => input.Reading.Batch < 0 && !input.Reading.Varies ? input.AsShared() : input)];
        return ForeignAdapter.Adapt(graph, bound, constants, outputs, fixedBatch, padsRows);
    }

    private static void Check(ForeignGraph graph, IEnumerable<string> names, string parameter)
    {
        foreach (var name in names)
            if (!Array.Exists(graph.AllInputs, input => input.Name == name))
                throw new ArgumentException($"The model '{graph.Path}' has no input '{name}'; it has "
                    + $"{string.Join(", ", graph.AllInputs.Select(input => $"'{input.Name}'"))}.", parameter);
    }

    private static List<(ValueInfoProto Input, ForeignColumn Column)> Feeds(ForeignGraph graph, ValueInfoProto[] free, ForeignLengths? lengths,
        RecurrentOnnxOptions options, DataViewSchema schema)
    {
        ValueInfoProto[] open = [.. free.Where(input => input != lengths?.Input)];
        var columns = options.InputColumnNames?.Where(name => name != lengths?.Column).ToArray() ?? Array.ConvertAll(open, input => input.Name);
        foreach (var name in columns)
            if (schema.GetColumnOrNull(name) is null)
                throw ColumnErrors.Missing("input", name, schema.Select(other => other.Name), open.FirstOrDefault(input => input.Name == name) is { } input
                    ? $"The model has an input of this name [{ForeignInput.Describe(input)}]: name the columns that feed it in inputColumnNames, or give a "
                        + $"value for all "
                        + $"rows, constants: new() {{ [\"{name}\"] = ... }}.{StatefulModel.Remedy([input], graph.AllOutputs)}"
                    : null);
        var chosen = ForeignNames.Inputs(graph.Path, graph.AllInputs, open, columns);
        if (open.Except(chosen).ToArray() is { Length: > 0 } missing)
            throw new ArgumentException(
                $"The model '{graph.Path}' takes {string.Join(", ", free.Select(input => $"'{input.Name}'"))}, but no column is named "
                    + $"for {string.Join(", ", missing.Select(input => $"'{input.Name}' [{ForeignInput.Describe(input)}]"))}. Name a column for each, or "
                    + $"give a "
                    + $"value for all rows: constants: new() {{ [\"{missing[0].Name}\"] = ... }}.{StatefulModel.Remedy(missing, graph.AllOutputs)}",
                        "inputColumnNames");
        List<(ValueInfoProto, ForeignColumn)> feeds = [];
        for (var i = 0; i < columns.Length; i++)
        {
            if (!open.Contains(chosen[i])) continue;
            var column = ForeignColumn.Create(schema[columns[i]]);
            CheckType(chosen[i], column);
            feeds.Add((chosen[i], column));
        }
        return feeds;
    }

    private static void CheckType(ValueInfoProto input, ForeignColumn column)
    {
        var type = (DataType)(input.Type?.TensorType
            ?? throw new ArgumentException($"The input '{input.Name}' of the model is not a tensor, so the column '{column.Name}' cannot feed it.")).ElemType;
        if (!ForeignInput.IsSupported(type))
            throw new ArgumentException($"The model's input '{input.Name}' has the element type {type}; only numbers, Booleans and texts are supported.");
        if (input.Type.TensorType.Shape is null)
            throw new ArgumentException($"The model does not declare the shape of its input '{input.Name}', so the column '{column.Name}' cannot feed it.");
        if (type is DataType.String ? column.IsText : column.IsNumeric) return;
        throw type is DataType.String
            ? ColumnErrors.Mismatch("input", column.Name, "text", column.Type.ToString()!,
                $"Convert it by mlContext.Transforms.Conversion.ConvertType(\"{column.Name}\", outputKind: DataKind.String).")
            : ColumnErrors.Mismatch("input", column.Name, "numbers", column.Type.ToString()!,
                ColumnErrors.SequenceRemedy(column.Type is VectorDataViewType, Columns.ItemType(column.Type).RawType, column.Name));
    }

    private static void BindLengths(List<ForeignInput> bound, ForeignLengths lengths, ForeignGraph graph, DataViewSchema schema)
    {
        var sequence = Sequence(bound, graph) ?? throw new ArgumentException(
            $"The model's input '{lengths.Input.Name}' takes sequence lengths, but no other input has steps. Name a column for it.",
                "lengthColumnName");
        var column = lengths.Column is { } name ? ForeignColumn.Create(schema[name]) : new(lengths.Input.Name, NumberDataViewType.Int64, []);
        CheckType(lengths.Input, column);
        var reading = AxisReadings.Find(lengths.Input.Type.TensorType.Shape, column, graph.Trace(lengths.Input), null);
        if (reading.Count != 1) throw ForeignAxes.Mismatch(lengths.Input, column, graph.Trace(lengths.Input));
        bound.Add(new ForeignInput(lengths.Input, reading[0], column.Name).AsLength(lengths.Column is not null, sequence.Steps));
    }

    // Columns that feed lengths like any other input.
    private static bool CheckLengths(List<ForeignInput> bound, ForeignGraph graph)
    {
        var at = bound.FindIndex(input => input.Column is { Kind: InputKind.Integers, Features: 1 } && ForeignLengths.IsCertain(graph, input.Value));
        if (at < 0 || Sequence(bound, graph) is not { } sequence) return false;
        bound[at] = bound[at].AsLength(readsColumn: true, sequence.Steps);
        return true;
    }

    // Of several inputs with steps, the one that leads to a recurrent node, else the one with the most axes.
    private static ForeignInput? Sequence(List<ForeignInput> bound, ForeignGraph graph) => bound.Where(input => input.Reading.Time >= 0)
        .OrderByDescending(input => graph.Trace(input.Value).Time is not null).ThenByDescending(input => input.Reading.Sizes.Length).FirstOrDefault();

    // Without any batch axis the rows run one by one.
    private static int? FixedBatchOf(string path, IReadOnlyList<ForeignInput> inputs)
    {
        if (inputs.All(input => input.Reading.Batch < 0)) return 1;
        int[] sizes = [.. inputs.Select(input => input.Reading.FixedBatch).OfType<int>().Distinct()];
        return sizes.Length <= 1 ? sizes.Length == 1 ? sizes[0] : null
            : throw new ArgumentException($"The inputs of the model '{path}' take different numbers of rows: {string.Join(", ", sizes)}.");
    }
}
