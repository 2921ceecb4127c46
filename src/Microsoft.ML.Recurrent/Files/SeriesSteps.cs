namespace Microsoft.ML.Recurrent.Files;

/// <summary>Puts the dimensions of a series, each one text of numbers, into steps.</summary>
internal static class SeriesSteps
{
    /// <summary>The numbers step by step: those of all dimensions at the first step, then at the second.</summary>
    /// <param name="reader">The file, for errors.</param>
    /// <param name="dimensions">The numbers of each dimension.</param>
    /// <param name="time">The number of steps that each series must have; null if it varies.</param>
    public static float[] Interleave(LineReader reader, IReadOnlyList<float[]> dimensions, int? time)
    {
        var steps = dimensions[0].Length;
        if (time is { } wanted && steps != wanted) throw reader.Error($"the series has {steps} steps, but those of this file have {wanted}");
        var values = new float[steps * dimensions.Count];
        for (var d = 0; d < dimensions.Count; d++)
        {
            if (dimensions[d].Length != steps)
                throw reader.Error($"dimension {d + 1} has {dimensions[d].Length} steps, but dimension 1 has {steps}");
            for (var t = 0; t < steps; t++) values[t * dimensions.Count + d] = dimensions[d][t];
        }
        return values;
    }
}
