using Microsoft.ML.Recurrent.Kernels.Simd;

namespace Microsoft.ML.Recurrent.Kernels.Recurrent;

/// <summary>
/// Describes a recurrent cell to kernels, layers, initialization and option checks. There is one object per <see cref="RecurrentCell"/>; a new cell is a class
/// in this folder and a line in <see cref="For"/>. Its ONNX form is an OnnxCell of the main assembly.
/// </summary>
/// <param name="name">Prefix of layer names: name_1, name_2, ...</param>
/// <param name="gates">Blocks of hidden units in the rows of each weight.</param>
internal abstract unsafe class CellDescriptor(string name, int gates)
{
    private static readonly CellDescriptor
        s_simpleRnn = new SimpleRnnCell(), s_lstm = new LstmCell(), s_gru = new GruCell(), s_minimalGated = new MinimalGatedCell(),
        s_coupledLstm = new LstmCell(coupled: true), s_peepholeLstm = new LstmCell(peepholes: true),
        s_coupledPeepholeLstm = new LstmCell(coupled: true, peepholes: true);

    /// <summary>Prefix of layer names: name_1, name_2, ...</summary>
    public string Name { get; } = name;

    /// <summary>Blocks of hidden units in the rows of each weight.</summary>
    public int Gates { get; } = gates;

    /// <summary>
    /// For each block of a weight in a model file, its index in the network's weight. The file uses ONNX order if an ONNX node takes the weight unchanged.
    /// </summary>
    public int[] FileOrder { get; init; } = [.. Enumerable.Range(0, gates)];

    /// <summary>
    /// The gates in the order of the network, which is PyTorch's, a letter each (g and n are candidates); empty for a cell whose gates have no other order
    /// anywhere.
    /// </summary>
    public string GateLetters { get; init; } = "";

    /// <summary>The letters in the order of Keras.</summary>
    public string KerasGates { get; init; } = "";

    /// <summary>Whether the state has a second part, the memory c.</summary>
    public bool HasMemory { get; init; }

    /// <summary>
    /// Whether the last block is a candidate state affected by a reset gate. A pass then keeps its recurrent product (or the operand of that product) in an
    /// additional block after the gates.
    /// </summary>
    public bool HasCandidate { get; init; }

    /// <summary>The block whose input bias is initialized with the forget-gate bias; null for none.</summary>
    public int? ForgetGate { get; init; }

    /// <summary>Whether the block of <see cref="ForgetGate"/> is the input gate, one minus the forget gate, whose bias has the opposite sign.</summary>
    public bool ForgetsByInputGate { get; init; }

    /// <summary>
    /// The gates with peephole connections, as blocks of the weights, in the order of the peephole weights. The output gate, the last block, reads the new
    /// memory, the others the previous one. Empty for none.
    /// </summary>
    public int[] Peepholes { get; init; } = [];

    /// <summary>The supported options, among those that not all cells have.</summary>
    public CellOptions Options { get; init; }

    /// <summary>Blocks of hidden units that a pass keeps per row and step.</summary>
    public int KeptBlocks => HasCandidate ? Gates + 1 : Gates;

    /// <summary>The descriptor of a kind.</summary>
    public static CellDescriptor For(RecurrentCell kind) => kind switch
    {
        RecurrentCell.SimpleRnn => s_simpleRnn,
        RecurrentCell.Lstm => s_lstm,
        RecurrentCell.Gru => s_gru,
        RecurrentCell.MinimalGated => s_minimalGated,
        RecurrentCell.PeepholeLstm => s_peepholeLstm,
        RecurrentCell.CoupledLstm => s_coupledLstm,
        RecurrentCell.CoupledPeepholeLstm => s_coupledPeepholeLstm,
    };

    /// <summary>The kinds that support an option.</summary>
    public static IEnumerable<RecurrentCell> With(CellOptions option) => Enum.GetValues<RecurrentCell>().Where(kind => For(kind).Has(option));

    /// <summary>Whether the cell supports an option.</summary>
    public bool Has(CellOptions option) => (Options & option) == option;

    /// <summary>Whether the reset gate is applied before the recurrent product of the candidate.</summary>
    /// <param name="asked">The requested form, for cells that support both.</param>
    public virtual bool ResetsBefore(bool asked) => false;

    /// <summary>The fused steps for one kernel path.</summary>
    public abstract RecurrentSteps Steps<S, V>(Activation activation, bool resetBefore)
        where S : struct, ISimd<V>
        where V : struct;

    /// <summary>
    /// Step by step: computes the gates of a row from its products and, unless the cell has a candidate, its state. Also called for a row that has ended.
    /// </summary>
    public abstract void Forward(in SteppedPass pass, in SteppedRow row);

    /// <summary>Step by step, for a cell with a candidate: computes the state from the candidate's product.</summary>
    public virtual void ForwardCandidate(in SteppedPass pass, in SteppedRow row) => throw new NotSupportedException();

    /// <summary>
    /// Step by step: computes the gradients of gates and previous state from the gradient of the state. If the reset gate comes before the product, only the
    /// gradient of the candidate.
    /// </summary>
    public abstract void Backward(in SteppedPass pass, in SteppedRow row);

    /// <summary>
    /// Step by step, if the reset gate comes before the product: computes the gradients of the other gates from that of the product's operand.
    /// </summary>
    public virtual void BackwardReset(in SteppedPass pass, in SteppedRow row) => throw new NotSupportedException();
}
