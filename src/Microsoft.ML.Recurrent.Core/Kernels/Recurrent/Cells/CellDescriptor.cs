using Microsoft.ML.Recurrent.Kernels.Simd;

namespace Microsoft.ML.Recurrent.Kernels.Recurrent;

/// <summary>
/// What a recurrent cell is: the one place that kernels, layers, initialization and checks of options ask. There is one object for each
/// <see cref="RecurrentCell"/>; a new cell is a class beside these and a line in <see cref="For"/>. Its ONNX form is an OnnxCell of the main assembly.
/// </summary>
/// <param name="name">What layers of the cell are called: name_1, name_2, ...</param>
/// <param name="gates">Blocks of hidden units in the rows of each weight.</param>
internal abstract unsafe class CellDescriptor(string name, int gates)
{
    private static readonly CellDescriptor
        s_simpleRnn = new SimpleRnnCell(), s_lstm = new LstmCell(), s_gru = new GruCell(), s_minimalGated = new MinimalGatedCell();

    /// <summary>What layers of the cell are called: name_1, name_2, ...</summary>
    public string Name { get; } = name;

    /// <summary>Blocks of hidden units in the rows of each weight.</summary>
    public int Gates { get; } = gates;

    /// <summary>
    /// For each block of a weight in a model's file, its place in the network's. The file has the order of ONNX where a node takes the weight as it is.
    /// </summary>
    public int[] FileOrder { get; init; } = [.. Enumerable.Range(0, gates)];

    /// <summary>Whether the state has a second part, the memory c.</summary>
    public bool HasMemory { get; init; }

    /// <summary>
    /// Whether the last block is a candidate for the state that a reset gate shares in. Its recurrent product, or what that is taken of, then has a block of
    /// its own behind the gates' where a pass keeps them.
    /// </summary>
    public bool HasCandidate { get; init; }

    /// <summary>The block whose input bias begins with the forget gate's bias; null for none.</summary>
    public int? ForgetGate { get; init; }

    /// <summary>The options that the cell has, of those that not all have.</summary>
    public CellOptions Options { get; init; }

    /// <summary>Blocks of hidden units that a pass keeps for each row and step.</summary>
    public int KeptBlocks => HasCandidate ? Gates + 1 : Gates;

    /// <summary>The descriptor of a kind.</summary>
    public static CellDescriptor For(RecurrentCell kind) => kind switch
    {
        RecurrentCell.SimpleRnn => s_simpleRnn,
        RecurrentCell.Lstm => s_lstm,
        RecurrentCell.Gru => s_gru,
        RecurrentCell.MinimalGated => s_minimalGated,
    };

    /// <summary>The kinds that have an option.</summary>
    public static IEnumerable<RecurrentCell> With(CellOptions option) => Enum.GetValues<RecurrentCell>().Where(kind => For(kind).Has(option));

    /// <summary>Whether the cell has an option.</summary>
    public bool Has(CellOptions option) => (Options & option) == option;

    /// <summary>Whether the reset gate comes before the recurrent product of the candidate.</summary>
    /// <param name="asked">What was asked for, where the cell leaves it to the caller.</param>
    public virtual bool ResetsBefore(bool asked) => false;

    /// <summary>The fused steps on one path.</summary>
    public abstract RecurrentSteps Steps<S, V>(Activation activation, bool resetBefore)
        where S : struct, ISimd<V>
        where V : struct;

    /// <summary>
    /// Step by step: from the products of a row to its gates, and to its state but where the cell has a candidate. Also called for a row that has ended.
    /// </summary>
    public abstract void Forward(in SteppedPass pass, in SteppedRow row);

    /// <summary>Step by step, of a cell with a candidate: from the candidate's product to the state.</summary>
    public virtual void ForwardCandidate(in SteppedPass pass, in SteppedRow row) => throw new NotSupportedException();

    /// <summary>
    /// Step by step: from the gradient of the state to those of gates and state before; where the reset gate comes before the product, to that of the
    /// candidate.
    /// </summary>
    public abstract void Backward(in SteppedPass pass, in SteppedRow row);

    /// <summary>Step by step, where the reset gate comes before the product: from the gradient of what that is taken of to those of the other gates.</summary>
    public virtual void BackwardReset(in SteppedPass pass, in SteppedRow row) => throw new NotSupportedException();
}
