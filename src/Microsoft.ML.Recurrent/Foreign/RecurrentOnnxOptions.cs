namespace Microsoft.ML.Recurrent;

/// <summary>
/// Options of <see cref="RecurrentOnnxTransformsCatalog.ApplyRecurrentOnnx(TransformsCatalog, RecurrentOnnxOptions)"/>: which columns, constants and axes an
/// ONNX model of another framework is scored with.
/// </summary>
public sealed class RecurrentOnnxOptions
{
    /// <summary>The path of the ONNX file; external weight files beside it are read too. Required.</summary>
    public string ModelFile { get; set; } = "";

    /// <summary>
    /// The columns to add. Names of outputs of the model are bound to them, all others in order to the outputs that are left. Null (the default) for one column
    /// per output of numbers, of the same name.
    /// </summary>
    public string[]? OutputColumnNames { get; set; }

    /// <summary>
    /// The columns that feed the model. Names of inputs of the model are bound to them, all others in order to the inputs that are left. Null (the default) for
    /// one column per input that the outputs need and nothing else feeds, of the same name.
    /// </summary>
    public string[]? InputColumnNames { get; set; }

    /// <summary>
    /// For a model with an input for sequence lengths: the column that feeds it, or the name of that input for the lengths of the sequences themselves. Null
    /// (the default) for the lengths of the sequences, if the model has such an input: one named <c>sequence_length</c>, or the only input of whole numbers,
    /// [batch], that no column feeds.
    /// </summary>
    public string? LengthColumnName { get; set; }

    /// <summary>
    /// Values by input, the same for all rows: a number, a Boolean, a text, or an array of them. A single value fills the shape of the input. An array has the
    /// sizes of the input, and is repeated along an axis of the batch. Constants become part of the saved model. Default: none.
    /// </summary>
    public IDictionary<string, object> Constants { get; set; } = new Dictionary<string, object>();

    /// <summary>
    /// The axis of the steps by input, counted from 0 in the shape of the model's input, where the graph does not tell it. Default: none; the axes are found
    /// from the graph.
    /// </summary>
    public IDictionary<string, int> TimeAxes { get; set; } = new Dictionary<string, int>();

    /// <summary>
    /// The columns that tell the series of a row (text, keys, whole numbers or Booleans), for a model whose states are inputs and outputs: a row then begins
    /// with the states that the row before it of its series gave, in the order of the data, and the first one with zeros. An empty array makes one series of
    /// all rows. Rows are scored in order, by one cursor, and not by prediction engines (use <see cref="SequenceStream{TKey}"/>). Null (the default) to carry
    /// nothing: columns feed the states.
    /// </summary>
    public string[]? SeriesColumnNames { get; set; }

    /// <summary>
    /// The states: for each input that takes one, the output that gives the next one. Default: none; states are found by their names (<c>h</c> and <c>hn</c>,
    /// <c>state_in</c> and <c>state_out</c>, <c>cache</c> and <c>cache_out</c> ...), else by shape and order; where two readings fit, an error shows both.
    /// Used where states are carried: with <see cref="SeriesColumnNames"/>, and by
    /// <see cref="SequenceStreamCatalog.CreateSequenceStream{TKey}(ModelOperationsCatalog, RecurrentOnnxOptions, IEqualityComparer{TKey}?)"/>.
    /// </summary>
    public IDictionary<string, string> States { get; set; } = new Dictionary<string, string>();

    /// <summary>
    /// For a stream: the sizes of one step by input, without the axis of the rows, where the graph leaves them open: <c>["input"] = [512]</c>. Default: none;
    /// sizes are those of the graph, 1 for the steps of [rows, steps, features] and of whole numbers [rows, steps].
    /// </summary>
    public IDictionary<string, int[]> StepShapes { get; set; } = new Dictionary<string, int[]>();

    /// <summary>How the rows are scored: batch size, threads, device. A model exported with a fixed batch size runs with that size.</summary>
    public ScoringOptions Scoring { get; set; } = new();

    /// <summary>A copy, after a check of all that does not depend on the file.</summary>
    internal RecurrentOnnxOptions Checked()
    {
        Check(OutputColumnNames, "outputColumnNames");
        Check(InputColumnNames, "inputColumnNames");
        ArgumentException.ThrowIfNullOrWhiteSpace(ModelFile, "modelFile");
        ArgumentNullException.ThrowIfNull(Constants, "constants");
        ArgumentNullException.ThrowIfNull(TimeAxes);
        ArgumentNullException.ThrowIfNull(States);
        ArgumentNullException.ThrowIfNull(StepShapes);
        ArgumentNullException.ThrowIfNull(Scoring);
        if (SeriesColumnNames is { Length: > 0 }) Check(SeriesColumnNames, nameof(SeriesColumnNames));
        if (LengthColumnName is not null) ArgumentException.ThrowIfNullOrWhiteSpace(LengthColumnName, "lengthColumnName");
        if (!File.Exists(ModelFile)) throw new FileNotFoundException($"The model file '{ModelFile}' does not exist.", ModelFile);
        return new()
        {
            ModelFile = ModelFile,
            OutputColumnNames = OutputColumnNames?.ToArray(),
            InputColumnNames = InputColumnNames?.ToArray(),
            LengthColumnName = LengthColumnName,
            Constants = new Dictionary<string, object>(Constants),
            TimeAxes = new Dictionary<string, int>(TimeAxes),
            SeriesColumnNames = SeriesColumnNames?.ToArray(),
            States = new Dictionary<string, string>(States),
            StepShapes = new Dictionary<string, int[]>(StepShapes),
            Scoring = Scoring.Checked(),
        };
    }

    private static void Check(string[]? names, string parameter)
    {
        if (names is null) return;
        if (names.Length == 0) throw new ArgumentException("Name at least one column.", parameter);
        if (names.Any(string.IsNullOrWhiteSpace)) throw new ArgumentException("A column has no name.", parameter);
        if (names.Distinct().Count() != names.Length) throw new ArgumentException("A column is named twice.", parameter);
    }
}
