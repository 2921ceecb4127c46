using System.Globalization;
using System.Xml.Linq;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent;

/// <summary>
/// Packs Microsoft.ML.Recurrent as it was built for these tests, once for all test classes, and writes projects outside the repository that use the package as
/// a stranger does.
/// </summary>
[TestClass]
public sealed class OutsideProjects
{
    private static readonly Lazy<string> s_folder = new(Pack);

    /// <summary>The package's version.</summary>
    public static string Version { get; } = $"0.0.1-test.{DateTime.UtcNow.Ticks.ToString(CultureInfo.InvariantCulture)}";

    /// <summary>A folder for all that lies outside the repository; it goes when the tests have run.</summary>
    public static string Folder => s_folder.Value;

    /// <summary>The path of the package (.nupkg) or of its symbols (.snupkg).</summary>
    public static string Package(string extension) => Path.Combine(Folder, "feed", $"Microsoft.ML.Recurrent.{Version}{extension}");

    /// <summary>Writes a project with these sources, properties and items.</summary>
    /// <param name="folder">The project's folder.</param>
    /// <param name="name">The project's name.</param>
    /// <param name="sdk">What it is made with: Microsoft.NET.Sdk, Microsoft.NET.Sdk.Web.</param>
    /// <param name="sources">The paths of its sources, which are copied.</param>
    /// <param name="properties">Properties beside those that all projects here have.</param>
    /// <param name="items">References to packages and projects.</param>
    public static void Write(string folder, string name, string sdk, IEnumerable<string> sources, XElement[] properties, IEnumerable<XElement> items)
    {
        Directory.CreateDirectory(folder);
        foreach (var source in sources) File.Copy(source, Path.Combine(folder, Path.GetFileName(source)));
        new XElement("Project", new XAttribute("Sdk", sdk),
            new XElement("PropertyGroup",
                new XElement("TargetFramework", "net10.0"), new XElement("Nullable", "enable"), new XElement("ImplicitUsings", "enable"),
                PackageFolders,
                properties),
            new XElement("ItemGroup", items)).Save(Path.Combine(folder, name + ".csproj"));
    }

    /// <summary>
    /// Makes an empty folder for projects that are written by others: what lies beside it leads them to the packed package and to a package folder of its own.
    /// </summary>
    /// <param name="name">The folder's name.</param>
    public static string NewFolder(string name)
    {
        var around = Directory.CreateDirectory(Path.Combine(Folder, "around " + name)).FullName;
        new XElement("Project", new XElement("PropertyGroup", PackageFolders)).Save(Path.Combine(around, "Directory.Build.props"));
        new XElement("Project", new XElement("ItemGroup",
            new XElement("PackageReference", new XAttribute("Update", "Microsoft.ML.Recurrent"), new XAttribute("Version", Version)))).Save(
                Path.Combine(around, "Directory.Build.targets"));
        return Directory.CreateDirectory(Path.Combine(around, name)).FullName;
    }

    /// <summary>A reference to a package.</summary>
    public static XElement Reference(string name, string version) =>
        new("PackageReference", new XAttribute("Include", name), new XAttribute("Version", version));

    [AssemblyCleanup]
    public static void Delete()
    {
        if (s_folder.IsValueCreated) Directory.Delete(Folder, recursive: true);
    }

    // A package folder of its own keeps the user's clean; packages that the user has are taken from there as they lie.
    private static XElement[] PackageFolders =>
    [
        new("RestorePackagesPath", Path.Combine(Folder, "packages")), new("RestoreFallbackFolders", DotNet.Property("PackageFolder")),
        new("RestoreAdditionalProjectSources", Path.Combine(Folder, "feed")), new("DisableTransitiveFrameworkReferenceDownloads", "true"),
    ];

    private static string Pack()
    {
        var folder = Directory.CreateTempSubdirectory("recurrent-package-").FullName;
        DotNet.Run(SharedFolder.Repository, null,
        [
            "pack", "src/Microsoft.ML.Recurrent/Microsoft.ML.Recurrent.csproj", "--no-build", "-c", DotNet.Configuration,
            "-o", Path.Combine(folder, "feed"), $"-p:PackageVersion={Version}", .. DotNet.BuildProperties,
        ]);
        return folder;
    }
}
