using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Microsoft.ML.Recurrent.Training.Logging;

/// <summary>
/// TensorBoard event files: records of length, masked CRC-32C of the length, data and masked CRC-32C of the data (TFRecord). The data is the protocol buffer
/// message Event (wall_time = 1, step = 2, file_version = 3, summary = 5 with values of tag = 1 and simple_value = 2).
/// </summary>
internal sealed class TensorBoardLogger : TrainingLogger
{
    private static readonly uint[] s_crcTable = CrcTable();
    private readonly FileStream _file;

    public TensorBoardLogger(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        Directory.CreateDirectory(folder);
        var seconds = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() / 1000.0;
        var name = string.Create(CultureInfo.InvariantCulture, $"events.out.tfevents.{(long)seconds:D10}.{Environment.ProcessId}.recurrent");
        for (var number = 0; ; number++)
        {
            // A second run within the same second gets a separate file.
            var path = Path.Combine(folder, number == 0 ? name : $"{name}.{number}");
            if (File.Exists(path)) continue;
            _file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read);
            break;
        }

        Write(Message(message =>
        {
            Double(message, 1, seconds);
            Bytes(message, 3, "brain.Event:2"u8);
        }));
    }

    public override void Log(TrainingLogEntry entry) => Write(Message(message =>
    {
        Double(message, 1, entry.Time.ToUnixTimeMilliseconds() / 1000.0);
        Key(message, 2, 0);
        Varint(message, (ulong)entry.Step);
        Bytes(message, 5, Message(summary =>
        {
            foreach (var (name, number) in entry.Values)
            {
                Bytes(summary, 1, Message(value =>
                {
                    Bytes(value, 1, Encoding.UTF8.GetBytes(name));
                    Key(value, 2, 5);
                    Span<byte> single = stackalloc byte[sizeof(float)];
                    BinaryPrimitives.WriteSingleLittleEndian(single, (float)number);
                    value.Write(single);
                }));
            }
        }));
    }));

    protected override void Dispose(bool disposing)
    {
        if (disposing) _file.Dispose();
    }

    internal static uint MaskedCrc(ReadOnlySpan<byte> data)
    {
        var crc = uint.MaxValue;
        foreach (var value in data) crc = s_crcTable[(byte)(crc ^ value)] ^ (crc >> 8);
        crc = ~crc;
        return ((crc >> 15) | (crc << 17)) + 0xA282EAD8;
    }

    private static byte[] Message(Action<MemoryStream> write)
    {
        using var stream = new MemoryStream();
        write(stream);
        return stream.ToArray();
    }

    private static void Key(MemoryStream stream, int field, int wireType) => Varint(stream, (ulong)(field << 3 | wireType));

    private static void Double(MemoryStream stream, int field, double number)
    {
        Key(stream, field, 1);
        Span<byte> bytes = stackalloc byte[sizeof(double)];
        BinaryPrimitives.WriteDoubleLittleEndian(bytes, number);
        stream.Write(bytes);
    }

    private static void Bytes(MemoryStream stream, int field, ReadOnlySpan<byte> bytes)
    {
        Key(stream, field, 2);
        Varint(stream, (ulong)bytes.Length);
        stream.Write(bytes);
    }

    private static void Varint(MemoryStream stream, ulong number)
    {
        for (; number >= 0x80; number >>= 7) stream.WriteByte((byte)(number | 0x80));
        stream.WriteByte((byte)number);
    }

    private static uint[] CrcTable()
    {
        var table = new uint[256];
        for (uint i = 0; i < 256; i++)
        {
            var crc = i;
            for (var bit = 0; bit < 8; bit++) crc = (crc & 1) != 0 ? crc >> 1 ^ 0x82F63B78 : crc >> 1;
            table[i] = crc;
        }

        return table;
    }

    private void Write(byte[] data)
    {
        Span<byte> head = stackalloc byte[12];
        BinaryPrimitives.WriteUInt64LittleEndian(head, (ulong)data.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(head[8..], MaskedCrc(head[..8]));
        Span<byte> tail = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(tail, MaskedCrc(data));
        _file.Write(head);
        _file.Write(data);
        _file.Write(tail);
        _file.Flush();
    }
}
