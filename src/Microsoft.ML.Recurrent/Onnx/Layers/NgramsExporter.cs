using Microsoft.ML.Recurrent.Networks;

namespace Microsoft.ML.Recurrent.Onnx.Layers;

/// <summary>Writes a linear path over n-grams, as in <see cref="NgramPath"/>: hashes of 64-bit integers, of rows of any length.</summary>
internal static class NgramsExporter
{
    /// <summary>The outputs of the head and of the path, each with its share.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="values">The outputs of the head, [batch, outputs].</param>
    /// <param name="tokens">The ids, int64 [batch, time].</param>
    /// <param name="lengths">The length of each row, int64 [batch]; null if all rows have all steps.</param>
    /// <param name="path">The path.</param>
    /// <param name="weights">The weights.</param>
    public static string Add(OnnxGraphBuilder graph, string values, string tokens, string? lengths, NgramsDescription path, WeightWriter weights)
    {
        var boundary = graph.Scalar((long)NgramHash.Boundary);
        var codes = graph.Add(graph.Cast(graph.Gather(weights.Write(NgramPath.CodesName), tokens, 0), OnnxType.Int64),
            graph.Scalar((long)NgramHash.FirstCode));
        var column = lengths is null ? null : graph.Reshape(lengths, -1, 1);
        if (column is not null) codes = graph.Where(graph.Less(graph.Indices(tokens, 1), column), codes, boundary);
        // Of a row shorter than the longest, the mark after it is where its padding begins.
        var symbols = graph.Node("Pad", [codes, graph.Constant(0L, 1L, 0L, 1L), boundary]);
        var ends = graph.Indices(symbols, 1);
        List<string> hashes = [], places = [];
        for (var n = 1; n <= path.Length; n++)
        {
            // The n-grams that end at each symbol but the first n - 1.
            hashes.Add(n == 1 ? symbols : graph.Node("Mod", [
                graph.Add(graph.Multiply(graph.Slice(hashes[^1], 0, -1, 1), graph.Scalar(NgramHash.Multiplier)), graph.Slice(symbols, n - 1, long.MaxValue, 1)),
                graph.Scalar(NgramHash.Prime)]));
            places.Add(n == 1 ? ends : graph.Slice(ends, n - 1, long.MaxValue, 0));
        }
        var rows = graph.Add(graph.Node("Mod", [graph.Concat(1, [.. hashes]), graph.Scalar((1L << path.Bits) - 1)]), graph.Scalar(1L));
        string roots;
        if (column is null) roots = graph.Sqrt(graph.Cast(graph.Size(rows, 1), OnnxType.Single));
        else
        {
            // The row of no n-gram is zero.
            var exists = graph.Less(graph.Concat(0, [.. places]), graph.Add(column, graph.Scalar(2L)));
            rows = graph.Where(exists, rows, graph.Scalar(0L));
            roots = graph.Sqrt(graph.ReduceSum(graph.Cast(exists, OnnxType.Single), 1, keep: true));
        }
        var outputs = graph.Divide(graph.ReduceSum(graph.Gather(weights.Write(NgramPath.WeightName), rows, 0), 1), roots);
        var shares = weights.Write(NgramPath.SharesName);
        return graph.Add(graph.Multiply(values, graph.Slice(shares, 0, 1, 0)), graph.Multiply(outputs, graph.Slice(shares, 1, 2, 0)));
    }
}
