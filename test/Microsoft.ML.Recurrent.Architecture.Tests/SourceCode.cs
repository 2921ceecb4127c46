using System.Collections.Concurrent;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Microsoft.ML.Recurrent.Architecture.Tests;

/// <summary>
/// The source of src, parsed once for all tests of this project. Core and the main assembly are one compilation, so that a symbol is the same wherever it is
/// named; it has no errors, or nothing that is computed from it would hold.
/// </summary>
internal static class SourceCode
{
    public const string Core = "Microsoft.ML.Recurrent.Core", Main = "Microsoft.ML.Recurrent";

    private static readonly CSharpParseOptions s_parse =
        new(LanguageVersion.Latest, DocumentationMode.None, preprocessorSymbols: ["NET", "NET10_0", "NET10_0_OR_GREATER", "RELEASE"]);

    private static readonly Lazy<SourceFile[]> s_source = new(() => Read("src"));
    private static readonly Lazy<SourceFile[]> s_tests = new(() => Read("test"));
    private static readonly Lazy<CSharpCompilation> s_compilation = new(Compile);
    private static readonly Lazy<Dictionary<SyntaxTree, SourceFile>> s_files = new(() => Library.ToDictionary(file => file.Tree));
    private static readonly ConcurrentDictionary<SyntaxTree, SemanticModel> s_models = new();
    private static readonly Lazy<Dictionary<SourceFile, NamedSymbol[]>> s_names =
        new(() => Library.AsParallel().Select(file => (file, Names: FindNames(file))).ToDictionary(pair => pair.file, pair => pair.Names));

    /// <summary>All C# files of src, in the order of their paths; none that a build wrote.</summary>
    public static IReadOnlyList<SourceFile> Source => s_source.Value;

    /// <summary>All C# files of test.</summary>
    public static IReadOnlyList<SourceFile> Tests => s_tests.Value;

    /// <summary>The files of Core and of the main assembly.</summary>
    public static IEnumerable<SourceFile> Library => Source.Where(file => file.Project is Core or Main);

    /// <summary>Core and the main assembly as one compilation.</summary>
    public static CSharpCompilation Compilation => s_compilation.Value;

    /// <summary>What the names of a file of <see cref="Library"/> mean.</summary>
    public static SemanticModel Model(SourceFile file) => s_models.GetOrAdd(file.Tree, tree => Compilation.GetSemanticModel(tree));

    /// <summary>
    /// The types and members that a file of <see cref="Library"/> names, in the order of its text, resolved by the compiler. <c>using</c> directives and
    /// documentation comments name nothing.
    /// </summary>
    public static IReadOnlyList<NamedSymbol> Names(SourceFile file) => s_names.Value[file];

    /// <summary>
    /// The file that declares a symbol; of a type in several files the one in this folder, if there is one; null for symbols of other assemblies and of
    /// generated code.
    /// </summary>
    public static SourceFile? FileOf(ISymbol symbol, string? folder = null)
    {
        SourceFile? first = null;
        foreach (var reference in symbol.DeclaringSyntaxReferences)
        {
            if (!s_files.Value.TryGetValue(reference.SyntaxTree, out var file)) continue;
            if (folder is null || file.Folder == folder) return file;
            first ??= file;
        }
        return first;
    }

    /// <summary>A place as <c>src/.../File.cs:12</c>.</summary>
    public static string Place(SourceFile file, SyntaxNode node) => $"{file.Path}:{file.Tree.GetLineSpan(node.Span).StartLinePosition.Line + 1}";

    private static NamedSymbol[] FindNames(SourceFile file)
    {
        var model = Model(file);
        List<NamedSymbol> names = [];
        foreach (var node in file.Tree.GetRoot().DescendantNodes(parent => parent is not UsingDirectiveSyntax))
        {
            if (node is not (SimpleNameSyntax or BaseObjectCreationExpressionSyntax or ElementAccessExpressionSyntax or ElementBindingExpressionSyntax
                or ImplicitElementAccessSyntax or ConstructorInitializerSyntax or PrimaryConstructorBaseTypeSyntax)) continue;
            var info = model.GetSymbolInfo(node);
            foreach (var found in info.Symbol is { } only ? [only] : info.CandidateSymbols.AsEnumerable())
            {
                var symbol = found is IAliasSymbol alias ? alias.Target : found;
                if (symbol is IMethodSymbol { MethodKind: MethodKind.LocalFunction or MethodKind.AnonymousFunction }) continue;
                if (symbol is INamedTypeSymbol or IMethodSymbol or IPropertySymbol or IFieldSymbol or IEventSymbol) names.Add(new(node, symbol));
            }
        }
        return [.. names];
    }

    private static SourceFile[] Read(string folder)
    {
        var root = SharedFolder.Repository;
        var paths = Directory.EnumerateFiles(Path.Combine(root, folder), "*.cs", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(root, path).Replace('\\', '/'));
        string[] written = [.. paths.Where(path => !path.Contains("/obj/") && !path.Contains("/bin/")).Order(StringComparer.Ordinal)];
        return [.. written.AsParallel().AsOrdered().Select(path => new SourceFile(path, Parse(Path.Combine(root, path), path)))];
    }

    private static SyntaxTree Parse(string file, string path) => CSharpSyntaxTree.ParseText(File.ReadAllText(file), s_parse, path);

    private static CSharpCompilation Compile()
    {
        var intermediate = Path.Combine(SharedFolder.Repository, "src", Main, "obj", DotNet.Configuration, "net10.0");
        string[] generated = [Path.Combine(intermediate, $"{Main}.GlobalUsings.g.cs"), .. Directory.EnumerateFiles(Path.Combine(intermediate, "Onnx"), "*.cs")];
        var trees = Library.Select(file => file.Tree).Concat(generated.Select(path => Parse(path, path)));

        // The runtime's and the packages' assemblies are those of this process; where ML.NET's are opened to us (build/Friends.targets), the copies that the
        // build compiles against.
        var opened = Directory.EnumerateFiles(Path.Combine(intermediate, "friends", DotNet.Property("MicrosoftMLVersion")), "*.dll");
        var copies = opened.ToDictionary(path => Path.GetFileName(path)!);
        var references = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(path => Path.GetFileNameWithoutExtension(path) is not (Core or Main))
            .Select(path => MetadataReference.CreateFromFile(copies.GetValueOrDefault(Path.GetFileName(path), path)));

        // Without the analysis of nulls, which takes its time and changes no name's meaning.
        CSharpCompilationOptions options = new(OutputKind.DynamicallyLinkedLibrary, allowUnsafe: true, nullableContextOptions: NullableContextOptions.Disable);
        var compilation = CSharpCompilation.Create("Library", trees, references, options);
        var errors = compilation.GetDeclarationDiagnostics().Where(diagnostic => diagnostic.Severity is DiagnosticSeverity.Error);
        return errors.Take(10).Select(error => error.ToString()).ToArray() is { Length: > 0 } some
            ? throw new InvalidOperationException($"These tests cannot compile the source of src, though the build can:\n{string.Join('\n', some)}")
            : compilation;
    }
}
