using System.Collections.Immutable;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace Microsoft.ML.Recurrent.Onnx.Import.Equations;

/// <summary>
/// Computes with vectors in their normal form. Products of sums are multiplied out; a state of an earlier step, and the operand of a matrix, stay whole, so
/// that the equations of a step do not grow with the steps before it.
/// </summary>
internal sealed class EquationSystem
{
    // Cells multiply sums of two or three terms; what is longer is none.
    private const int MaximumProducts = 16;

    private readonly Dictionary<string, Atom> _atoms = new(StringComparer.Ordinal);
    private readonly Dictionary<string, LinearForm> _forms = new(StringComparer.Ordinal);
    private readonly Dictionary<(int Hash, bool IsMatrix), List<Factor>> _factors = [];
    private readonly Atom _one;
    private int _factorCount;

    public EquationSystem() => _one = Intern("1", id => new(id, AtomKind.One, 0, StepRange.None));

    /// <summary>A variable of its own name.</summary>
    public LinearForm Variable(string name, int width, StepRange steps) =>
        Whole(Intern("v:" + name, id => new(id, AtomKind.Variable, width, steps) { Name = name }), width);

    /// <summary>Constant numbers.</summary>
    public LinearForm Constant(float[] values) => Form(values.Length, [new(_one, Intern(values, isMatrix: false))]);

    /// <summary>The form for which an atom stands.</summary>
    public LinearForm FormOf(Atom atom) => atom is { Kind: AtomKind.Sum, Argument: { } form } ? form : Whole(atom, atom.Width);

    public LinearForm Add(LinearForm a, LinearForm b)
    {
        var steps = a.Steps.With(b.Steps);
        return Form(a.Width, [.. Crossing(a, steps).Terms, .. Crossing(b, steps).Terms]);
    }

    public LinearForm Subtract(LinearForm a, LinearForm b)
    {
        var steps = a.Steps.With(b.Steps);
        return Form(a.Width, [.. Crossing(a, steps).Terms, .. Negate(Crossing(b, steps)).Terms]);
    }

    /// <summary>Multiplies elementwise by constant numbers.</summary>
    public LinearForm Scale(LinearForm a, float[] scale) => Form(a.Width, [.. a.Terms.Select(term => term with { Factor = Scaled(term.Factor, scale) })]);

    public LinearForm Negate(LinearForm a) => Scale(a, [.. Enumerable.Repeat(-1f, a.Width)]);

    /// <summary>The elementwise product; null if it has too many terms for a cell.</summary>
    public LinearForm? Multiply(LinearForm a, LinearForm b)
    {
        // A state is weighted as a whole, as by peepholes.
        if (a.IsConstant) return Scale(Grouped(b), Bias(a));
        if (b.IsConstant) return Scale(Grouped(a), Bias(b));
        var steps = a.Steps.With(b.Steps);
        LinearTerm[] left = Operands(Crossing(a, steps)), right = Operands(Crossing(b, steps));
        if (left.Length * right.Length > MaximumProducts) return null;
        List<LinearTerm> terms = [];
        foreach (var x in left)
            foreach (var y in right)
                terms.Add(new(Product(x.Atom, y.Atom), Intern(Times(x.Factor.Values, y.Factor.Values), isMatrix: false)));
        return Form(a.Width, terms);
    }

    /// <summary>The product with a matrix [outputs, elements].</summary>
    public LinearForm Multiply(float[] matrix, LinearForm a)
    {
        a = Grouped(a);
        var outputs = matrix.Length / a.Width;
        return Form(outputs, [.. a.Terms.Select(term => term with { Factor = Product(matrix, outputs, a.Width, term) })]);
    }

    /// <summary>A function of each element.</summary>
    public LinearForm Apply(string function, LinearForm a) => Whole(Intern($"{function}({a.Id})",
        id => new(id, AtomKind.Function, a.Width, a.Steps) { Name = function, Argument = a }), a.Width);

    /// <summary>Some of the elements.</summary>
    public LinearForm Slice(LinearForm a, int from, int count)
    {
        if (from == 0 && count == a.Width) return a;
        return Form(count, [.. a.Terms.Select(term =>
        {
            var (atom, values) = (term.Atom, term.Factor.Values);
            if (term.Factor.IsMatrix) return new(atom, Intern(values[(from * atom.Width)..((from + count) * atom.Width)], isMatrix: true));
            if (atom.Kind is not AtomKind.Variable) return new LinearTerm(Slice(atom, from, count), Intern(values[from..(from + count)], isMatrix: false));
            var rows = new float[count * atom.Width];
            for (var i = 0; i < count; i++) rows[i * atom.Width + from + i] = values[from + i];
            return new(atom, Intern(rows, isMatrix: true));
        })]);
    }

    /// <summary>A form as one atom where it has several terms that belong together: the state of a step.</summary>
    public LinearForm Grouped(LinearForm a)
    {
        LinearTerm[] whole = [.. a.Terms.Where(term => !term.Factor.IsMatrix && term.Atom.Kind is not AtomKind.One)];
        if (whole.Length == 0 || whole is [{ Factor.IsUnit: false }] or [{ Atom.Kind: not AtomKind.Product }]) return a;
        var group = Sum(Form(a.Width, whole));
        return Form(a.Width, [.. a.Terms.Except(whole), new(group, Unit(a.Width))]);
    }

    // A state of an earlier step is taken as a whole.
    private LinearForm Crossing(LinearForm a, StepRange steps) => a.Steps == steps || a.Steps == StepRange.None ? a : Grouped(a);

