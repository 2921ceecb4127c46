using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Microsoft.ML.Recurrent.Training;

/// <summary>
/// The file of a checkpoint: written atomically (<see cref="AtomicFile"/>), so that a process killed at any moment leaves the previous file intact, with a
/// digest at the end that detects a damaged file.
/// </summary>
internal static class CheckpointFile
{
    private const ulong Signature = 0x3254504B43524C4D; // "MLRCKPT2"

    public static void Write(string path, Action<BinaryWriter> content) => AtomicFile.Write(path, file =>
    {
        using (var writer = new BinaryWriter(file, System.Text.Encoding.UTF8, leaveOpen: true))
        {
            writer.Write(Signature);
            content(writer);
        }

        file.Flush();
        file.Position = 0;
        var digest = SHA256.HashData(file);
        file.Write(digest);
    });

    /// <summary>Verifies a file, then reads it.</summary>
    /// <exception cref="InvalidDataException">The file is not a checkpoint, or is damaged; the message names it and the remedy.</exception>
    public static void Read(string path, Action<BinaryReader> content)
    {
        var bytes = File.ReadAllBytes(path);
        if (bytes.Length < sizeof(ulong) + SHA256.HashSizeInBytes || BinaryPrimitives.ReadUInt64LittleEndian(bytes) != Signature)
            throw new InvalidDataException($"'{path}' is not a checkpoint of this version. Delete it or train without Resume to start again.");
        var body = bytes.AsSpan(0, bytes.Length - SHA256.HashSizeInBytes);
        if (!SHA256.HashData(body).AsSpan().SequenceEqual(bytes.AsSpan(body.Length)))
            throw new InvalidDataException(
                $"The checkpoint '{path}' is damaged: its digest does not match its contents. Delete it or train without Resume to start again.");
        using var reader = new BinaryReader(new MemoryStream(bytes, sizeof(ulong), body.Length - sizeof(ulong)));
        content(reader);
    }
}
