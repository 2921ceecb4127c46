namespace Microsoft.ML.Recurrent.Onnx.Import.Equations;

/// <summary>
/// Compares the equation of a next state with those of the simple recurrent cell, h' = f(W x + R h + b), the GRU, h' = (1 - z) n + z h with the reset before or
/// after the matrix (Cho et al. 2014), and the LSTM, c' = f c + i g and h' = o tanh(c'), also with peepholes (Gers and Schmidhuber 2000) and with f = 1 - i.
/// </summary>
internal static class CellEquations
{
    private const string Sigmoid = "Sigmoid", Tanh = "Tanh";

    /// <summary>The cell whose next state a form is; null if it is that of no cell.</summary>
    /// <param name="next">The next state.</param>
    /// <param name="step">The step: what depends on it is of the step's input, what does not is of the step before.</param>
    public static WrittenCell? Match(LinearForm next, int step) => next.Terms.Length switch
    {
        1 when next.Single is { Kind: AtomKind.Function } function => Simple(function, step),
        1 when next.Single is { Kind: AtomKind.Product, Factors: [var a, var b] } => Lstm(a, b, step) ?? Lstm(b, a, step),
        3 => Gru(next, step),
        _ => null,
    };

    private static WrittenCell? Simple(Atom function, int step)
    {
        var reader = new GateReader(step, function.Width);
        return reader.Read(function.Argument!) is { } gate && reader is { Input: { } input, State: { } state }
            ? new("RNN", [function.Name]) { Input = input, State = state, Gates = [gate] }
            : null;
    }

    // next = new + z old - z new, or old + z new - z old.
    private static WrittenCell? Gru(LinearForm next, int step)
    {
        if (next.Terms is not [.. { Length: 3 } terms]) return null;
        var plain = terms.FirstOrDefault(term => term.Factor.IsUnit && term.Atom.Kind is not AtomKind.Product).Atom;
        var added = terms.FirstOrDefault(term => term.Factor.IsUnit && term.Atom is { Kind: AtomKind.Product, Factors.Length: 2 }).Atom;
        var removed = terms.FirstOrDefault(term => term.Factor.IsMinusUnit && term.Atom is { Kind: AtomKind.Product, Factors.Length: 2 }).Atom;
        if (plain is null || added is null || removed is null || !removed.Factors.Contains(plain)) return null;
        var update = removed.Factors[0] == plain ? removed.Factors[1] : removed.Factors[0];
        if (!update.Is(Sigmoid) || !added.Factors.Contains(update)) return null;
        var other = added.Factors[0] == update ? added.Factors[1] : added.Factors[0];
        var keeps = plain.Steps.Contains(step);
        var (fresh, old) = keeps ? (plain, other) : (other, plain);
        if (!fresh.Is(Tanh) || !fresh.Steps.Contains(step) || old.Steps.Contains(step)) return null;

        var reader = new GateReader(step, next.Width) { State = old };
        if (reader.Read(update.Argument!) is not { } z) return null;
        var candidate = fresh.Argument!;
        foreach (var term in candidate.Terms)
        {
            if (term.Factor.IsUnit && term.Atom is { Kind: AtomKind.Product, Factors: [var a, var b] })
                return After(a, b, term) ?? After(b, a, term);
            if (term.Factor.IsMatrix && term.Atom is { Kind: AtomKind.Sum, Argument.Single: { Kind: AtomKind.Product, Factors: [var c, var d] } })
                return Before(c, d, term) ?? Before(d, c, term);
        }
        return null;

        WrittenCell? After(Atom reset, Atom inner, LinearTerm term)
        {
            if (!reset.Is(Sigmoid) || inner is not { Kind: AtomKind.Sum, Argument: { } sum }) return null;
            if (reader.Read(reset.Argument!) is not { } r || reader.Read(candidate, except: term) is not { } n || n.OfState.AsSpan().ContainsAnyExcept(0f)
                || reader.Read(sum) is not { } recurrent || recurrent.OfInput.AsSpan().ContainsAnyExcept(0f))
                return null;
            return Cell(r, n with { OfState = recurrent.OfState }, recurrent.Bias);
        }

        WrittenCell? Before(Atom reset, Atom state, LinearTerm term)
        {
            if (!reset.Is(Sigmoid) || state != old) return null;
            if (reader.Read(reset.Argument!) is not { } r || reader.Read(candidate, except: term) is not { } n || n.OfState.AsSpan().ContainsAnyExcept(0f))
                return null;
            return Cell(r, n with { OfState = term.Factor.Values }, null);
        }

        WrittenCell? Cell(Gate r, Gate n, float[]? resetBias) => reader.Input is { } input
            ? new("GRU", [Sigmoid, Tanh]) { Input = input, State = old, Gates = [keeps ? z : z.Negated(), r, n], ResetBias = resetBias }
            : null;
    }

