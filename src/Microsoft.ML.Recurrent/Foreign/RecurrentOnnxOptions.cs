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
    /// per output, of the same name.
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
        ArgumentNullException.ThrowIfNull(Scoring);
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
