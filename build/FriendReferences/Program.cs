// Writes a copy of each given assembly in which every type, method and field is public, for the compiler to read.
// usage: FriendReferences OUTPUT_FOLDER ASSEMBLY...
using System.Buffers.Binary;
using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;

if (args.Length < 2)
{
    Console.Error.WriteLine("usage: FriendReferences OUTPUT_FOLDER ASSEMBLY...");
    return 2;
}

var folder = Directory.CreateDirectory(args[0]).FullName;
foreach (var path in args.Skip(1))
{
    var image = File.ReadAllBytes(path);
    MakePublic(image);
    // Written aside and renamed: two builds at once never read half a file.
    string target = Path.Combine(folder, Path.GetFileName(path)), temporary = $"{target}.{Environment.ProcessId}";
    File.WriteAllBytes(temporary, image);
    File.Move(temporary, target, overwrite: true);
}
return 0;

static void MakePublic(byte[] image)
{
    using var pe = new PEReader(new MemoryStream(image, writable: false));
    var metadata = pe.GetMetadataReader();
    var metadataStart = pe.PEHeaders.MetadataStartOffset;

    // ECMA-335 II.22: TypeDef begins with 4 bytes of flags, Field with 2, MethodDef has 2 bytes of flags after RVA (4) and ImplFlags (2).
    foreach (var row in Rows(TableIndex.TypeDef))
    {
        var flags = BinaryPrimitives.ReadUInt32LittleEndian(row);
        var visibility = (TypeAttributes)flags & TypeAttributes.VisibilityMask;
        var nested = visibility is not (TypeAttributes.NotPublic or TypeAttributes.Public);
        BinaryPrimitives.WriteUInt32LittleEndian(row,
            flags & ~(uint)TypeAttributes.VisibilityMask | (uint)(nested ? TypeAttributes.NestedPublic : TypeAttributes.Public));
    }
    foreach (var row in Rows(TableIndex.Field)) MakeMemberPublic(row);
    foreach (var row in Rows(TableIndex.MethodDef)) MakeMemberPublic(row[6..]);

    static void MakeMemberPublic(Span<byte> at)
    {
        var flags = BinaryPrimitives.ReadUInt16LittleEndian(at);
        const ushort mask = (ushort)MethodAttributes.MemberAccessMask;
        if ((flags & mask) == (ushort)MethodAttributes.PrivateScope) return; // compiler-controlled: no name to reach it by
        BinaryPrimitives.WriteUInt16LittleEndian(at, (ushort)(flags & ~mask | (ushort)MethodAttributes.Public));
    }

    TableRows Rows(TableIndex table) =>
        new(image, metadataStart + metadata.GetTableMetadataOffset(table), metadata.GetTableRowSize(table), metadata.GetTableRowCount(table));
}

/// <summary>The rows of one metadata table, in place.</summary>
internal readonly ref struct TableRows(Span<byte> image, int start, int size, int count)
{
    private readonly Span<byte> _table = image.Slice(start, size * count);

    public Enumerator GetEnumerator() => new(_table, size);

    public ref struct Enumerator(Span<byte> table, int size)
    {
        private readonly Span<byte> _table = table;
        private int _at = -size;

        public bool MoveNext() => (_at += size) < _table.Length;

        public readonly Span<byte> Current => _table.Slice(_at, size);
    }
}
