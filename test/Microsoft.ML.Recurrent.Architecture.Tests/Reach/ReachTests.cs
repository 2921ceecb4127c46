using Microsoft.CodeAnalysis;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Architecture.Tests.Reach;

/// <summary>Code that only tests run is no part of the product, but for what is listed in Reach/unreached.txt.</summary>
[TestClass]
public sealed class ReachTests
{
    private static Reachability s_reach = null!;
    private static UnreachedCode[] s_unreached = [];
    private static HashSet<string> s_listed = [];

    [ClassInitialize]
    public static void Compute(TestContext _)
    {
        s_reach = Reachability.Compute();
        s_unreached = UnreachedCode.Find(s_reach);
        var list = Path.Combine(SharedFolder.Repository, "test", "Microsoft.ML.Recurrent.Architecture.Tests", "Reach", "unreached.txt");
        s_listed = [.. File.ReadAllLines(list).Where(line => line.Length > 0 && line[0] != '#')];
    }

    [TestMethod]
    public void The_product_reaches_its_code()
    {
        var gone = s_listed.Except(s_unreached.Select(code => code.Name)).ToArray();
        var folders = s_unreached.GroupBy(code => string.Join('/', code.Place.Split('/')[1..^1]));
        var lines = s_unreached.Sum(code => code.Lines);
        Ratchet.Check("lines of Core and the main assembly that nothing of the product reaches", lines, Limits.UnreachedLines, null, "unreached.txt",
        [
            .. folders.Select(folder => $"{folder.Sum(code => code.Lines)} {folder.Key}"), "",
            .. s_unreached.Select(code => $"{code.Lines}\t{code.Place}\t{code.Name}"),
            .. gone.Length == 0 ? [] : gone.Prepend("Reached or gone, to be taken out of Reach/unreached.txt:").Prepend(""),
        ]);
    }

    [TestMethod]
    public void What_it_does_not_reach_is_listed()
    {
        var fresh = s_unreached.Where(code => !s_listed.Contains(code.Name)).Select(code => $"{code.Name} ({code.Place}, {code.Lines} lines)").ToArray();
        if (fresh.Length > 0)
            Assert.Fail($"Nothing of the product reaches this; at most tests run it. Use it, move it to the tests or delete it:\n{string.Join('\n', fresh)}");
    }

    [TestMethod]
    public void The_source_has_no_errors()
    {
        // A name that cannot be resolved would be no reference, here and in the other tests.
        var errors = SourceCode.Compilation.GetDiagnostics().Where(diagnostic => diagnostic.Severity is DiagnosticSeverity.Error);
        Assert.AreEqual("", string.Join('\n', errors.Take(10).Select(error => error.ToString())));
    }

    // The computation itself: what surely runs is reached, by a name, by a base and by the catalogue of ML.NET.
    [TestMethod]
    [DataRow("Microsoft.ML.Recurrent.Training.TrainingLoop", "Run")]
    [DataRow("Microsoft.ML.Recurrent.Kernels.CpuKernels", null)]
    [DataRow("Microsoft.ML.Recurrent.Layers.DropoutLayer", "Forward")]
    [DataRow("Microsoft.ML.Recurrent.RecurrentRegressionTransformer", ".ctor")]
    [DataRow("Microsoft.ML.Recurrent.Hosting.ModelStorage", null)]
    public void What_runs_is_reached(string typeName, string? member)
    {
        var type = SourceCode.Compilation.GetTypeByMetadataName(typeName);
        Assert.IsNotNull(type, $"There is no {typeName} any more: name another type here.");
        Assert.IsTrue(s_reach.Reaches(type), typeName);
        if (member is null) return;
        var members = type.GetMembers(member);
        Assert.IsFalse(members.IsEmpty, $"{typeName} has no {member} any more: name another member here.");
        Assert.IsTrue(members.All(s_reach.Reaches), $"{typeName}.{member}");
    }
}
