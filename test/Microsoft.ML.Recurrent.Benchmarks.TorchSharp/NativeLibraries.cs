using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;

namespace TorchSharpPeer;

/// <summary>Whether TorchSharp's native libraries load here. TorchSharp itself only says that a package is missing, whatever the loader said.</summary>
internal static partial class NativeLibraries
{
    /// <summary>Null where they load; else a sentence that says what this machine lacks.</summary>
    public static string? WhatIsMissing()
    {
        // Not typeof(torch).Assembly: its static constructor loads the libraries in TorchSharp's own way.
        Assembly assembly = Assembly.Load("TorchSharp");
        try
        {
            // In TorchSharp's order: the second needs the first.
            foreach (string name in (string[])["torch_cpu", "LibTorchSharp"])
                NativeLibrary.Load(name, assembly, null);
            return null;
        }
        catch (DllNotFoundException error)
        {
            string[] versions = [.. Version().Matches(error.Message).Select(match => match.Groups[1].Value).Distinct()];
            return versions.Length > 0
                ? $"TorchSharp's native library asks for {string.Join(" and ", versions)}, which this machine's C++ or C library does not have: a newer "
                    + $"system is wanted (Debian 13, Ubuntu 24.04)"
                : $"TorchSharp's native library does not load: {error.Message.Trim()}";
        }
    }

    [GeneratedRegex("version [`']([^']+)' not found")]
    private static partial Regex Version();
}
