namespace Microsoft.ML.Recurrent.Benchmarks;

/// <summary>The repository, wherever the program was started.</summary>
internal static class Repository
{
    /// <summary>The folder that holds the solution; null where the program lies outside it.</summary>
    public static string? Root { get; } = FindRoot();

    /// <summary>The path of a file of ../shared, which lies beside the repository.</summary>
    public static string Shared(params string[] parts) =>
        Root is null ? Path.Combine(["..", "shared", .. parts]) : Path.GetFullPath(Path.Combine([Root, "..", "shared", .. parts]));

    private static string? FindRoot()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "Microsoft.ML.Recurrent.sln")))
                return folder.FullName;
        return null;
    }
}
