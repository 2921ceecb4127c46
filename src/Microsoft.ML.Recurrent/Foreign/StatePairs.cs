using System.Globalization;
using Microsoft.ML.Recurrent.Onnx.Format;

namespace Microsoft.ML.Recurrent.Foreign;

/// <summary>
/// Finds the states of a foreign graph: inputs that take what an output gave at the step before. Pairs are found by name; where no name says so, by shape and
/// order. Where that leaves two readings, the error shows both.
/// </summary>
internal sealed class StatePairs
{
    private const string Argument = "States";

    private readonly string _path;
    private readonly ValueInfoProto[] _inputs, _outputs;
    private readonly HashSet<string>[] _reached;

    private readonly bool _hasData;

    private StatePairs(string path, GraphProto graph, ValueInfoProto[] inputs, bool hasData)
    {
        (_path, _inputs, _outputs, _hasData) = (path, inputs, [.. graph.Output], hasData);
        _reached = [.. inputs.Select(input => Reached(graph, input.Name))];
    }

    /// <summary>Finds the pairs; none if the graph has no states.</summary>
    /// <param name="path">The file, for messages.</param>
    /// <param name="graph">The graph.</param>
    /// <param name="inputs">The inputs that may be states.</param>
    /// <param name="given">The pairs by name, input to output; empty to find them.</param>
    /// <param name="hasData">Whether there are other inputs, so that all of these may be states.</param>
    /// <exception cref="ArgumentException">A given name is not in the graph, or there are two readings.</exception>
    public static IReadOnlyList<StatePair> Find(string path, GraphProto graph, ValueInfoProto[] inputs, IDictionary<string, string> given, bool hasData = false)
    {
        var pairs = new StatePairs(path, graph, inputs, hasData);
        return given.Count > 0 ? pairs.Given(given) : pairs.ByName() is { Count: > 0 } named ? named : pairs.ByShape();
    }

    private StatePair[] Given(IDictionary<string, string> given)
    {
        if (given.Values.Distinct().Count() < given.Count) throw new ArgumentException("An output is the next state of two inputs.", Argument);
        (ValueInfoProto Input, ValueInfoProto Output)[] pairs =
            [.. given.Select(pair => (Named("input", _inputs, pair.Key), Named("output", _outputs, pair.Value)))];
        foreach (var (input, output) in pairs)
            if (!Fits(input, output, isStrict: false))
                throw new ArgumentException($"The output '{output.Name}' of the model '{_path}' has another type or shape than its input '{input.Name}', so it "
                    + "cannot be its next state.", Argument);
        return [.. pairs.Select(pair => new StatePair(pair.Input, pair.Output))];

        ValueInfoProto Named(string role, ValueInfoProto[] values, string name) => values.FirstOrDefault(value => value.Name == name)
            ?? throw new ArgumentException(
                $"The model '{_path}' has no {role} '{name}' for a state. It has {string.Join(", ", values.Select(value => $"'{value.Name}'"))}.", Argument);
    }

    private IReadOnlyList<StatePair> ByName()
    {
        var all = new List<(int Input, int Output, int Cost, bool IsState)>();
        for (var i = 0; i < _inputs.Length; i++)
        {
            for (var o = 0; o < _outputs.Length; o++)
                if (Depends(i, o) && Fits(_inputs[i], _outputs[o], isStrict: false)
                    && StateNames.Match(_inputs[i].Name, _outputs[o].Name) is var (cost, isState))
                    all.Add((i, o, cost, isState));
        }
        var pairs = new List<(int Input, int Output, int Cost, bool IsState)>();
        while (all.Count > 0)
        {
            var best = all.MinBy(pair => pair.Cost);
            var other = all.FindIndex(pair => pair != best && pair.Cost == best.Cost && (pair.Input == best.Input || pair.Output == best.Output));
            if (other >= 0) throw Ambiguous([(best.Input, best.Output)], [(all[other].Input, all[other].Output)]);
            pairs.Add(best);
            all.RemoveAll(pair => pair.Input == best.Input || pair.Output == best.Output);
        }
        if (pairs.Count == 0) return [];
        var states = pairs.FindAll(pair => pair.IsState);
        (int, int)[] named = Places(pairs), sure = Places(states);
        // The answer of a single cell is its state.
        if (pairs.Count == states.Count && LeavesData(named)) return Pairs(named);
        // The data may be called "audio_in" and "audio_out" as well.
        if (states.Count > 0 && LeavesSome(sure) && !LeavesSome(named)) return Pairs(sure);
        if (states.Count == 0 && LeavesSome(named)) return Pairs(named);
        throw Ambiguous(named, states.Count > 0 && states.Count < pairs.Count ? sure : named[1..]);

        static (int, int)[] Places(List<(int Input, int Output, int Cost, bool IsState)> pairs) =>
            [.. pairs.OrderBy(pair => pair.Input).Select(pair => (pair.Input, pair.Output))];
    }