    private static WrittenCell? Lstm(Atom output, Atom shown, int step)
    {
        if (!output.Is(Sigmoid) || !shown.Is(Tanh)) return null;
        var memory = shown.Argument!;
        if (Parts(memory, step) is not { } parts) return null;
        var reader = new GateReader(step, output.Width) { Memory = parts.Old };
        if (reader.Read(parts.Input.Argument!) is not { } i || reader.Read(parts.Forget.Argument!) is not { } f
            || reader.Read(parts.Fresh.Argument!) is not { OfMemory: null } g || reader.Read(output.Argument!, memory) is not { } o)
            return null;
        if (parts.IsCoupled) (i, f) = parts.ForgetIsGiven ? (f.Negated(), f) : (i, i.Negated());
        return reader is { Input: { } input, State: { } state }
            ? new("LSTM", [Sigmoid, Tanh, Tanh])
            {
                Input = input, State = state, Gates = [i, o, f, g], Memory = parts.Old, NextMemory = memory, IsCoupled = parts.IsCoupled,
            }
            : null;
    }

    private readonly record struct MemoryParts(Atom Input, Atom Forget, Atom Fresh, Atom Old, bool IsCoupled = false, bool ForgetIsGiven = false);

    private static MemoryParts? Parts(LinearForm memory, int step)
    {
        if (memory.Terms is [{ Factor.IsUnit: true, Atom: { Kind: AtomKind.Product, Factors.Length: 2 } a },
            { Factor.IsUnit: true, Atom: { Kind: AtomKind.Product, Factors.Length: 2 } b }])
            return Sum(a, b) ?? Sum(b, a);
        // One gate for both: f c + g - f g, or i g + c - i c.
        if (memory.Terms.Length != 3) return null;
        var plain = memory.Terms.FirstOrDefault(term => term.Factor.IsUnit && term.Atom.Kind is not AtomKind.Product).Atom;
        var added = memory.Terms.FirstOrDefault(term => term.Factor.IsUnit && term.Atom is { Kind: AtomKind.Product, Factors.Length: 2 }).Atom;
        var removed = memory.Terms.FirstOrDefault(term => term.Factor.IsMinusUnit && term.Atom is { Kind: AtomKind.Product, Factors.Length: 2 }).Atom;
        if (plain is null || added is null || removed is null || !removed.Factors.Contains(plain)) return null;
        var gate = removed.Factors[0] == plain ? removed.Factors[1] : removed.Factors[0];
        if (!gate.Is(Sigmoid) || !added.Factors.Contains(gate)) return null;
        var other = added.Factors[0] == gate ? added.Factors[1] : added.Factors[0];
        var forgets = plain.Steps.Contains(step);
        var (fresh, old) = forgets ? (plain, other) : (other, plain);
        return fresh.Is(Tanh) && fresh.Steps.Contains(step) && !old.Steps.Contains(step)
            ? new(gate, gate, fresh, old, IsCoupled: true, ForgetIsGiven: forgets)
            : null;

        MemoryParts? Sum(Atom kept, Atom added)
        {
            var old = kept.Factors.FirstOrDefault(factor => !factor.Steps.Contains(step));
            var fresh = added.Factors.FirstOrDefault(factor => factor.Is(Tanh) && factor.Steps.Contains(step));
            if (old is null || fresh is null) return null;
            Atom forget = kept.Factors.First(factor => factor != old), input = added.Factors.First(factor => factor != fresh);
            return forget.Is(Sigmoid) && input.Is(Sigmoid) && forget.Steps.Contains(step) && input.Steps.Contains(step)
                ? new(input, forget, fresh, old)
                : null;
        }
    }
}
