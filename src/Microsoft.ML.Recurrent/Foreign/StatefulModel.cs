using System.Collections.Immutable;
using System.Globalization;
using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Onnx.Format;
using Microsoft.ML.Recurrent.Onnx.Import;
using DataType = Microsoft.ML.Recurrent.Onnx.Format.TensorProto.Types.DataType;

namespace Microsoft.ML.Recurrent.Foreign;

/// <summary>Binds foreign files whose states are carried, along the rows of series or along the steps of a stream.</summary>
internal sealed class StatefulModel
{
    private readonly RecurrentOnnxOptions _options;
    private readonly ModelProto _proto;
    private readonly IReadOnlyList<StatePair> _pairs;
    private readonly ForeignRows _rows;

    private StatefulModel(RecurrentOnnxOptions options, Func<ValueInfoProto, long?> sizeOf)
    {
        (_options, _proto) = (options, OnnxFile.Read(options.ModelFile));
        var graph = _proto.Graph;
        HashSet<string> fixedOnes = [.. graph.Initializer.Select(tensor => tensor.Name), .. options.Constants.Keys];
        ValueInfoProto[] inputs = [.. graph.Input.Where(input => !fixedOnes.Contains(input.Name))];
        // What a column is named for is data.
        HashSet<string> fed = [.. options.InputColumnNames ?? [], options.LengthColumnName ?? "", ModelManifest.LengthInput];
        fed.ExceptWith(options.States.Keys);
        ValueInfoProto[] open = [.. inputs.Where(input => !fed.Contains(input.Name))];
        _pairs = StatePairs.Find(options.ModelFile, graph, open, options.States, hasData: open.Length < inputs.Length);
        if (_pairs.Count == 0)
            throw new ArgumentException($"The model '{options.ModelFile}' carries no states: none of its inputs ({Names(open)}) takes up one of its outputs "
                + $"({Names(graph.Output)}). Score whole sequences by ApplyRecurrentOnnx without SeriesColumnNames, or name the states: "
                + "States = { [\"input\"] = \"output\" }.", nameof(RecurrentOnnxOptions.States));
        // An output that is a state is an answer where it is asked for, or where there is no other, as of a single cell.
        ValueInfoProto[] answers = [.. graph.Output.Where(output => _pairs.All(pair => pair.Output != output)
            || options.OutputColumnNames?.Contains(output.Name) is true)];
        _rows = ForeignRows.Find(_pairs, [.. inputs.Except(_pairs.Select(pair => pair.Input))], answers.Length > 0 ? answers : [.. graph.Output], sizeOf);
    }

    /// <summary>A model whose states are carried along the rows of each series.</summary>
    public static RecurrentModel Carry(RecurrentOnnxOptions options, IDataView data)
    {
        var schema = data.Schema;
        foreach (var name in options.SeriesColumnNames!) SeriesReader.Resolve(schema, name);
        return new StatefulModel(options, input => schema.GetColumnOrNull(input.Name) is { } column
            && ForeignColumn.Create(column).Sizes is var sizes && !sizes.Contains(0) ? Product(sizes) : null).Bind(schema, data);
    }

    /// <summary>A model for a stream: each input is one step, and there are no columns.</summary>
    public static RecurrentModel Steps(RecurrentOnnxOptions options)
    {
        var model = new StatefulModel(options, input => options.StepShapes.TryGetValue(input.Name, out var shape) ? Product(shape) : null);
        foreach (var name in options.StepShapes.Keys.Concat(options.InputColumnNames ?? []))
            if (!Array.Exists(model._rows.Data, input => input.Name == name))
                throw new ArgumentException(
                    $"The model '{options.ModelFile}' has no input '{name}' for data, which StepShapes or InputColumnNames name; it has "
                    + $"{Names(model._rows.Data)}.", options.StepShapes.ContainsKey(name) ? nameof(options.StepShapes) : nameof(options.InputColumnNames));
        var schema = new DataViewSchema.Builder();
        // Lengths are those of the step.
        foreach (var input in model._rows.Data)
            if (!model.IsLength(input)) schema.AddColumn(input.Name, model.StepType(input));
        var bound = model.Bind(schema.ToSchema(), null);
        if (bound.Manifest.Inputs.FirstOrDefault(input => input.IsShared || input.Kind is InputKind.Text) is { } shared)
            throw new ArgumentException($"The input '{shared.Name}' of the model '{options.ModelFile}' cannot differ from key to key: give its value, "
                + $"Constants = {{ [\"{shared.Name}\"] = ... }}.", nameof(options.Constants));
        return bound;
    }

