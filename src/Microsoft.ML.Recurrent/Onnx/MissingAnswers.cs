namespace Microsoft.ML.Recurrent.Onnx;

/// <summary>
/// Rows without an answer (<see cref="InputsExporter.Unanswered"/>) in the answers of a graph: NaN in columns of numbers, 0 (the missing key) in those of keys,
/// and false where a Boolean, which has no missing value, must be given.
/// </summary>
/// <param name="graph">The graph.</param>
/// <param name="unanswered">NaN for rows without an answer, 0 for others, [batch, 1].</param>
internal sealed class MissingAnswers(OnnxGraphBuilder graph, string unanswered)
{
    /// <summary>The name of the tensor <c>unanswered</c> in graphs that have one.</summary>
    public const string TensorName = "row.unanswered";

    private string? _isMissing;

    private string IsMissing => _isMissing ??= graph.Node("IsNaN", [unanswered]);

    /// <summary>An answer [batch, Size], or [batch, time, Size], as it is for rows that have one.</summary>
    public string Apply(string answer, OutputColumn column) => column.Kind switch
    {
        OutputKind.Single => graph.Add(answer, column.PerStep ? graph.Unsqueeze(unanswered, 2) : unanswered),
        OutputKind.Double => graph.Add(answer, graph.Cast(unanswered, OnnxType.Double)),
        OutputKind.Boolean => graph.Node("And", [answer, graph.Node("Not", [IsMissing])]),
        OutputKind.Key => graph.Where(column.PerStep ? graph.Unsqueeze(IsMissing, 2) : IsMissing, graph.Scalar(0L), answer),
        _ => answer,
    };
}
