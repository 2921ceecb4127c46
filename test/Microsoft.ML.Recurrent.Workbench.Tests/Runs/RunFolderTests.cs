using Microsoft.ML.Recurrent.Workbench.Runs;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Workbench.Tests.Runs;

[TestClass]
public sealed class RunFolderTests
{
    private readonly string _folder = Directory.CreateTempSubdirectory("recurrent-runs-").FullName;

    [TestCleanup]
    public void Delete() => Directory.Delete(_folder, recursive: true);

    private string PathOf(string name) => Path.Combine(_folder, name);

    [TestMethod]
    public void Files_come_to_their_folder_at_the_end_and_others_stay()
    {
        Directory.CreateDirectory(PathOf("out"));
        File.WriteAllText(PathOf("out/mine"), "mine");
        File.WriteAllText(PathOf("out/model"), "old");
        Assert.IsTrue(RunFolder.IsOccupied(PathOf("out")));
        var folder = RunFolder.Begin(PathOf("out/"));
        File.WriteAllText(folder["model"], "new");
        Directory.CreateDirectory(folder["trials"]);
        File.WriteAllText(folder["trials/1"], "one");
        Assert.AreEqual("old", File.ReadAllText(PathOf("out/model")));
        folder.Commit();
        Assert.AreEqual(("mine", "new", "one"),
            (File.ReadAllText(PathOf("out/mine")), File.ReadAllText(PathOf("out/model")), File.ReadAllText(PathOf("out/trials/1"))));
        Assert.IsFalse(Directory.Exists(PathOf("out.partial")));
    }

    [TestMethod]
    public void A_second_run_leaves_the_files_of_the_first()
    {
        using var first = RunFolder.Begin(PathOf("out"));
        File.WriteAllText(first["model"], "mine");
        Assert.Contains("Another run", Assert.Throws<IOException>(() => RunFolder.Begin(PathOf("out"))).Message);
        Assert.AreEqual("mine", File.ReadAllText(first["model"]));
        first.Commit();
        CollectionAssert.AreEqual((string[])[PathOf("out/model")], Directory.GetFiles(PathOf("out")));
        using var second = RunFolder.Begin(PathOf("out"));
    }

    [TestMethod]
    public void What_an_interrupted_run_left_is_found_kept_or_begun_anew()
    {
        var folder = RunFolder.Begin(PathOf("out"));
        Assert.IsNull(RunFolder.FindInterrupted(PathOf("out")), "it has no trials yet");
        File.WriteAllText(folder["trials.db"], "trials");
        Assert.AreEqual(PathOf("out.partial"), RunFolder.FindInterrupted(PathOf("out")));
        Assert.AreEqual(PathOf("out.partial"), RunFolder.Reopen(PathOf("out")));
        folder.Dispose();
        using (var kept = RunFolder.Begin(PathOf("out"), keepsTrials: true)) Assert.IsTrue(File.Exists(kept["trials.db"]));
        Assert.IsFalse(File.Exists(RunFolder.Begin(PathOf("out"))["trials.db"]));
    }

    [TestMethod]
    public void The_trials_of_a_run_that_ended_are_copied_to_go_on_with_them()
    {
        var folder = RunFolder.Begin(PathOf("out"));
        File.WriteAllText(folder["trials.db"], "trials");
        File.WriteAllText(folder["x.mbconfig"], "config");
        Directory.CreateDirectory(folder["trials"]);
        File.WriteAllText(folder["trials/model"], "best");
        File.WriteAllText(folder["x.mlnet"], "model");
        folder.Commit();
        var work = RunFolder.Reopen(PathOf("out"));
        Assert.AreEqual("trials.db trials/model x.mbconfig", string.Join(' ', Directory.EnumerateFiles(work, "*", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(work, file).Replace('\\', '/')).Order(StringComparer.Ordinal)));
        Assert.IsTrue(File.Exists(PathOf("out/x.mlnet")));
    }

    [TestMethod]
    public void A_file_is_no_folder_of_a_run()
    {
        File.WriteAllText(PathOf("out"), "");
        Assert.ThrowsExactly<IOException>(() => RunFolder.IsOccupied(PathOf("out")));
        Assert.ThrowsExactly<FileNotFoundException>(() => RunFolder.Reopen(PathOf("none")));
    }
}
