using Microsoft.ML.Recurrent.Layers;
using Microsoft.ML.Recurrent.Onnx.Layers;

namespace Microsoft.ML.Recurrent.Onnx.Cells;

/// <summary>
/// The ONNX form of a recurrent cell: the node that says it, and one step as ordinary nodes for what no node can say. Beside the CellDescriptor of the core, it
/// is all that a cell is to ONNX.
/// </summary>
/// <param name="operation">The node's operator.</param>
/// <param name="activations">The activations of one direction of such a node, in lower case.</param>
internal abstract class OnnxCell(string operation, string[] activations)
{
    private static readonly OnnxCell s_simpleRnn = new OnnxSimpleRnn(), s_lstm = new OnnxLstm(), s_gru = new OnnxGru(), s_minimalGated = new OnnxMinimalGated();

    /// <summary>The node's operator.</summary>
    public string Operation { get; } = operation;

    /// <summary>The activations of one direction of such a node, in lower case.</summary>
    public string[] Activations { get; } = activations;

    /// <summary>The form of a kind.</summary>
    public static OnnxCell For(RecurrentCell kind) => kind switch
    {
        RecurrentCell.SimpleRnn => s_simpleRnn,
        RecurrentCell.Lstm => s_lstm,
        RecurrentCell.Gru => s_gru,
        RecurrentCell.MinimalGated => s_minimalGated,
    };

    /// <summary>Whether an operator is one of a recurrent layer.</summary>
    public static bool IsNode(string operation) => Read(operation) is not null;

    /// <summary>The kind as which nodes of an operator are read; null where it is none of a recurrent layer.</summary>
    public static RecurrentCell? Read(string operation) =>
        Enum.GetValues<RecurrentCell>().Cast<RecurrentCell?>().FirstOrDefault(kind => For(kind!.Value) is { IsRead: true } cell && cell.Operation == operation);

    /// <summary>Whether nodes of the operator are read as this cell; not where it is a special case of another one.</summary>
    protected virtual bool IsRead => true;

    /// <summary>Attributes of the node beside size and direction.</summary>
    public virtual IEnumerable<OnnxAttribute> Attributes(RecurrentDescription layer) => [];

    /// <summary>A parameter [1, gates x hidden, ...] in the order of the file as the node takes it.</summary>
    public virtual string ForNode(OnnxGraphBuilder graph, string parameter, int hiddenSize) => parameter;

    /// <summary>The states after a step.</summary>
    /// <param name="cell">Writes the weights, once and outside of the steps.</param>
    /// <param name="body">Where the step's nodes go.</param>
    /// <param name="product">What <see cref="CellExporter.InputProducts"/> gives of the step.</param>
    /// <param name="before">The states before.</param>
    public abstract string[] Step(CellExporter cell, OnnxGraphBuilder body, string product, string[] before);
}
