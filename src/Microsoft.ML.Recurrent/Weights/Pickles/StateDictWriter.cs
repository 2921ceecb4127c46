using System.Buffers.Binary;
using System.Globalization;
using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.ML.Recurrent.Weights.Files;

namespace Microsoft.ML.Recurrent.Weights.Pickles;

/// <summary>Writes state dicts as <c>torch.save</c> does: a zip archive, not compressed, of a pickle and the numbers of each tensor.</summary>
internal static class StateDictWriter
{
    private const string Folder = "archive", Version = "3\n";

    private const byte Protocol = 2;

    public static void Write(Stream destination, IReadOnlyList<NamedNumbers> tensors)
    {
        using var archive = new ZipArchive(destination, ZipArchiveMode.Create, leaveOpen: true);
        Entry(archive, "data.pkl", Pickle(tensors));
        Entry(archive, "byteorder", "little"u8);
        for (var i = 0; i < tensors.Count; i++) Entry(archive, $"data/{Key(i)}", MemoryMarshal.AsBytes(tensors[i].Values.AsSpan()));
        Entry(archive, "version", Encoding.ASCII.GetBytes(Version));
    }

    private static string Key(int index) => index.ToString(CultureInfo.InvariantCulture);

    private static void Entry(ZipArchive archive, string name, ReadOnlySpan<byte> bytes)
    {
        using var stream = archive.CreateEntry($"{Folder}/{name}", CompressionLevel.NoCompression).Open();
        stream.Write(bytes);
    }

    private static byte[] Pickle(IReadOnlyList<NamedNumbers> tensors)
    {
        using var pickle = new MemoryStream();
        Put(PickleOperation.Protocol);
        pickle.WriteByte(Protocol);
        Dictionary();
        Put(PickleOperation.Mark);
        for (var i = 0; i < tensors.Count; i++)
        {
            var tensor = tensors[i];
            Text(tensor.Name);
            Name(PickleName.Tensor);
            Put(PickleOperation.Mark);
            Put(PickleOperation.Mark);
            Text("storage");
            Name(PickleName.Floats);
            Text(Key(i));
            Text("cpu");
            Integer(tensor.Values.Length);
            Put(PickleOperation.Tuple);
            Put(PickleOperation.PersistentId);
            Integer(0);
            Integers(tensor.Shape);
            Integers([.. tensor.Shape.Select((_, axis) => tensor.Shape[(axis + 1)..].Aggregate(1, (product, size) => product * size))]);
            Put(PickleOperation.False);
            Dictionary();
            Put(PickleOperation.Tuple);
            Put(PickleOperation.Reduce);
        }
        Put(PickleOperation.SetItems);
        Put(PickleOperation.Stop);
        return pickle.ToArray();

        void Put(PickleOperation operation) => pickle.WriteByte((byte)operation);

        void Dictionary()
        {
            Name(PickleName.OrderedDictionary);
            Put(PickleOperation.EmptyTuple);
            Put(PickleOperation.Reduce);
        }

        void Name(PickleName name)
        {
            Put(PickleOperation.Global);
            pickle.Write(Encoding.UTF8.GetBytes($"{name.Module}\n{name.Name}\n"));
        }

        void Text(string text)
        {
            var bytes = Encoding.UTF8.GetBytes(text);
            Put(PickleOperation.Text);
            Number(bytes.Length);
            pickle.Write(bytes);
        }

        void Integer(int value)
        {
            Put(PickleOperation.Int32);
            Number(value);
        }

        void Number(int value)
        {
            Span<byte> bytes = stackalloc byte[sizeof(int)];
            BinaryPrimitives.WriteInt32LittleEndian(bytes, value);
            pickle.Write(bytes);
        }

        void Integers(int[] values)
        {
            Put(PickleOperation.Mark);
            foreach (var value in values) Integer(value);
            Put(PickleOperation.Tuple);
        }
    }
}
