using System.Collections.Immutable;

namespace Microsoft.ML.Recurrent.Onnx.Import.Equations;

/// <summary>The kind of an <see cref="Atom"/>.</summary>
internal enum AtomKind
{
    /// <summary>The number one: what it is multiplied by is a bias.</summary>
    One,

    /// <summary>An input of a step, or a state before it.</summary>
    Variable,

    /// <summary>A function of each number of a linear form.</summary>
    Function,

    /// <summary>The elementwise product of atoms.</summary>
    Product,

    /// <summary>A linear form taken as a whole.</summary>
    Sum,
}

/// <summary>A vector that is no linear form of others. Equal atoms are the same object.</summary>
internal sealed class Atom(int id, AtomKind kind, int width, StepRange steps)
{
    /// <summary>The order of creation.</summary>
    public int Id { get; } = id;

    public AtomKind Kind { get; } = kind;

    /// <summary>The number of elements; 0 for <see cref="AtomKind.One"/>.</summary>
    public int Width { get; } = width;

    /// <summary>The steps on whose inputs it depends.</summary>
    public StepRange Steps { get; } = steps;

    /// <summary>The name of a variable, or of a function with its parameters.</summary>
    public string Name { get; init; } = "";

    /// <summary>The operand of a function, or the form of a sum.</summary>
    public LinearForm? Argument { get; init; }

    /// <summary>The factors of a product, in the order of their ids.</summary>
    public ImmutableArray<Atom> Factors { get; init; } = [];

    public bool Is(string function) => Kind is AtomKind.Function && Name == function;
}

/// <summary>A range of steps; empty if the last is before the first.</summary>
internal readonly record struct StepRange(int First, int Last)
{
    public static readonly StepRange None = new(int.MaxValue, -1);

    public static StepRange At(int step) => new(step, step);

    public bool Contains(int step) => First <= step && step <= Last;

    public StepRange With(StepRange other) => new(Math.Min(First, other.First), Math.Max(Last, other.Last));
}
