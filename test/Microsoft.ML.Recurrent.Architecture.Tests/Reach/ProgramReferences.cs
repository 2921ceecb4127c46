using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace Microsoft.ML.Recurrent.Architecture.Tests.Reach;

/// <summary>What the programs on top of the library name of it, read from their assemblies (their pages are no C# files).</summary>
internal static class ProgramReferences
{
    /// <summary>Types by their metadata names, and members by their names, of all assemblies beside the tool's that are not the library itself.</summary>
    public static IReadOnlySet<(string Type, string? Member)> Read()
    {
        var folder = Path.Combine(SharedFolder.Repository, "src", "Microsoft.ML.Recurrent.Tool", "bin", DotNet.Configuration, "net10.0");
        HashSet<(string, string?)> references = [];
        foreach (var path in Directory.EnumerateFiles(folder, "*.dll"))
        {
            if (Path.GetFileNameWithoutExtension(path) is SourceCode.Core or SourceCode.Main) continue;
            using var file = new PEReader(File.OpenRead(path));
            if (!file.HasMetadata) continue;
            var metadata = file.GetMetadataReader();
            if (!metadata.AssemblyReferences.Any(handle => IsLibrary(metadata, handle))) continue;
            foreach (var handle in metadata.TypeReferences)
                if (Name(metadata, handle) is { } type) references.Add((type, null));
            foreach (var handle in metadata.MemberReferences)
            {
                var member = metadata.GetMemberReference(handle);
                var parent = member.Parent.Kind switch
                {
                    HandleKind.TypeReference => Name(metadata, (TypeReferenceHandle)member.Parent),
                    HandleKind.TypeSpecification => Generic(metadata, metadata.GetTypeSpecification((TypeSpecificationHandle)member.Parent)),
                    _ => null,
                };
                if (parent is not null) references.Add((parent, metadata.GetString(member.Name)));
            }
        }
        return references;
    }

    // The metadata name of a type of the library, else null.
    private static string? Name(MetadataReader metadata, TypeReferenceHandle handle)
    {
        var type = metadata.GetTypeReference(handle);
        var name = metadata.GetString(type.Name);
        return type.ResolutionScope.Kind switch
        {
            HandleKind.TypeReference => Name(metadata, (TypeReferenceHandle)type.ResolutionScope) is { } outer ? $"{outer}+{name}" : null,
            HandleKind.AssemblyReference when IsLibrary(metadata, (AssemblyReferenceHandle)type.ResolutionScope) =>
                type.Namespace.IsNil ? name : $"{metadata.GetString(type.Namespace)}.{name}",
            _ => null,
        };
    }

    private static bool IsLibrary(MetadataReader metadata, AssemblyReferenceHandle handle) =>
        metadata.GetString(metadata.GetAssemblyReference(handle).Name) is SourceCode.Core or SourceCode.Main;

    // Of a constructed generic type the definition's name (ECMA-335 II.23.2.14: GENERICINST, CLASS or VALUETYPE, the type).
    private static string? Generic(MetadataReader metadata, TypeSpecification specification)
    {
        var reader = metadata.GetBlobReader(specification.Signature);
        if (reader.ReadSignatureTypeCode() is not SignatureTypeCode.GenericTypeInstance) return null;
        reader.ReadCompressedInteger();
        var handle = reader.ReadTypeHandle();
        return handle.Kind is HandleKind.TypeReference ? Name(metadata, (TypeReferenceHandle)handle) : null;
    }
}
