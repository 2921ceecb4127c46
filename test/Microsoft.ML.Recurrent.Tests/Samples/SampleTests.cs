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
    public void Compiles(string sample) =>
        DotNet.Run(Folder, null, ["build", sample, "-c", DotNet.Configuration, "-v", "quiet", "--nologo", .. DotNet.BuildProperties]);
}
