using System.Numerics;

namespace Microsoft.ML.Recurrent.Core.Tests;

/// <summary>
/// One time step of a recurrent network for one row, written like its equations and generic over the number type: the reference, in double precision, that the
/// layers are held to. It shares no code with them.
/// </summary>
internal abstract class ReferenceCell
{
    /// <summary>
    /// Blocks of rows in each weight: 1 of a simple network, 4 of an LSTM (i, f, g, o), 3 of a GRU (r, z, n), 2 of a minimal gated unit (f, n).
    /// </summary>
    public abstract int Gates { get; }

    /// <summary>Whether the state has a second part, the memory c.</summary>
    public virtual bool HasMemory => false;

    public static ReferenceCell Create(RecurrentCell kind, RecurrentActivation activation = RecurrentActivation.Tanh, bool resetAfter = true) => kind switch
    {
        RecurrentCell.SimpleRnn => new ReferenceSimpleRnn(activation),
        RecurrentCell.Lstm => new ReferenceLstm(),
        RecurrentCell.Gru => new ReferenceGru(resetAfter),
        RecurrentCell.MinimalGated => new ReferenceMinimalGated(),
    };

    /// <summary>
    /// Takes the state from one step to the next: <paramref name="h"/> [hidden] and, where the cell has a memory, <paramref name="c"/> [hidden] are replaced.
    /// <paramref name="scratch"/> holds 2 x Gates x hidden numbers.
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
}
