using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Tests.Samples;

/// <summary>Compiles every sample of docs/samples as <c>dotnet run --file</c> does before it runs it, warnings being errors.</summary>
[TestClass]
public sealed class SampleTests
{
    private static string Folder => Path.Combine(SharedFolder.Repository, "docs", "samples");

    private static IEnumerable<string> Samples =>
        Directory.EnumerateFiles(Folder, "*.cs").Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal);

    [TestMethod]
    [DynamicData(nameof(Samples))]
    public void Compiles(string sample)
    {
        // The command keeps what it builds of a file in the user's data folder, some 300 MB a sample with ONNX Runtime's libraries.
        var data = Directory.CreateTempSubdirectory("recurrent-sample-").FullName;
        try
        {
            DotNet.Run(Folder, new Dictionary<string, string> { ["XDG_DATA_HOME"] = data, ["LOCALAPPDATA"] = data },
                ["build", sample, "-c", DotNet.Configuration, "-v", "quiet", "--nologo", .. DotNet.BuildProperties]);
        }
        finally
        {
            Directory.Delete(data, recursive: true);
        }
    }
}
