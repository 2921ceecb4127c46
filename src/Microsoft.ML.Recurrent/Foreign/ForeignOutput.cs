using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using Microsoft.ML.Recurrent.Onnx.Format;
using Microsoft.ML.Recurrent.Scoring;

namespace Microsoft.ML.Recurrent.Foreign;

/// <summary>The layout of an output of a foreign graph: its batch axis, its time axis, and the number of remaining values.</summary>
internal sealed record ForeignOutput(string Name, TensorElementType Type, int Rank, int BatchAxis, int? TimeAxis, int Steps, int Size)
{
    /// <summary>
    /// Runs the model on zeros for different numbers of rows and steps to find which axes of its outputs change: exporters often do not name them.
    /// </summary>
    public static IReadOnlyList<ForeignOutput> Find(ModelProto model, IReadOnlyList<ForeignInput> inputs, IReadOnlyList<string> outputs, int? fixedBatch)
    {
        using var session = SessionFactory.Create(ModelBytes.Create(model.Clone(), null), ScoringOptions.Default, shapesVary: true, out _);
        var varies = inputs.Any(input => input.Column.IsSequence);
        int rows = fixedBatch ?? 2, steps = 5;
        var first = Shapes(session, inputs, outputs, rows, steps);
        var moreRows = fixedBatch is null ? Shapes(session, inputs, outputs, rows + 1, steps) : null;
        var moreSteps = varies ? Shapes(session, inputs, outputs, rows, steps + 1) : null;
        return [.. outputs.Select((name, i) =>
        {
            var (type, shape) = first[i];
            var batch = moreRows is null ? Array.IndexOf(shape, rows) : Differs(shape, moreRows[i].Shape);
            if (batch < 0)
                throw new ArgumentException(
                    $"The model's output '{name}' of shape [{string.Join(", ", shape)}] has no batch axis, so it cannot become a column.");
            var time = moreSteps is null ? -1 : Differs(shape, moreSteps[i].Shape);
            var axis = TimeLike(inputs, shape, batch);
            var size = shape.Where((_, at) => at != batch && at != time).Aggregate(1L, (product, one) => product * one);
            return new ForeignOutput(name, type, shape.Length, batch, time < 0 ? null : time, time < 0 && axis >= 0 ? (int)shape[axis] : 0, checked((int)size));
        })];
    }

    // An output per step for a fixed number of steps: its first axis after the batch axis has the length of an input.
    private static int TimeLike(IReadOnlyList<ForeignInput> inputs, long[] shape, int batch)
    {
        var axis = batch == 0 ? 1 : 0;
        return shape.Length == 3 && shape[axis] > 1 && inputs.Any(input => input.Rest.Length >= 1 && input.Rest[0] == shape[axis]) ? axis : -1;
    }

    private static int Differs(long[] a, long[] b)
    {
        for (var i = 0; i < a.Length; i++)
            if (a[i] != b[i]) return i;
        return -1;
    }

    private static (TensorElementType Type, long[] Shape)[] Shapes(InferenceSession session, IReadOnlyList<ForeignInput> inputs, IReadOnlyList<string> outputs,
        int rows, int steps)
    {
        List<OrtValue> values = [];
        try
        {
            foreach (var input in inputs)
            {
                var value = OrtValue.CreateAllocatedTensorValue(OrtAllocator.DefaultInstance, (TensorElementType)(int)input.Type, input.Shape(rows, steps));
                values.Add(value);
                value.GetTensorMutableRawData().Clear();
                if (input.Column.IsLength) FillLengths(value, steps);
            }
            using var options = new RunOptions();
            using var results = session.Run(options, [.. inputs.Select(input => input.Value.Name)], values, outputs.ToArray());
            return [.. results.Select(result =>
            {
                if (!result.IsTensor) throw new ArgumentException("The model has an output that is not a tensor, so it cannot become a column.");
                var info = result.GetTensorTypeAndShape();
                return (info.ElementDataType, info.Shape);
            })];
        }
        finally
        {
            foreach (var value in values) value.Dispose();
        }
    }

    private static void FillLengths(OrtValue value, int steps)
    {
        if (value.GetTensorTypeAndShape().ElementDataType is TensorElementType.Int32) value.GetTensorMutableDataAsSpan<int>().Fill(steps);
        else value.GetTensorMutableDataAsSpan<long>().Fill(steps);
    }
}
