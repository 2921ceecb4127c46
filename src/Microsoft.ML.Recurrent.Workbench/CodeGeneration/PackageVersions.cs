using System.Reflection;

namespace Microsoft.ML.Recurrent.Workbench.CodeGeneration;

/// <summary>The versions of packages in generated projects: those that this program was built with.</summary>
internal static class PackageVersions
{
    private static readonly Dictionary<string, string> s_versions = typeof(PackageVersions).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Where(static attribute => attribute.Key.StartsWith("Package:", StringComparison.Ordinal))
        .ToDictionary(static attribute => attribute.Key["Package:".Length..], static attribute => attribute.Value!);

    public static string Find(string package) => s_versions[package];
}
