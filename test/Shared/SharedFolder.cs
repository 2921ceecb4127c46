using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent;

/// <summary>
/// Finds the repository and the folder of test data beside it (<c>../shared</c>), which not every checkout has:
/// a test that asks for a file of it is inconclusive where the folder is absent, and fails where the folder lacks the file.
/// </summary>
internal static class SharedFolder
{
    private const string Solution = "Microsoft.ML.Recurrent.sln";

    /// <summary>The folder that holds the solution.</summary>
    public static string Repository { get; } = FindRepository();

    /// <summary>The folder of test data, whether it is there or not.</summary>
    public static string Root { get; } = Path.GetFullPath(Path.Combine(Repository, "..", "shared"));

    /// <summary>Whether the folder of test data is there.</summary>
    public static bool IsPresent => Directory.Exists(Root);

    /// <summary>The full path of a file or folder under <c>../shared</c>, for instance <c>SharedFolder.Find("data", "ett", "ETTh1.csv")</c>.</summary>
    public static string Find(params string[] parts)
    {
        if (!IsPresent) Assert.Inconclusive($"This test reads {Path.Combine(["../shared", .. parts])}: the folder {Root} is not there.");
        var path = Path.Combine([Root, .. parts]);
        if (!Path.Exists(path)) Assert.Fail($"{path} is not there, though its folder {Root} is.");
        return path;
    }

    private static string FindRepository()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, Solution)))
                return folder.FullName;
        throw new DirectoryNotFoundException($"No folder above {AppContext.BaseDirectory} holds {Solution}: run the tests inside the repository.");
    }
}
