using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.ML.Recurrent.Hosting;

namespace Microsoft.ML.Recurrent.Tests.Hosting;

/// <summary>The codes of warnings: one list in the code, the same on the page; all warnings are given in one place, once per run.</summary>
[TestClass]
public sealed partial class WarningCodeTests
{
    private static string[] Codes =>
        [.. typeof(WarningCode).GetFields(BindingFlags.Static | BindingFlags.Public).Select(constant => (string)constant.GetRawConstantValue()!)];

    [TestMethod]
    public void The_page_lists_every_code_once()
    {
        var page = File.ReadAllText(Path.Combine(SharedFolder.Repository, "docs", "warnings.md"));
        string[] listed = [.. Row().Matches(page).Select(match => match.Groups[1].Value)];
        CollectionAssert.AreEqual(listed.Order(StringComparer.Ordinal).ToArray(), listed);
        CollectionAssert.AreEquivalent(Codes, listed);
        CollectionAssert.AllItemsAreUnique(Codes);
        foreach (var code in Codes) Assert.IsTrue(Code().IsMatch(code), code);
    }

    [TestMethod]
    public void Every_code_is_given_and_none_without_a_code()
    {
        var source = Path.Combine(SharedFolder.Repository, "src");
        (string Name, string Text)[] files = [.. Directory.EnumerateFiles(source, "*.cs", SearchOption.AllDirectories)
            .Where(path => !path.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal))
            .Select(path => (Path.GetFileName(path), File.ReadAllText(path)))];
        foreach (var field in typeof(WarningCode).GetFields(BindingFlags.Static | BindingFlags.Public))
            Assert.IsTrue(files.Any(file => file.Text.Contains($"WarningCode.{field.Name},", StringComparison.Ordinal)), $"{field.Name} is never given.");
        // A trial's context passes on what the trial has warned of, with its code.
        foreach (var (name, text) in files.Where(static file => file.Name is not ("GivenWarnings.cs" or "TrialContext.cs")))
            Assert.IsFalse(Direct().IsMatch(text), $"{name}: give warnings with a code, by TrainingChannel.Warning or GivenWarnings.Give.");
        Assert.IsTrue(Direct().IsMatch(files.Single(file => file.Name == "GivenWarnings.cs").Text));
    }

    [TestMethod]
    public void A_code_comes_once_per_run_and_not_again_in_the_runs_within()
    {
        var context = new MLContext(1);
        using var seen = new SeenWarnings(context);
        using var channel = ((Microsoft.ML.Runtime.IHostEnvironment)context).Register("Test").Start("Run");
        using (var run = GivenWarnings.Begin())
        {
            run.Give(channel, "MLR9001", "one");
            run.Give(channel, "MLR9001", "again");
            GivenWarnings.Current.Give(channel, "MLR9001", "again");
            foreach (var _ in new[] { 1, 2 })
            {
                using var inner = GivenWarnings.Begin();
                GivenWarnings.Current.Give(channel, "MLR9001", "again");
                GivenWarnings.Current.Give(channel, "MLR9002", "within {0}");
                GivenWarnings.Current.Give(channel, "MLR9002", "again");
            }
        }
        GivenWarnings.Current.Give(channel, "MLR9001", "later");
        CollectionAssert.AreEqual(new[] { "MLR9001: one", "MLR9002: within {0}", "MLR9002: within {0}", "MLR9001: later" }, seen.Messages);
    }

    [GeneratedRegex(@"^\| (MLR\d{4}) \|", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex(@"^MLR[1-9]\d{3}$")]
    private static partial Regex Code();

    // ML.NET's extension of channels; what reads messages asks for their kind.
    [GeneratedRegex(@"\.Warning\((MessageSensitivity|sensitivity|\$?"")|(?<!is (not )?)ChannelMessageKind\.Warning")]
    private static partial Regex Direct();
}
