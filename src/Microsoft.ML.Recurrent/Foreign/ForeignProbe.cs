using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using Microsoft.ML.Recurrent.Onnx.Format;
using Microsoft.ML.Recurrent.Scoring;

namespace Microsoft.ML.Recurrent.Foreign;

/// <summary>Runs a foreign graph on zeros of different shapes: exporters often do not say what shapes its outputs have.</summary>
internal sealed class ForeignProbe : IDisposable
{
    // Some graphs need more steps than others: they pad, or take one step of many.
    private static readonly int[] s_steps = [5, 16, 64, 256, 1024, 4096, 16384];

    // No more numbers than these in an input.
    private const long MostNumbers = 1 << 24;

    // Failed trials are no errors: nobody reads what the runtime says of them.
    private readonly RuntimeLog _log = new();
    private readonly InferenceSession _session;
    private readonly IReadOnlyList<ForeignInput> _inputs;
    private readonly ForeignConstant[] _repeated;
    private readonly RunOptions _options = new();

    /// <param name="graph">The graph.</param>
    /// <param name="inputs">Its inputs that columns feed.</param>
    /// <param name="constants">Those that constants feed.</param>
    /// <exception cref="NotSupportedException">The runtime does not load the graph.</exception>
    public ForeignProbe(ForeignGraph graph, IReadOnlyList<ForeignInput> inputs, IReadOnlyList<ForeignConstant> constants)
    {
        (_inputs, _repeated) = (inputs, [.. constants.Where(constant => constant.Repeated.Length > 0)]);
        var model = graph.Model.Clone();
        foreach (var constant in constants.Except(_repeated))
        {
            model.Graph.Input.Remove(model.Graph.Input.First(input => input.Name == constant.Input.Name));
            model.Graph.Initializer.Add(constant.Tensor);
        }
        try
        {
            _session = SessionFactory.Create(ModelBytes.Create(model, null),
                ScoringOptions.Default with { GraphOptimization = GraphOptimizationLevel.ORT_ENABLE_BASIC },
                shapesVary: true, _log, out _);
        }
        catch (OnnxRuntimeException error)
        {
            _log.Dispose();
            throw ForeignErrors.NotLoaded(graph, error);
        }
    }

    /// <summary>The values of a row of the data, by input, for what zeros say nothing of: whole numbers, and values without a batch axis.</summary>
    public SampleRow? Sample { get; set; }

    /// <summary>Why the last run that failed did.</summary>
    public OnnxRuntimeException? Error { get; private set; }

    private bool Varies => _inputs.Any(input => input.Reading.Varies);

    /// <summary>The fewest steps with which the graph runs, and the shapes of its outputs; null if it runs with none.</summary>
    /// <param name="rows">The number of rows.</param>
    public (int Steps, IReadOnlyList<OutputShape> Shapes)? Find(int rows)
    {
        foreach (var steps in !Varies ? [1] : Sample?.Steps is { } some ? s_steps.Prepend(some) : s_steps)
        {
            if (_inputs.Any(input => input.Reading.Shape(rows, steps).Aggregate(1L, (product, size) => product * size) > MostNumbers)) break;
            if (Run(rows, steps) is { } shapes) return (steps, shapes);
        }
        return null;
    }

    /// <summary>The shapes of the outputs for so many rows and steps; null if the graph refuses them.</summary>
    public IReadOnlyList<OutputShape>? Run(int rows, int steps) => Run(rows, steps, static _ => { }, static result =>
    {
        if (!result.IsTensor) throw new ArgumentException("The model has an output that is not a tensor, so it cannot become a column.", "outputColumnNames");
        var info = result.GetTensorTypeAndShape();
        return new OutputShape(info.ElementDataType, info.Shape);
    });

