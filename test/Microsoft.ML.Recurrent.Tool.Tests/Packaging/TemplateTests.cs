using System.Text.RegularExpressions;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Tool.Tests.Packaging;

/// <summary>The template package, installed from a folder: its projects build on the packed library and forecast.</summary>
[TestClass]
public sealed class TemplateTests
{
    // The user's own templates and packages stay as they are.
    private static readonly Dictionary<string, string> s_environment = new() { ["DOTNET_CLI_HOME"] = Path.Combine(OutsideProjects.Folder, "template home") };

    [ClassInitialize]
    public static void Install(TestContext _)
    {
        DotNet.Run(SharedFolder.Repository, null,
        [
            "pack", "templates/Microsoft.ML.Recurrent.Templates/Microsoft.ML.Recurrent.Templates.csproj", "-c", DotNet.Configuration, "-o",
            Path.Combine(OutsideProjects.Folder, "templates"), $"-p:PackageVersion={OutsideProjects.Version}", .. DotNet.BuildProperties,
        ]);
        DotNet.Run(OutsideProjects.Folder, s_environment, "new", "install",
            Path.Combine(OutsideProjects.Folder, "templates", $"Microsoft.ML.Recurrent.Templates.{OutsideProjects.Version}.nupkg"));
    }

    [TestMethod]
    public void A_new_project_forecasts_the_example()
    {
        var folder = New("plain");
        StringAssert.Contains(File.ReadAllText(Path.Combine(folder, "plain.csproj")), $"\"{OutsideProjects.Version}\"",
            "it refers to the library of its own version");
        var output = Run(folder);
        StringAssert.Contains(output, "Seasonal naive");
        var forecast = Regex.Match(output, @"^2025-01-31 00:00  \d+\.\d+  \(\d+\.\d+ to \d+\.\d+\)\s*$", RegexOptions.Multiline);
        Assert.IsTrue(forecast.Success, output);
        Assert.HasCount(24, Regex.Matches(output, @"^2025-01-31 \d\d:00  ", RegexOptions.Multiline));
        Assert.IsTrue(File.Exists(Path.Combine(folder, "model.mlnet")));
    }

    [TestMethod]
    public void Names_of_any_characters_are_put_into_the_code_as_they_are()
    {
        var folder = New("Sales 2024-East", "--label", "the \"load\" \\ in MW", "--time", "zeit, täglich", "--horizon", "3", "--window", "12", "--cell", "Gru",
            "--separator", ";",
            "--data", "my \"own\" data.csv");
        File.WriteAllLines(Path.Combine(folder, "my \"own\" data.csv"), Enumerable.Range(0, 200)
            .Select(static i => FormattableString.Invariant($"{new DateTime(2025, 1, 1).AddDays(i):yyyy-MM-dd};{5 + Math.Sin(i / 2.0):F4}"))
            .Prepend("\"zeit, täglich\";\"the \"\"load\"\" \\ in MW\""));
        StringAssert.Contains(File.ReadAllText(Path.Combine(folder, "Program.cs")), "RecurrentCell.Gru");
        var output = Run(folder);
        Assert.HasCount(3, Regex.Matches(output, @"^2025-07-2\d 00:00  ", RegexOptions.Multiline), output);
    }

    private static string New(string name, params string[] options)
    {
        var folder = OutsideProjects.NewFolder(name);
        DotNet.Run(folder, s_environment, ["new", "mlrecurrent-forecast", "-n", name, "-o", folder, .. options]);
        return folder;
    }

    private static string Run(string folder) => DotNet.Run(folder, null, "run", "-c", "Release");
}
