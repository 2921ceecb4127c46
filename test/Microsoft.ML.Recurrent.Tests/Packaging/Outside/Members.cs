using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;
using Microsoft.ML.Recurrent;

/// <summary>
/// Resolves every type and member of other assemblies that the package's two name, as the runtime does when the code that needs it is compiled:
/// what the versions beside this program lack is found without a run of that code.
/// </summary>
internal static class Members
{
    // Stand-ins for type parameters; constraints allow one of them.
    private static readonly Type[][] s_arguments =
        [.. ((Type[])[typeof(object), typeof(int), typeof(float)]).Select(type => Enumerable.Repeat(type, 8).ToArray())];

    /// <summary>Prints the number of members that were resolved.</summary>
    /// <returns>0, or 1 where some are missing: they are printed to standard error.</returns>
    public static int Check()
    {
        int resolved = 0, missing = 0;
        foreach (Assembly assembly in (Assembly[])[typeof(RecurrentModel).Assembly, Assembly.Load("Microsoft.ML.Recurrent.Core")])
        {
            assembly.GetTypes(); // fails where a type lacks what an interface or base class asks for
            using var file = new PEReader(File.OpenRead(assembly.Location));
            MetadataReader metadata = file.GetMetadataReader();
            IEnumerable<EntityHandle> types = metadata.TypeReferences.Where(type => IsForeign(metadata, type)).Select(type => (EntityHandle)type);
            IEnumerable<EntityHandle> members = metadata.MemberReferences.Select(member => (EntityHandle)member)
                .Where(member => IsForeign(metadata, metadata.GetMemberReference((MemberReferenceHandle)member).Parent));
            foreach (EntityHandle reference in types.Concat(members))
            {
                if (Error(assembly.ManifestModule, MetadataTokens.GetToken(reference)) is not { } error) resolved++;
                else
                {
                    missing++;
                    Console.Error.WriteLine($"{assembly.GetName().Name}: {error}");
                }
            }
        }
        Console.WriteLine($"{resolved} resolved, {missing} missing");
        return missing == 0 ? 0 : 1;
    }

    private static bool IsForeign(MetadataReader metadata, EntityHandle type)
    {
        switch (type.Kind)
        {
            case HandleKind.TypeReference:
                EntityHandle scope = metadata.GetTypeReference((TypeReferenceHandle)type).ResolutionScope;
                if (scope.Kind != HandleKind.AssemblyReference) return IsForeign(metadata, scope); // a nested type's scope is the type around it
                string assembly = metadata.GetString(metadata.GetAssemblyReference((AssemblyReferenceHandle)scope).Name);
                return !assembly.StartsWith("Microsoft.ML.Recurrent", StringComparison.Ordinal);
            case HandleKind.TypeSpecification:
                BlobReader signature = metadata.GetBlobReader(metadata.GetTypeSpecification((TypeSpecificationHandle)type).Signature);
                // Else an array or a type parameter, which the runtime makes.
                if (signature.ReadSignatureTypeCode() != SignatureTypeCode.GenericTypeInstance) return false;
                signature.ReadByte(); // class or struct
                return IsForeign(metadata, signature.ReadTypeHandle());
            default:
                return false;
        }
    }

    private static string? Error(Module module, int token)
    {
        string? error = null;
        foreach (Type[] arguments in s_arguments)
        {
            try
            {
                module.ResolveMember(token, arguments, arguments);
                return null;
            }
            catch (Exception exception) when (exception
                is TypeLoadException or MissingMemberException or ArgumentException or IOException or BadImageFormatException)
            {
                error ??= exception.Message;
            }
        }
        return error;
    }
}
