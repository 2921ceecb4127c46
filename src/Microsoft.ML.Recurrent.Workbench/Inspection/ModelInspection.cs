using System.Collections.Immutable;
using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Weights;

namespace Microsoft.ML.Recurrent.Workbench.Inspection;

/// <summary>What a model file holds: a pipeline of ML.NET, an ONNX graph of any framework, or weights alone.</summary>
public sealed record ModelInspection
{
    private const byte FirstOfOnnx = 8, FirstOfZip = (byte)'P', SecondOfZip = (byte)'K';

    /// <summary>The file.</summary>
    public required string Path { get; init; }

    /// <summary>"ML.NET", "ONNX", or the kind of a weights file.</summary>
    public required string Format { get; init; }

    /// <summary>What wrote the file, where it says so.</summary>
    public string? Producer { get; init; }

    /// <summary>The size of the file, in bytes.</summary>
    public required long Size { get; init; }

    /// <summary>The task of the recurrent model; null where there is none.</summary>
    public string? Task { get; init; }

    /// <summary>The steps of a pipeline; of an ONNX graph its operators with their numbers, most first.</summary>
    public ImmutableArray<string> Steps { get; init; } = [];

    /// <summary>What the model reads: the columns with which a pipeline was saved, or the inputs of a graph.</summary>
    public ImmutableArray<GraphValue> Inputs { get; init; } = [];

    /// <summary>What it gives: the columns that a pipeline adds, or the outputs of a graph.</summary>
    public ImmutableArray<GraphValue> Outputs { get; init; } = [];

    /// <summary>The tensors of a weights file.</summary>
    public ImmutableArray<GraphValue> Tensors { get; init; } = [];

    /// <summary>Numbers in the initializers of an ONNX graph or in a weights file; null for a pipeline, whose summary has them.</summary>
    public long? Parameters { get; init; }

    /// <summary>The version of ONNX's own operators; null for a pipeline.</summary>
    public long? Opset { get; init; }

    /// <summary>The layers of the recurrent model as a table; null where there is none.</summary>
    public string? Summary { get; init; }

    /// <summary>The training of the recurrent model; null where it is not known.</summary>
    public TrainingHistory? History { get; init; }

    /// <summary>Whether a file is a model, by its first bytes and its name.</summary>
    /// <param name="path">The file.</param>
    public static bool IsModel(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        Span<byte> start = stackalloc byte[2];
        using var file = File.OpenRead(path);
        var count = file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        return IsOnnx(path) || (count == start.Length && start is [FirstOfZip, SecondOfZip] or [FirstOfOnnx, _]) || WeightsReader.Matches(path);
    }

    /// <summary>Reads a model.</summary>
    /// <param name="path">A file of ML.NET (.mlnet, .zip), an ONNX file, or weights (.safetensors, .pt, .keras, .h5, .dat).</param>
    /// <exception cref="InvalidDataException">The file is damaged, or no model.</exception>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    public static ModelInspection Read(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (!File.Exists(path)) throw new FileNotFoundException($"There is no file '{path}'.", path);
        if (IsOnnx(path)) return OnnxInspection.Read(path);
        return WeightsReader.Matches(path) ? ReadWeights(path) : FirstByte(path) == FirstOfOnnx ? OnnxInspection.Read(path) : ReadPipeline(path);
    }

    private static bool IsOnnx(string path) => path.EndsWith(".onnx", StringComparison.OrdinalIgnoreCase);

    private static int FirstByte(string path)
    {
        using var file = File.OpenRead(path);
        return file.ReadByte();
    }

    private static ModelInspection ReadWeights(string path)
    {
        using var file = WeightsReader.Open(path);
        return new()
        {
            Path = path,
            Format = file.Format,
            Size = new FileInfo(path).Length,
            Tensors = [.. file.Tensors.Select(static tensor => new GraphValue(tensor.Name, tensor.Type.Name,
                [.. tensor.Shape.Select(static size => size.ToString(System.Globalization.CultureInfo.InvariantCulture))]))],
            Parameters = file.Tensors.Where(static tensor => tensor.IsNumbers).Sum(static tensor => tensor.Length),
        };
    }

    private static ModelInspection ReadPipeline(string path)
    {
        var mlContext = new MLContext();
        var model = mlContext.Model.LoadFile(path, out var schema);
        try
        {
            ITransformer[] steps = [.. model is IEnumerable<ITransformer> chain ? chain : [model]];
            var recurrent = steps.OfType<RecurrentTransformer>().LastOrDefault();
            var inspection = new ModelInspection
            {
                Path = path,
                Format = "ML.NET",
                Size = new FileInfo(path).Length,
                Steps = [.. steps.Select(static step => step.GetType().Name)],
                Inputs = schema is null ? [] : [.. schema.Select(Describe)],
                Outputs = schema is null ? [] : Added(model, schema),
            };
            return recurrent is null ? inspection : OnnxInspection.WithModel(inspection, recurrent.Model);
        }
        finally
        {
            (model as IDisposable)?.Dispose();
        }
    }

    // Hidden columns are those of steps before that a later one of the same name replaces.
    private static ImmutableArray<GraphValue> Added(ITransformer model, DataViewSchema schema) =>
        [.. model.GetOutputSchema(schema).Where(column => !column.IsHidden && schema.GetColumnOrNull(column.Name)?.Type != column.Type).Select(Describe)];

    private static GraphValue Describe(DataViewSchema.Column column) => column.Type is VectorDataViewType vector
        ? new(column.Name, vector.ItemType.ToString()!, [.. vector.Dimensions.Select(static size => size == 0 ? "*"
            : size.ToString(System.Globalization.CultureInfo.InvariantCulture))])
        : new(column.Name, column.Type.ToString()!, []);
}
