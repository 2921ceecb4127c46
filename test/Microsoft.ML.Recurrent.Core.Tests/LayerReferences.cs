namespace Microsoft.ML.Recurrent.Core.Tests;

/// <summary>Layers in double precision, as simple as possible. Sequences are [time, rows, features].</summary>
internal static class LayerReferences
{
    public static double[] LayerNorm(double[] x, double[] gain, double[] bias, double epsilon)
    {
        var n = gain.Length;
        return [.. Enumerable.Range(0, x.Length / n).SelectMany(row =>
        {
            var own = x.AsSpan(row * n, n).ToArray();
            var mean = own.Average();
            var deviation = Math.Sqrt(own.Average(v => (v - mean) * (v - mean)) + epsilon);
            return own.Select((v, j) => (v - mean) / deviation * gain[j] + bias[j]);
        })];
    }

    /// <summary>By the statistics of the valid steps.</summary>
    public static double[] BatchNorm(double[] x, double[] gain, double[] bias, double epsilon, int rows, int[]? lengths)
    {
        var n = gain.Length;
        var y = new double[x.Length];
        var steps = Enumerable.Range(0, x.Length / n).Where(i => lengths is null || i / rows < lengths[i % rows]).ToArray();
        for (var j = 0; j < n; j++)
        {
            var mean = steps.Average(i => x[i * n + j]);
            var variance = steps.Average(i => Math.Pow(x[i * n + j] - mean, 2));
            foreach (var i in steps) y[i * n + j] = (x[i * n + j] - mean) / Math.Sqrt(variance + epsilon) * gain[j] + bias[j];
        }

        return y;
    }

    public static double[] Softmax(IReadOnlyList<double> x)
    {
        var largest = x.Max();
        var sum = x.Sum(v => Math.Exp(v - largest));
        return [.. x.Select(v => Math.Exp(v - largest) / sum)];
    }

    /// <summary>softmax(scale q k^T) v per head and row.</summary>
    public static double[] DotAttention(double[] query, double[] keys, double[] values, int rows, int heads, int size, int valueSize, double scale, bool causal,
        int[]? lengths)
    {
        var (queries, time) = (query.Length / (rows * heads * size), keys.Length / (rows * heads * size));
        var y = new double[queries * rows * heads * valueSize];
        for (var row = 0; row < rows; row++)
            for (var head = 0; head < heads; head++)
                for (var i = 0; i < queries; i++)
                {
                    var seen = lengths?[row] ?? time;
                    if (causal) seen = Math.Min(seen, i + 1);
                    var weights = Softmax([.. Enumerable.Range(0, seen).Select(t =>
                scale * Enumerable.Range(0, size)
                    .Sum(j => query[((i * rows + row) * heads + head) * size + j] * keys[((t * rows + row) * heads + head) * size + j]))]);
                    for (var j = 0; j < valueSize; j++)
                        y[((i * rows + row) * heads + head) * valueSize + j] = Enumerable.Range(0, seen)
                            .Sum(t => weights[t] * values[((t * rows + row) * heads + head) * valueSize + j]);
                }

        return y;
    }

    /// <summary>The mean of the steps, weighted by the softmax of the scores.</summary>
    public static double[] AttentionPool(double[] scores, double[] values, int rows, int[]? lengths)
    {
        var n = values.Length / scores.Length;
        var y = new double[rows * n];
        for (var row = 0; row < rows; row++)
        {
            var length = lengths?[row] ?? scores.Length / rows;
            var weights = Softmax([.. Enumerable.Range(0, length).Select(t => scores[t * rows + row])]);
            for (var j = 0; j < n; j++) y[row * n + j] = Enumerable.Range(0, length).Sum(t => weights[t] * values[(t * rows + row) * n + j]);
        }

        return y;
    }

    /// <summary>A step added to every step.</summary>
    public static double[] BroadcastAdd(double[] x, double[] step) => [.. x.Select((v, i) => v + step[i % step.Length])];
}
