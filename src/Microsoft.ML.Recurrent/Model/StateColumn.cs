namespace Microsoft.ML.Recurrent.Model;

/// <summary>
/// A state that a model carries along a series: an input of the graph, float [1, series, <see cref="Size"/>] (of another framework's, [series,
/// <see cref="Size"/>]), with the state after the row before, and an
/// output with the state after the last row.
/// </summary>
/// <param name="Input">The name of the input.</param>
/// <param name="Output">The name of the output.</param>
/// <param name="Size">Numbers per series.</param>
internal sealed record StateColumn(string Input, string Output, int Size);