    private IReadOnlyList<StatePair> ByShape()
    {
        var pairs = new List<(int Input, int Output)>();
        var left = Enumerable.Range(0, _inputs.Length).ToList();
        while (left.Count > 0)
        {
            // Inputs and outputs of one shape belong together.
            int[] inputs = [.. left.Where(i => SameShape(_inputs[i], _inputs[left[0]]))];
            left.RemoveAll(inputs.Contains);
            bool IsPossible(int input, int output) => Depends(input, output) && Fits(_inputs[input], _outputs[output], isStrict: true);
            int[] outputs = [.. Enumerable.Range(0, _outputs.Length).Where(o => inputs.Any(i => IsPossible(i, o)))];
            inputs = [.. inputs.Where(i => outputs.Any(o => IsPossible(i, o)))];
            if (outputs.Length == 0) continue;
            var count = Math.Min(inputs.Length, outputs.Length);
            (int, int)[] first = [.. inputs[..count].Zip(outputs)], last = [.. inputs[^count..].Zip(outputs[^count..])];
            if (!first.SequenceEqual(last)) throw Ambiguous(first, last);
            pairs.AddRange(first);
        }
        (int, int)[] found = [.. pairs.OrderBy(pair => pair.Input)];
        // One input and one output of one shape are data and answer.
        if (found.Length == 0 || _inputs.Length == 1 && !_hasData) return [];
        return LeavesSome(found) ? Pairs(found) : throw Ambiguous(found[1..], found[..^1]);
    }

    // Something must be left for the data and the answer.
    private bool LeavesSome((int Input, int Output)[] pairs) => LeavesData(pairs) && pairs.Length < _outputs.Length;

    private bool LeavesData((int Input, int Output)[] pairs) => pairs.Length > 0 && (_hasData || pairs.Length < _inputs.Length);

    private StatePair[] Pairs((int Input, int Output)[] pairs) => [.. pairs.Select(pair => new StatePair(_inputs[pair.Input], _outputs[pair.Output]))];

    private bool Depends(int input, int output) => _reached[input].Contains(_outputs[output].Name);

    // Sizes that the graph leaves open may be those of the other.
    private static bool Fits(ValueInfoProto input, ValueInfoProto output, bool isStrict)
    {
        if (input.Type?.TensorType is not { Shape: not null } before || output.Type?.TensorType is not { } after) return false;
        if (before.ElemType != after.ElemType) return false;
        if (after.Shape is null) return !isStrict;
        return before.Shape.Dim.Count == after.Shape.Dim.Count && before.Shape.Dim.Zip(after.Shape.Dim).All(pair =>
            pair.First.DimValue == pair.Second.DimValue || !isStrict && (pair.First.DimValue <= 0 || pair.Second.DimValue <= 0));
    }

    private static bool SameShape(ValueInfoProto a, ValueInfoProto b) =>
        a.Type?.TensorType is { Shape: { } one } first && b.Type?.TensorType is { Shape: { } other } second && first.ElemType == second.ElemType
            ? one.Dim.Select(dimension => dimension.DimValue).SequenceEqual(other.Dim.Select(dimension => dimension.DimValue))
            : ReferenceEquals(a, b);

    private ArgumentException Ambiguous((int Input, int Output)[] one, (int Input, int Output)[] other)
    {
        string Reading((int Input, int Output)[] pairs) => pairs.Length == 0 ? "no states"
            : string.Join(", ",
                pairs.Select(pair => string.Create(CultureInfo.InvariantCulture, $"'{_inputs[pair.Input].Name}' from '{_outputs[pair.Output].Name}'")));
        var map = string.Join(", ", (one.Length > 0 ? one : other).Select(pair => $"[\"{_inputs[pair.Input].Name}\"] = \"{_outputs[pair.Output].Name}\""));
        return new($"The states of the model '{_path}' can be read in two ways: {Reading(one)}; or {Reading(other)}. Say which output is the next state of "
            + $"which "
            + $"input: States = {{ {map} }}.", Argument);
    }

    // What can depend on a value; the graphs inside of a node may read any value outside of them.
    private static HashSet<string> Reached(GraphProto graph, string name)
    {
        HashSet<string> reached = [name];
        foreach (var node in graph.Node)
            if (Read(node).Any(reached.Contains)) reached.UnionWith(node.Output.Where(output => output.Length > 0));
        return reached;
    }

    private static IEnumerable<string> Read(NodeProto node) => node.Input.Concat(node.Attribute
        .SelectMany(attribute => attribute.G is { } inner ? attribute.Graphs.Prepend(inner) : attribute.Graphs)
        .SelectMany(inner => inner.Node.SelectMany(Read).Concat(inner.Output.Select(output => output.Name))));
}
