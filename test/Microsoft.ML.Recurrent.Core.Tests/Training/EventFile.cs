using System.Buffers.Binary;
using System.Numerics;
using Microsoft.ML.Recurrent.Core.Tests.Training.EventFormat;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Core.Tests.Training;

/// <summary>
/// Reads TensorBoard event files without code of this project: the framing by its definition (TFRecord) with the framework's CRC-32C, the records by Google's
/// decoder generated from the message definition.
/// </summary>
internal static class EventFile
{
    /// <summary>All scalars in order.</summary>
    public static IEnumerable<(long Step, string Tag, float Value)> Read(string path) =>
        from record in Events(path).Skip(1)
        from value in record.Summary.Value
        select (record.Step, value.Tag, value.SimpleValue);

    public static IReadOnlyList<Event> Events(string path) => [.. Records(File.ReadAllBytes(path)).Select(Event.Parser.ParseFrom)];

    public static uint Masked(uint crc) => BitOperations.RotateRight(crc, 15) + 0xA282EAD8;

    public static uint Crc32C(ReadOnlySpan<byte> data)
    {
        var crc = uint.MaxValue;
        foreach (var value in data) crc = BitOperations.Crc32C(crc, value);
        return ~crc;
    }

    private static IEnumerable<byte[]> Records(byte[] file)
    {
        for (var at = 0; at < file.Length;)
        {
            var length = checked((int)BinaryPrimitives.ReadUInt64LittleEndian(file.AsSpan(at)));
            Assert.AreEqual(Masked(Crc32C(file.AsSpan(at, 8))), BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(at + 8)), "the length's checksum");
            var data = file[(at + 12)..(at + 12 + length)];
            Assert.AreEqual(Masked(Crc32C(data)), BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(at + 12 + length)), "the record's checksum");
            yield return data;
            at += 16 + length;
        }
    }
}
