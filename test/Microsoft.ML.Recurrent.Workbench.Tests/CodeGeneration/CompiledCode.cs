using System.Reflection;
using System.Runtime.Loader;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Workbench.Tests.CodeGeneration;

/// <summary>Compiles C# as a project with implicit usings and nullable types does: any warning fails the test.</summary>
internal static class CompiledCode
{
    private const string Usings = """
        global using System;
        global using System.Collections.Generic;
        global using System.IO;
        global using System.Linq;
        """;

    private static readonly Lazy<MetadataReference[]> s_references = new(static () =>
        [.. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Select(static path => MetadataReference.CreateFromFile(path))]);

    public static Assembly Compile(params string[] sources) => Compile(OutputKind.DynamicallyLinkedLibrary, sources);

    /// <summary>Compiles a program, which has to begin somewhere.</summary>
    public static void CompileProgram(params string[] sources) => Compile(OutputKind.ConsoleApplication, sources);

    private static Assembly Compile(OutputKind kind, string[] sources)
    {
        var options = new CSharpCompilationOptions(kind, nullableContextOptions: NullableContextOptions.Enable,
            optimizationLevel: OptimizationLevel.Release,
            // Assemblies made for older versions of others: the SDK leaves that out as well.
            specificDiagnosticOptions: [new("CS1701", ReportDiagnostic.Suppress), new("CS1702", ReportDiagnostic.Suppress)]);
        var compilation = CSharpCompilation.Create($"generated{Guid.NewGuid():N}",
            sources.Append(Usings).Select(static source => CSharpSyntaxTree.ParseText(source, new(LanguageVersion.Latest))), s_references.Value, options);
        using var bytes = new MemoryStream();
        var result = compilation.Emit(bytes);
        string[] wrong = [.. result.Diagnostics.Where(static one => one.Severity >= DiagnosticSeverity.Warning)
            .Select(static one => $"{one}: {one.Location.SourceTree?.GetText().Lines[one.Location.GetLineSpan().StartLinePosition.Line]}")];
        Assert.IsEmpty(wrong, string.Join('\n', wrong.Take(20)));
        bytes.Position = 0;
        return AssemblyLoadContext.Default.LoadFromStream(bytes);
    }
}
