using System.Collections.Immutable;

namespace Microsoft.ML.Recurrent.Onnx.Import.Equations;

/// <summary>
/// A vector as a sum of atoms, each times a matrix or elementwise times a vector: the normal form in which the equations of cells are compared. Equal forms are
/// the same object.
/// </summary>
internal sealed class LinearForm(int id, int width, ImmutableArray<LinearTerm> terms)
{
    public int Id { get; } = id;

    /// <summary>The number of elements.</summary>
    public int Width { get; } = width;

    /// <summary>The terms, in the order of the ids of their atoms.</summary>
    public ImmutableArray<LinearTerm> Terms { get; } = terms;

    /// <summary>The steps on whose inputs it depends.</summary>
    public StepRange Steps { get; } = terms.Aggregate(StepRange.None, (steps, term) => steps.With(term.Atom.Steps));

    /// <summary>The atom that the form consists of; null if it has more than that.</summary>
    public Atom? Single => Terms is [{ Factor.IsUnit: true } only] ? only.Atom : null;

    /// <summary>Whether it has only a bias.</summary>
    public bool IsConstant => Terms.All(term => term.Atom.Kind is AtomKind.One);
}

/// <summary>An atom times its factor.</summary>
internal readonly record struct LinearTerm(Atom Atom, Factor Factor);

/// <summary>
/// What an atom is multiplied by: a vector of as many numbers as the form has elements, or a matrix [elements of the form, elements of the atom]. Equal factors
/// are the same object.
/// </summary>
internal sealed class Factor(int id, float[] values, bool isMatrix)
{
    public int Id { get; } = id;

    public float[] Values { get; } = values;

    public bool IsMatrix { get; } = isMatrix;

    /// <summary>Whether it multiplies by one.</summary>
    public bool IsUnit { get; } = !isMatrix && !values.AsSpan().ContainsAnyExcept(1f);

    /// <summary>Whether it multiplies by minus one.</summary>
    public bool IsMinusUnit { get; } = !isMatrix && !values.AsSpan().ContainsAnyExcept(-1f);

    public bool IsZero { get; } = !values.AsSpan().ContainsAnyExcept(0f);
}