    // The terms that are multiplied one by one; those with matrices are one operand together with the bias.
    private LinearTerm[] Operands(LinearForm a)
    {
        if (!a.Terms.Any(term => term.Factor.IsMatrix)) return [.. a.Terms];
        LinearTerm[] own = [.. a.Terms.Where(term => !term.Factor.IsMatrix && term.Atom.Kind is not AtomKind.One)];
        return [.. own, new(Sum(Form(a.Width, a.Terms.Except(own))), Unit(a.Width))];
    }

    private Atom Slice(Atom atom, int from, int count) => atom.Kind switch
    {
        AtomKind.One => atom,
        AtomKind.Function => Apply(atom.Name, Slice(atom.Argument!, from, count)).Single!,
        AtomKind.Product => atom.Factors.Select(factor => factor.Kind is AtomKind.Variable ? Part(factor, from, count) : Slice(factor, from, count))
            .Aggregate(Product),
        _ => Sum(Slice(atom.Argument!, from, count)),
    };

    // A part of a variable inside a product.
    private Atom Part(Atom variable, int from, int count) => Sum(Slice(Whole(variable, variable.Width), from, count));

    private Atom Product(Atom a, Atom b)
    {
        if (a.Kind is AtomKind.One) return b;
        if (b.Kind is AtomKind.One) return a;
        ImmutableArray<Atom> Factors(Atom atom) => atom.Kind is AtomKind.Product ? atom.Factors : [atom];
        ImmutableArray<Atom> factors = [.. Factors(a).Concat(Factors(b)).OrderBy(factor => factor.Id)];
        return Intern("p:" + string.Join(',', factors.Select(factor => factor.Id)),
            id => new(id, AtomKind.Product, Math.Max(a.Width, b.Width), a.Steps.With(b.Steps)) { Factors = factors });
    }

    private Atom Sum(LinearForm form) => form.Single is { Kind: not AtomKind.Product } atom ? atom
        : Intern("s:" + form.Id, id => new(id, AtomKind.Sum, form.Width, form.Steps) { Argument = form });

    private LinearForm Whole(Atom atom, int width) => Form(width, [new(atom, Unit(width))]);

    // The terms of one atom are added, and those that cancel are left out.
    private LinearForm Form(int width, IEnumerable<LinearTerm> terms)
    {
        ImmutableArray<LinearTerm> sorted = [.. terms.GroupBy(term => term.Atom).Select(group => new LinearTerm(group.Key,
            group.Select(term => term.Factor).Aggregate((a, b) => Sum(a, b, width, group.Key.Width))))
            .Where(term => !term.Factor.IsZero || term.Factor.IsMatrix).OrderBy(term => term.Atom.Id)];
        var key = width + ":" + string.Join(',', sorted.Select(term => term.Atom.Id + "*" + term.Factor.Id));
        if (!_forms.TryGetValue(key, out var form)) _forms.Add(key, form = new(_forms.Count, width, sorted));
        return form;
    }

    private Factor Sum(Factor a, Factor b, int width, int columns)
    {
        if (a.IsMatrix == b.IsMatrix)
        {
            var sum = new float[a.Values.Length];
            TensorPrimitives.Add(a.Values, b.Values, sum);
            return Intern(sum, a.IsMatrix);
        }
        var (matrix, vector) = a.IsMatrix ? (a, b) : (b, a);
        float[] values = [.. matrix.Values];
        for (var i = 0; i < width; i++) values[i * columns + i] += vector.Values[i];
        return Intern(values, isMatrix: true);
    }

    private Factor Scaled(Factor factor, float[] scale)
    {
        if (!factor.IsMatrix) return Intern(Times(factor.Values, scale), isMatrix: false);
        var columns = factor.Values.Length / scale.Length;
        return Intern([.. factor.Values.Select((value, i) => value * scale[i / columns])], isMatrix: true);
    }

    private Factor Product(float[] matrix, int outputs, int inputs, LinearTerm term)
    {
        var values = term.Factor.Values;
        if (term.Factor.IsMatrix)
        {
            var columns = term.Atom.Width;
            var product = new float[outputs * columns];
            for (var row = 0; row < outputs; row++)
                for (var i = 0; i < inputs; i++)
                    TensorPrimitives.MultiplyAdd(values.AsSpan(i * columns, columns), matrix[row * inputs + i], product.AsSpan(row * columns, columns),
                        product.AsSpan(row * columns, columns));
            return Intern(product, isMatrix: true);
        }
        if (term.Atom.Kind is AtomKind.One)
            return Intern([.. Enumerable.Range(0, outputs).Select(row => TensorPrimitives.Dot(matrix.AsSpan(row * inputs, inputs), values))], isMatrix: false);
        return term.Factor.IsUnit ? Intern(matrix, isMatrix: true) : Intern([.. matrix.Select((value, i) => value * values[i % inputs])], isMatrix: true);
    }

    private static float[] Times(float[] a, float[] b)
    {
        var product = new float[a.Length];
        TensorPrimitives.Multiply(a, b, product);
        return product;
    }

    private static float[] Bias(LinearForm a) => a.Terms is [var bias] ? bias.Factor.Values : new float[a.Width];

    private Factor Unit(int width) => Intern([.. Enumerable.Repeat(1f, width)], isMatrix: false);

    private Atom Intern(string key, Func<int, Atom> create)
    {
        if (!_atoms.TryGetValue(key, out var atom)) _atoms.Add(key, atom = create(_atoms.Count));
        return atom;
    }

    private Factor Intern(float[] values, bool isMatrix)
    {
        HashCode hash = new();
        hash.AddBytes(MemoryMarshal.AsBytes<float>(values));
        var key = (hash.ToHashCode(), isMatrix);
        if (!_factors.TryGetValue(key, out var equal)) _factors.Add(key, equal = []);
        var known = equal.Find(factor => factor.Values.AsSpan().SequenceEqual(values));
        if (known is null) equal.Add(known = new(_factorCount++, values, isMatrix));
        return known;
    }
}
