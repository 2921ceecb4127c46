namespace Microsoft.ML.Recurrent.Onnx.Import.Equations;

/// <summary>Reads the linear part of a gate, W x + R h + p c + b, and finds the atoms that stand for x and h on the way.</summary>
/// <param name="step">The step: x depends on it, h and c do not.</param>
/// <param name="hidden">The size of the states.</param>
internal sealed class GateReader(int step, int hidden)
{
    /// <summary>The input of the step, once found.</summary>
    public Atom? Input { get; private set; }

    /// <summary>The state before the step, once found.</summary>
    public Atom? State { get; set; }

    /// <summary>The memory before the step, if there is one.</summary>
    public Atom? Memory { get; init; }

    /// <summary>The gate; null if the form is not linear in the input and the states.</summary>
    /// <param name="form">The form.</param>
    /// <param name="memory">The memory after the step, for a gate that may look at it; null for others.</param>
    /// <param name="except">A term to leave out.</param>
    public Gate? Read(LinearForm form, LinearForm? memory = null, LinearTerm? except = null)
    {
        if (form.Width != hidden) return null;
        float[]? ofInput = null, ofState = null, bias = null, ofMemory = null;
        foreach (var term in form.Terms)
        {
            if (term == except) continue;
            var (atom, factor) = (term.Atom, term.Factor);
            if (atom.Kind is AtomKind.One) bias = factor.Values;
            else if (!factor.IsMatrix && (memory is null ? atom == Memory : atom.Kind is AtomKind.Sum && atom.Argument == memory)) ofMemory = factor.Values;
            else if (atom.Kind is AtomKind.Product) return null;
            else if (atom.Steps.Contains(step))
            {
                if ((Input ??= atom) != atom) return null;
                ofInput = Matrix(factor, atom);
            }
            else
            {
                if ((State ??= atom) != atom || atom.Width != hidden) return null;
                ofState = Matrix(factor, atom);
            }
        }
        return new(ofInput ?? new float[hidden * (Input?.Width ?? 0)], ofState ?? new float[hidden * hidden], bias ?? new float[hidden], ofMemory);
    }

    private float[] Matrix(Factor factor, Atom atom)
    {
        if (factor.IsMatrix) return factor.Values;
        var matrix = new float[hidden * atom.Width];
        for (var i = 0; i < hidden; i++) matrix[i * atom.Width + i] = factor.Values[i];
        return matrix;
    }
}
