using System.Buffers.Binary;
using System.Numerics;
using System.Text;

namespace Microsoft.ML.Recurrent.Weights.Pickles;

/// <summary>Reads the operations of a pickle with their arguments, one by one. Nothing is built, and no text is longer than the rest of the file.</summary>
/// <param name="stream">The file, at the beginning of the pickle.</param>
internal sealed class PickleReader(Stream stream)
{
    private const int NewestProtocol = 5, LineLimit = 1024;

    private static readonly UTF8Encoding s_utf8 = new(false, throwOnInvalidBytes: true);

    /// <summary>The next operation and its argument: a long, BigInteger, double, text or name; null for none.</summary>
    /// <exception cref="InvalidDataException">The operation is unknown or not permitted.</exception>
    /// <exception cref="EndOfStreamException">The file ends.</exception>
    public (PickleOperation Operation, object? Argument) Next()
    {
        var operation = (PickleOperation)Bytes(1)[0];
        return (operation, operation switch
        {
            PickleOperation.Protocol => Protocol(Bytes(1)[0]),
            PickleOperation.Frame => BinaryPrimitives.ReadInt64LittleEndian(Bytes(8)),
            PickleOperation.Int32 => (long)BinaryPrimitives.ReadInt32LittleEndian(Bytes(4)),
            PickleOperation.UInt8 or PickleOperation.Put or PickleOperation.Get => (long)Bytes(1)[0],
            PickleOperation.UInt16 => (long)BinaryPrimitives.ReadUInt16LittleEndian(Bytes(2)),
            PickleOperation.PutLong or PickleOperation.GetLong => (long)BinaryPrimitives.ReadUInt32LittleEndian(Bytes(4)),
            PickleOperation.Integer => Integer(Bytes(Bytes(1)[0])),
            PickleOperation.Double => BinaryPrimitives.ReadDoubleBigEndian(Bytes(8)),
            PickleOperation.Text => s_utf8.GetString(Bytes(BinaryPrimitives.ReadUInt32LittleEndian(Bytes(4)))),
            PickleOperation.ShortText => s_utf8.GetString(Bytes(Bytes(1)[0])),
            PickleOperation.OldText => Encoding.Latin1.GetString(Bytes(BinaryPrimitives.ReadUInt32LittleEndian(Bytes(4)))),
            PickleOperation.ShortOldText => Encoding.Latin1.GetString(Bytes(Bytes(1)[0])),
            PickleOperation.Global => new PickleName(Line(), Line()),
            _ when Enum.IsDefined(operation) => null,
            _ => throw new InvalidDataException(
                $"its pickle has the operation 0x{(byte)operation:x2}, which builds something other than tensors, dictionaries, numbers and texts"),
        });
    }

    private static object Protocol(byte version) => version <= NewestProtocol ? (long)version
        : throw new InvalidDataException($"its pickle has protocol {version}; the newest known is {NewestProtocol}");

    private static object Integer(byte[] bytes)
    {
        var value = new BigInteger(bytes);
        return value >= long.MinValue && value <= long.MaxValue ? (long)value : value;
    }

    private byte[] Bytes(long count)
    {
        if (count > stream.Length - stream.Position) throw new EndOfStreamException();
        var bytes = new byte[count];
        stream.ReadExactly(bytes);
        return bytes;
    }

    private string Line()
    {
        var line = new List<byte>();
        for (var next = Bytes(1)[0]; next != '\n'; next = Bytes(1)[0])
            if (line.Count < LineLimit) line.Add(next);
            else throw new InvalidDataException($"its pickle has a name of more than {LineLimit} bytes");
        return s_utf8.GetString([.. line]);
    }
}
