using Microsoft.ML.Recurrent.Scoring;

namespace Microsoft.ML.Recurrent.Tests.Scoring;

[TestClass]
public sealed class ProcessorsTests
{
    [TestMethod]
    [DataRow(1, 16, 1)]
    [DataRow(8, 16, 8)]
    [DataRow(16, 16, null)]
    [DataRow(16, 8, null)]
    [DataRow(4, null, 4)]
    public void No_more_threads_than_processors_allowed(int allowed, int? machine, int? limit) => Assert.AreEqual(limit, Processors.Limit(allowed, machine));

    [TestMethod]
    [DataRow("0-15\n", 16)]
    [DataRow("0", 1)]
    [DataRow("0-3,8-11,14", 9)]
    [DataRow("", null)]
    [DataRow("3-1", null)]
    [DataRow("all", null)]
    public void A_list_of_processors_is_counted(string list, int? count) => Assert.AreEqual(count, Processors.Count(list));

    [TestMethod]
    public void The_machine_has_at_least_the_processors_of_the_process()
    {
        if (Processors.OfMachine() is { } machine) Assert.IsTrue(machine >= 1 && machine <= 1 << 16, $"{machine} processors");
    }

    [TestMethod]
    [DataRow(1, 16, null, 1)]
    [DataRow(16, 16, null, 0)]
    [DataRow(2, 16, 5, 5)]
    public void The_session_is_told(int allowed, int? machine, int? asked, int told)
    {
        using var settings = SessionFactory.Settings(new() { NumberOfThreads = asked }, shapesVary: true, allowed, machine);
        // 0 leaves the choice to ONNX Runtime.
        Assert.AreEqual(told, settings.IntraOpNumThreads);
    }
}
