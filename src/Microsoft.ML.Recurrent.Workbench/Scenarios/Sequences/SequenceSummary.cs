using Microsoft.ML.Data;

namespace Microsoft.ML.Recurrent.Workbench.Scenarios.Sequences;

/// <summary>Sequences without their order: mean and standard deviation of each number over the steps, for baselines.</summary>
internal static class SequenceSummary
{
    public const string Column = "Summary";

    private sealed class Input
    {
        public VBuffer<float> Features { get; set; }
    }

    private sealed class Output
    {
        public float[] Summary { get; set; } = [];
    }

    /// <summary>A step that adds the column.</summary>
    /// <param name="mlContext">The context.</param>
    /// <param name="type">The type of the sequences.</param>
    public static IEstimator<ITransformer> Create(MLContext mlContext, DataViewType type)
    {
        var width = type is VectorDataViewType { Dimensions: [_, var numbers] } ? numbers : 1;
        var schema = SchemaDefinition.Create(typeof(Output));
        schema[nameof(Output.Summary)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, 2 * width);
        var input = SchemaDefinition.Create(typeof(Input));
        input[nameof(Input.Features)].ColumnType = type;
        return mlContext.Transforms.CustomMapping<Input, Output>((row, summary) => summary.Summary = Summarize(row.Features, width), null, input, schema)
            .Append(mlContext.Transforms.NormalizeMeanVariance(Column, fixZero: false));
    }

    private static float[] Summarize(VBuffer<float> sequence, int width)
    {
        float[] values = [.. sequence.DenseValues()];
        var result = new float[2 * width];
        for (var i = 0; i < width; i++)
        {
            var (count, sum, squares) = (0, 0.0, 0.0);
            for (var at = i; at < values.Length; at += width)
            {
                if (!float.IsFinite(values[at])) continue;
                (count, sum, squares) = (count + 1, sum + values[at], squares + (double)values[at] * values[at]);
            }
            if (count == 0) continue;
            result[i] = (float)(sum / count);
            result[width + i] = (float)Math.Sqrt(Math.Max(0, squares / count - sum / count * (sum / count)));
        }
        return result;
    }
}
