using System.Numerics;

namespace Microsoft.ML.Recurrent.Layers;

/// <summary>
/// One time step of a recurrent network for one row, written like its equations and generic over the number type: in double precision the reference that the
/// fused layers are held to, in single precision the step of a stream.
/// </summary>
internal abstract class Cell
{
    /// <summary>Blocks of rows in each weight: 1 of a simple network, 4 of an LSTM (i, f, g, o), 3 of a GRU (r, z, n).</summary>
    public abstract int Gates { get; }

    /// <summary>Whether the state has a second part, the memory c.</summary>
    public virtual bool HasMemory => false;

    public static Cell Create(RecurrentCell kind, RecurrentActivation activation = RecurrentActivation.Tanh, bool resetAfter = true) => kind switch
    {
        RecurrentCell.SimpleRnn => new SimpleRnnCell(activation),
        RecurrentCell.Lstm => new LstmCell(),
        RecurrentCell.Gru => new GruCell(resetAfter),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "There is no such cell."),
    };

    /// <summary>
    /// Takes the state from one step to the next: <paramref name="h"/> [hidden] and, where the cell has a memory, <paramref name="c"/> [hidden] are replaced.
    /// <paramref name="scratch"/> holds 2 x Gates x hidden numbers.
    /// </summary>
    public abstract void Step<T>(ReadOnlySpan<T> x, Span<T> h, Span<T> c, in CellWeights<T> weights, Span<T> scratch)
        where T : IFloatingPointIeee754<T>;
}

/// <summary>A cell's weights in PyTorch's layout: weight_ih [gates x hidden, features], weight_hh [gates x hidden, hidden], biases [gates x hidden] or empty for none.</summary>
internal readonly ref struct CellWeights<T>
{
    public required ReadOnlySpan<T> WeightIh { get; init; }

    public required ReadOnlySpan<T> WeightHh { get; init; }

    public ReadOnlySpan<T> BiasIh { get; init; }

    public ReadOnlySpan<T> BiasHh { get; init; }
}
