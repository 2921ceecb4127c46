using Microsoft.ML.Recurrent.Layers;
using Microsoft.ML.Recurrent.Onnx.Layers;

namespace Microsoft.ML.Recurrent.Onnx.Cells;

/// <summary>
/// The ONNX form of a recurrent cell: its operator, and one step as ordinary nodes for features that the operator lacks. With the CellDescriptor of the core,
/// it defines a cell for ONNX.
/// </summary>
/// <param name="operation">The operator of the node.</param>
/// <param name="activations">The activations of one direction of such a node, in lower case.</param>
internal abstract class OnnxCell(string operation, string[] activations)
{
    private static readonly OnnxCell s_simpleRnn = new OnnxSimpleRnn(), s_lstm = new OnnxLstm(), s_gru = new OnnxGru(), s_minimalGated = new OnnxMinimalGated(),
        s_peepholeLstm = new OnnxLstm(peepholes: true), s_coupledLstm = new OnnxLstm(coupled: true),
        s_coupledPeepholeLstm = new OnnxLstm(coupled: true, peepholes: true);

    /// <summary>The operator of the node.</summary>
    public string Operation { get; } = operation;

    /// <summary>The activations of one direction of such a node, in lower case.</summary>
    public string[] Activations { get; } = activations;

    /// <summary>The form of a cell.</summary>
    public static OnnxCell For(RecurrentCell kind) => kind switch
    {
        RecurrentCell.SimpleRnn => s_simpleRnn,
        RecurrentCell.Lstm => s_lstm,
        RecurrentCell.Gru => s_gru,
        RecurrentCell.MinimalGated => s_minimalGated,
        RecurrentCell.PeepholeLstm => s_peepholeLstm,
        RecurrentCell.CoupledLstm => s_coupledLstm,
        RecurrentCell.CoupledPeepholeLstm => s_coupledPeepholeLstm,
    };

    /// <summary>Whether an operator is that of a recurrent layer.</summary>
    public static bool IsNode(string operation) => Read(operation) is not null;

    /// <summary>The cell as which nodes of an operator are read; null if it is not a recurrent operator.</summary>
    public static RecurrentCell? Read(string operation) =>
        Enum.GetValues<RecurrentCell>().Cast<RecurrentCell?>().FirstOrDefault(kind => For(kind!.Value) is { IsRead: true } cell && cell.Operation == operation);

    /// <summary>Whether nodes of the operator are read as this cell; false if it is a special case of another cell.</summary>
    protected virtual bool IsRead => true;

    /// <summary>The cell of a node that is read: this one, or the special case that its attributes and inputs say.</summary>
    /// <param name="kind">The cell of this form.</param>
    /// <param name="isCoupled">Whether the attribute input_forget is set.</param>
    /// <param name="hasPeepholes">Whether there are peephole weights.</param>
    public virtual RecurrentCell Variant(RecurrentCell kind, bool isCoupled, bool hasPeepholes) => kind;

    /// <summary>Attributes of the node other than size and direction.</summary>
    public virtual IEnumerable<OnnxAttribute> Attributes(RecurrentDescription layer) => [];

    /// <summary>Converts a parameter [1, gates x hidden, ...] from file order to node order.</summary>
    public virtual string ForNode(OnnxGraphBuilder graph, string parameter, int hiddenSize) => parameter;

    /// <summary>Converts the peephole weights [1, peepholes x hidden] of a cell that has some to those of a node.</summary>
    public virtual string Peepholes(OnnxGraphBuilder graph, string parameter, int hiddenSize) => parameter;

    /// <summary>The states after a step.</summary>
    /// <param name="cell">Writes the weights, once, outside the steps.</param>
    /// <param name="body">The graph of the step.</param>
    /// <param name="product">The step of <see cref="CellExporter.InputProducts"/>.</param>
    /// <param name="before">The previous states.</param>
    public abstract string[] Step(CellExporter cell, OnnxGraphBuilder body, string product, string[] before);
}
