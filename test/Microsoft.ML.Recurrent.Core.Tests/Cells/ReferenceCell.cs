using System.Numerics;

namespace Microsoft.ML.Recurrent.Core.Tests;

/// <summary>
/// One time step of a recurrent cell for one row, written like its equations and generic over the number type: the double-precision reference of the layers,
/// with which it shares no code.
/// </summary>
internal abstract class ReferenceCell
{
    /// <summary>
    /// Blocks of rows in each weight: 1 for a simple RNN, 4 for an LSTM (i, f, g, o), 3 for one with coupled gates (i, g, o) and for a GRU (r, z, n), 2 for a
    /// minimal gated unit (f, n).
    /// </summary>
    public abstract int Gates { get; }

    /// <summary>Whether the state has a second part, the memory c.</summary>
    public virtual bool HasMemory => false;

    /// <summary>Blocks of peephole weights: i, o, f, or i, o with coupled gates; 0 for none.</summary>
    public virtual int Peepholes => 0;

    public static ReferenceCell Create(RecurrentCell kind, RecurrentActivation activation = RecurrentActivation.Tanh, bool resetAfter = true) => kind switch
    {
        RecurrentCell.SimpleRnn => new ReferenceSimpleRnn(activation),
        RecurrentCell.Lstm => new ReferenceLstm(),
        RecurrentCell.PeepholeLstm => new ReferenceLstmVariant(isCoupled: false, hasPeepholes: true),
        RecurrentCell.CoupledLstm => new ReferenceLstmVariant(isCoupled: true, hasPeepholes: false),
        RecurrentCell.CoupledPeepholeLstm => new ReferenceLstmVariant(isCoupled: true, hasPeepholes: true),
        RecurrentCell.Gru => new ReferenceGru(resetAfter),
        RecurrentCell.MinimalGated => new ReferenceMinimalGated(),
    };

    /// <summary>
    /// Advances the state by one step, in place: <paramref name="h"/> [hidden] and, if the cell has a memory, <paramref name="c"/> [hidden].
    /// <paramref name="scratch"/> holds 2 x Gates x hidden values.
    /// </summary>
    public abstract void Step<T>(ReadOnlySpan<T> x, Span<T> h, Span<T> c, in CellWeights<T> weights, Span<T> scratch)
        where T : IFloatingPointIeee754<T>;
}

/// <summary>
/// A cell's weights in PyTorch's layout: weight_ih [gates x hidden, features], weight_hh [gates x hidden, hidden], biases [gates x hidden] or empty for none.
/// </summary>
internal readonly ref struct CellWeights<T>
{
    public required ReadOnlySpan<T> WeightIh { get; init; }

    public required ReadOnlySpan<T> WeightHh { get; init; }

    public ReadOnlySpan<T> BiasIh { get; init; }

    public ReadOnlySpan<T> BiasHh { get; init; }

    /// <summary>Peephole weights [blocks x hidden], or empty for none.</summary>
    public ReadOnlySpan<T> Peephole { get; init; }
}