    /// <summary>
    /// The axis of the rows in each output of a graph whose number of rows is fixed, -1 for none: the axis of that size; where there are several, the one along
    /// which the numbers change when one row of the inputs does.
    /// </summary>
    public int[] BatchAxes(IReadOnlyList<OutputShape> shapes, int rows, int steps)
    {
        var axes = shapes.Select(shape => Array.IndexOf(shape.Sizes, (long)rows)).ToArray();
        if (rows == 1 || shapes.All(shape => shape.Sizes.Count(size => size == rows) <= 1)) return axes;
        var (before, after) = (Numbers(rows, steps, changed: -1), Numbers(rows, steps, changed: rows - 1));
        if (before is null || after is null) return axes;
        for (var output = 0; output < axes.Length; output++)
        {
            var sizes = shapes[output].Sizes;
            int[] moved = [.. Enumerable.Range(0, before[output].Length).Where(i => !before[output][i].Equals(after[output][i]))];
            if (moved.Length == 0) continue;
            for (var axis = 0; axis < sizes.Length; axis++)
            {
                var inner = sizes[(axis + 1)..].Aggregate(1L, (product, size) => product * size);
                if (sizes[axis] != rows || !Array.TrueForAll(moved, i => i / inner % rows == rows - 1)) continue;
                axes[output] = axis;
                break;
            }
        }
        return axes;
    }

    public void Dispose()
    {
        _options.Dispose();
        _session.Dispose();
        _log.Dispose();
    }

    // The numbers of the outputs for inputs that differ from number to number, and of which one row is changed.
    private IReadOnlyList<float[]>? Numbers(int rows, int steps, int changed) => Run(rows, steps, input =>
    {
        if (input.Input.Type is not TensorProto.Types.DataType.Float) return;
        var (reading, random) = (input.Input.Reading, new Random(1));
        var inner = reading.Shape(rows, steps)[(reading.Batch + 1)..].Aggregate(1L, (product, size) => product * size);
        var numbers = input.Value.GetTensorMutableDataAsSpan<float>();
        for (var i = 0; i < numbers.Length; i++)
            numbers[i] = random.NextSingle() + (reading.Batch >= 0 && i / inner % rows == changed ? 1 : 0);
    }, result => result.GetTensorTypeAndShape().ElementDataType is TensorElementType.Float ? result.GetTensorDataAsSpan<float>().ToArray() : []);

    private T[]? Run<T>(int rows, int steps, Action<(ForeignInput Input, OrtValue Value)> fill, Func<OrtValue, T> read)
    {
        List<OrtValue> values = [];
        try
        {
            foreach (var input in _inputs)
            {
                values.Add(Zeros(input, rows, steps));
                fill((input, values[^1]));
            }
            foreach (var constant in _repeated) values.Add(constant.ToValue(rows, steps));
            string[] names = [.. _inputs.Select(input => input.Value.Name), .. _repeated.Select(constant => constant.Input.Name)];
            using var results = _session.Run(_options, names, values, _session.OutputNames);
            return [.. results.Select(read)];
        }
        catch (OnnxRuntimeException error)
        {
            Error = error;
            return null;
        }
        finally
        {
            foreach (var value in values) value.Dispose();
        }
    }

    private OrtValue Zeros(ForeignInput input, int rows, int steps)
    {
        var shape = input.Reading.Shape(rows, steps);
        if (input.IsText) return OrtValue.CreateTensorWithEmptyStrings(OrtAllocator.DefaultInstance, shape);
        var value = OrtValue.CreateAllocatedTensorValue(OrtAllocator.DefaultInstance, (TensorElementType)(int)input.Type, shape);
        value.GetTensorMutableRawData().Clear();
        if (!input.Column.IsLength)
        {
            Sample?.Fill(input, value);
            return value;
        }
        if (value.GetTensorTypeAndShape().ElementDataType is TensorElementType.Int32) value.GetTensorMutableDataAsSpan<int>().Fill(input.Column.Time ?? steps);
        else value.GetTensorMutableDataAsSpan<long>().Fill(input.Column.Time ?? steps);
        return value;
    }
}
