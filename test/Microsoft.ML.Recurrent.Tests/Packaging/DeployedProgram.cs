using System.Xml.Linq;

namespace Microsoft.ML.Recurrent.Tests.Packaging;

/// <summary>
/// The program of Published/ and its library of row classes, outside the repository. The library refers to the package, the program to the library, to ML.NET
/// and to the native ONNX Runtime: what the package brings to builds reaches the program through the library.
/// </summary>
internal static class DeployedProgram
{
    private static readonly Lazy<string> s_built = new(Build);

    /// <summary>The name of the program and its assembly.</summary>
    public const string Name = "deployed";

    /// <summary>The folder of a plain build: <c>dotnet exec deployed.dll</c>.</summary>
    public static string Built => s_built.Value;

    /// <summary>Writes the two projects.</summary>
    /// <returns>The program's folder.</returns>
    public static string Create(string name)
    {
        string program = Path.Combine(OutsideProjects.Folder, name, "program"), records = Path.Combine(OutsideProjects.Folder, name, "records");
        var sources = Path.Combine(SharedFolder.Repository, "test", "Microsoft.ML.Recurrent.Tests", "Packaging", "Published");
        OutsideProjects.Write(program, Name, "Microsoft.NET.Sdk", [Path.Combine(sources, "Program.cs")], [new("OutputType", "Exe")],
        [
            OutsideProjects.Reference("Microsoft.ML", DotNet.Property("MicrosoftMLVersion")),
            OutsideProjects.Reference("Microsoft.ML.OnnxRuntime", DotNet.Property("OnnxRuntimeVersion")),
            new XElement("ProjectReference", new XAttribute("Include", "../records/Deployed.Records.csproj")),
        ]);
        OutsideProjects.Write(records, "Deployed.Records", "Microsoft.NET.Sdk", [Path.Combine(sources, "Records.cs")], [],
            [OutsideProjects.Reference("Microsoft.ML.Recurrent", OutsideProjects.Version)]);
        return program;
    }

    private static string Build()
    {
        var program = Create("plain build");
        DotNet.Run(program, null, "build", "-c", "Release", "-o", "out");
        return Path.Combine(program, "out");
    }
}