    /// <summary>The contents of the file without the outputs that are states.</summary>
    public static ModelProto WithoutStates(RecurrentOnnxOptions options)
    {
        var model = new StatefulModel(options, _ => null);
        foreach (var pair in model._pairs)
            if (!model._rows.Answers.Contains(pair.Output)) model._proto.Graph.Output.Remove(pair.Output);
        return model._proto;
    }

    /// <summary>What else can feed inputs that look like states; empty where none does.</summary>
    public static string Remedy(ValueInfoProto[] inputs, IReadOnlyList<string> outputs) =>
        Array.Find(inputs, input => outputs.Any(output => StateNames.Match(input.Name, output)?.IsState is true)) is { } state
            ? $" If '{state.Name}' is a state, carry it along the rows: {nameof(RecurrentOnnxOptions)}.{nameof(RecurrentOnnxOptions.SeriesColumnNames)}, or by "
                + "mlContext.Model.CreateSequenceStream."
            : "";

    private bool IsLength(ValueInfoProto input) => input.Name == _options.LengthColumnName || input.Name == ModelManifest.LengthInput;

    private RecurrentModel Bind(DataViewSchema schema, IDataView? data)
    {
        var columns = _options.InputColumnNames ?? [.. _rows.Data.Where(input => !IsLength(input)).Select(input => input.Name)];
        var answers = _options.OutputColumnNames
            ?? [.. _rows.Answers.Select(output => output.Name)];
        var states = ForeignStates.Adapt(_options.ModelFile, _proto.Graph, _pairs, _rows);
        // To the binding, states are columns like others.
        var options = _options.Checked();
        options.InputColumnNames = [.. columns, .. states.Select(state => state.Input)];
        options.OutputColumnNames = [.. answers, .. states.Select(state => state.Output)];
        var all = new DataViewSchema.Builder();
        all.AddColumns(schema.Where(column => !column.IsHidden && states.All(state => state.Input != column.Name))
            .Select(column => new DataViewSchema.DetachedColumn(column)));
        foreach (var state in states) all.AddColumn(state.Input, new VectorDataViewType(NumberDataViewType.Single, state.Size));
        var model = ForeignModel.Bind(_proto, options, all.ToSchema(), data);
        var manifest = model.Manifest;
        return RecurrentModel.Create(model.Proto(), manifest with
        {
            Inputs = manifest.Inputs.RemoveAll(input => states.Any(state => state.Input == input.Name)),
            Outputs = manifest.Outputs.RemoveAll(output => states.Any(state => state.Output == output.Name)),
            States = states,
            StateSeries = _options.SeriesColumnNames?.ToImmutableArray(),
        });
    }

    // One step of an input.
    private VectorDataViewType StepType(ValueInfoProto input)
    {
        var isFloat = (DataType)(input.Type?.TensorType?.ElemType ?? 0) is DataType.Float or DataType.Double or DataType.Float16;
        PrimitiveDataViewType number = isFloat ? NumberDataViewType.Single : NumberDataViewType.Int64;
        if (ForeignStates.Sizes(input).Length == 0)
            throw new ArgumentException($"The input '{input.Name}' of the model '{_options.ModelFile}' is one number for all keys: give its value, "
                + $"Constants = {{ [\"{input.Name}\"] = ... }}.", nameof(_options.Constants));
        var row = _rows.RowSizes(input);
        if (_options.StepShapes.TryGetValue(input.Name, out var given))
            return given.Length == row.Length && given.Zip(row).All(pair => pair.First > 0 && (pair.Second == 0 || pair.First == pair.Second))
                ? new(number, given)
                : throw Fault($"StepShapes gives [{string.Join(", ", given)}], which does not fit", row);
        // A time axis has one step.
        if (row.Count(size => size == 0) == 1 && (row.Length > 1 || !isFloat)) row = Array.ConvertAll(row, size => Math.Max(size, 1));
        if (row.Contains(0)) throw Fault("The graph leaves open how large a step is", row);
        return new(number, row.Length == 0 ? [1] : Array.ConvertAll(row, size => checked((int)size)));

        ArgumentException Fault(string what, long[] row) => new($"{what}: the input '{input.Name}' of the model '{_options.ModelFile}' has the shape "
            + $"[{ForeignInput.Describe(input)}]. Give the sizes of a step without the axis of the rows: StepShapes = {{ [\"{input.Name}\"] = "
            + $"[{string.Join(", ", row.Select(size => size == 0 ? "512" : size.ToString(CultureInfo.InvariantCulture)))}] }}.", nameof(_options.StepShapes));
    }

    private static long Product(int[] sizes) => sizes.Aggregate(1L, (product, size) => product * size);

    private static string Names(IEnumerable<ValueInfoProto> values) => string.Join(", ", values.Select(value => $"'{value.Name}'"));
}
