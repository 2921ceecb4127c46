using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Tool.Tests.Packaging;

/// <summary>The packed tool, installed from a folder by <c>dotnet tool install</c>, starts and works.</summary>
[TestClass]
public sealed class ToolInstallTests
{
    [TestMethod]
    public void Installs_from_a_folder_and_runs()
    {
        var folder = Directory.CreateTempSubdirectory("recurrent-tool-install-").FullName;
        try
        {
            DotNet.Run(SharedFolder.Repository, null,
            [
                "pack", "src/Microsoft.ML.Recurrent.Tool/Microsoft.ML.Recurrent.Tool.csproj", "--no-build", "-c", DotNet.Configuration, "-o",
                Path.Combine(folder, "feed"),
                $"-p:PackageVersion={OutsideProjects.Version}", .. DotNet.BuildProperties,
            ]);
            // The package alone: no other source is asked.
            File.WriteAllText(Path.Combine(folder, "nuget.config"), """
                <configuration>
                  <packageSources>
                    <clear />
                    <add key="local" value="feed" />
                  </packageSources>
                </configuration>
                """);
            Dictionary<string, string> environment = new()
            {
                ["DOTNET_CLI_HOME"] = Path.Combine(folder, "home"), ["NUGET_PACKAGES"] = Path.Combine(folder, "packages"),
            };
            DotNet.Run(folder, environment, "tool", "install", "Microsoft.ML.Recurrent.Tool", "--tool-path", Path.Combine(folder, "tools"), "--version",
                OutsideProjects.Version,
                "--configfile", Path.Combine(folder, "nuget.config"));
            var program = Path.Combine(folder, "tools", OperatingSystem.IsWindows() ? "mlrecurrent.exe" : "mlrecurrent");
            var (exitCode, output, error) = DotNet.TryRunProgram(program, folder, environment, "--help");
            Assert.AreEqual(0, exitCode, error);
            StringAssert.Contains(output, "demo");
            (exitCode, output, error) = DotNet.TryRunProgram(program, folder, environment, "demo", "--output", "demo");
            Assert.AreEqual(0, exitCode, $"{output}\n{error}");
            Assert.IsTrue(Directory.EnumerateFiles(Path.Combine(folder, "demo"), "*.html").Any(), output);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
