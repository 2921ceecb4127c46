using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Architecture.Tests.Folders;

/// <summary>Folders refer to each other one way: a circle of them is one folder in truth.</summary>
[TestClass]
public sealed class FolderTests
{
    private static readonly Lazy<FolderGraph> s_core = new(() => FolderGraph.Of(SourceCode.Core));
    private static readonly Lazy<FolderGraph> s_main = new(() => FolderGraph.Of(SourceCode.Main));

    [ClassInitialize]
    public static void WriteReport(TestContext _) =>
        Report.Write("edges.txt", [.. Lines(s_core.Value, KnownCircles.Core), .. Lines(s_main.Value, KnownCircles.Main)]);

    [TestMethod]
    public void Core_has_no_new_circle() => Check(s_core.Value, KnownCircles.Core, []);

    [TestMethod]
    public void Main_has_no_new_circle() => Check(s_main.Value, KnownCircles.Main, DocumentedCircles.Read());

    [TestMethod]
    public void At_most_two_circles_are_documented() =>
        NumberAssert.IsLessThanOrEqualTo(2, DocumentedCircles.Read().Length, "docs/architecture.md names too many circles.");

    [TestMethod]
    public void Circles_are_found()
    {
        Dictionary<string, string[]> next = new() { ["a"] = ["b"], ["b"] = ["c", "d"], ["c"] = ["a"], ["d"] = ["e"], ["e"] = ["d", "f"], ["f"] = [] };
        var components = StrongComponents.Of(next.Keys, node => next[node]);
        Assert.AreEqual("a b c | d e", string.Join(" | ", components.Select(component => string.Join(' ', component))));
    }

    private static void Check(FolderGraph graph, string[] known, string[][] documented)
    {
        NumberAssert.IsGreaterThan(5, graph.Edges.Count(), "no graph was drawn");
        var allowed = graph.CircularEdges.Where(edge => documented.Any(circle => circle.Contains(edge.From) && circle.Contains(edge.To)));
        var fresh = graph.CircularEdges.Where(edge => !known.Contains(Name(edge))).Except(allowed);
        // Of those that were on no circle before, the thinnest is the one that closes it.
        var lines = fresh.OrderBy(edge => graph.References(edge).Count()).SelectMany(edge => Lines(graph, edge)).Take(40).ToArray();
        if (lines.Length > 0)
            Assert.Fail($"New references close a circle of folders in {graph.Project} (artifacts/architecture/edges.txt has all):\n{string.Join('\n', lines)}");
    }

    private static string Name((string From, string To) edge) => $"{edge.From} -> {edge.To}";

    private static IEnumerable<string> Lines(FolderGraph graph, string[] known)
    {
        yield return $"# {graph.Project}";
        yield return "";
        yield return "References between folders, by how many places make them (* lies on a circle):";
        foreach (var edge in graph.Edges) yield return $"  {(graph.CircularEdges.Contains(edge) ? '*' : ' ')} {Name(edge)}: {graph.References(edge).Count()}";
        yield return "";
        foreach (var component in graph.Components)
        {
            yield return $"Circle of {component.Length} folders: {string.Join(", ", component)}";
            yield return "References within it, the thinnest first:";
            foreach (var edge in graph.CircularEdges.Where(edge => component.Contains(edge.From)).OrderBy(edge => graph.References(edge).Count()))
            {
                yield return "";
                foreach (var line in Lines(graph, edge)) yield return line;
            }
            yield return "";
        }
        if (graph.Components.Count == 0) yield return "No circles.";
        var gone = known.Except(graph.CircularEdges.Select(Name)).ToArray();
        if (gone.Length > 0) yield return $"On no circle any more, to be taken out of KnownCircles.cs: {string.Join(", ", gone)}";
        yield return "";
    }

    // By type and file, so that whoever moves a type sees who names it.
    private static IEnumerable<string> Lines(FolderGraph graph, (string From, string To) edge)
    {
        var references = graph.References(edge).ToArray();
        var types = references.Select(reference => reference.Type).Distinct().Order(StringComparer.Ordinal);
        yield return $"{Name(edge)}: {references.Length} places, types {string.Join(", ", types)}";
        foreach (var type in references.GroupBy(reference => reference.Type).OrderBy(type => type.Count()))
        {
            yield return $"    {type.Key}: {type.Count()} places";
            foreach (var file in type.GroupBy(reference => reference.Place[..reference.Place.LastIndexOf(':')]))
            {
                var lines = file.Select(reference => reference.Place[(file.Key.Length + 1)..]).Distinct();
                var members = file.Select(reference => reference.Member).OfType<string>().Distinct().Order(StringComparer.Ordinal);
                yield return $"        {file.Key}:{string.Join(",", lines)} {string.Join(' ', members)}".TrimEnd();
            }
        }
    }
}
