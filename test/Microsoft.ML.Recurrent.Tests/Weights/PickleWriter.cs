using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace Microsoft.ML.Recurrent.Tests.Weights;

/// <summary>Writes pickles of any content, forged ones too, and archives of them.</summary>
internal sealed class PickleWriter
{
    private readonly MemoryStream _bytes = new();

    public PickleWriter Raw(params byte[] bytes)
    {
        _bytes.Write(bytes);
        return this;
    }

    public PickleWriter Protocol(byte version = 2) => Raw(0x80, version);

    public PickleWriter Global(string module, string name) => Raw([(byte)'c', .. Encoding.ASCII.GetBytes($"{module}\n{name}\n")]);

    public PickleWriter Text(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        return Raw((byte)'X').Integer32(bytes.Length).Raw(bytes);
    }

    public PickleWriter Number(int value) => Raw((byte)'J').Integer32(value);

    public PickleWriter Integer32(int value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, value);
        return Raw(bytes);
    }

    public PickleWriter Dictionary(Action<PickleWriter> entries)
    {
        Raw((byte)'}', (byte)'(');
        entries(this);
        return Raw((byte)'u');
    }

    public PickleWriter Tuple(params int[] values)
    {
        Raw((byte)'(');
        foreach (var value in values) Number(value);
        return Raw((byte)'t');
    }

    /// <summary>A tensor of floats.</summary>
    public PickleWriter Tensor(string key, int stored, int offset, int[] shape, int[] strides)
    {
        Global("torch._utils", "_rebuild_tensor_v2").Raw((byte)'(', (byte)'(');
        Text("storage").Global("torch", "FloatStorage").Text(key).Text("cpu").Number(stored).Raw((byte)'t', (byte)'Q');
        return Number(offset).Tuple(shape).Tuple(strides).Raw(0x89, (byte)'}', (byte)'t', (byte)'R');
    }

    public byte[] Stop()
    {
        Raw((byte)'.');
        return _bytes.ToArray();
    }

    /// <summary>Writes an archive as torch.save does.</summary>
    public static string Archive(string folder, byte[] pickle, params (string Key, byte[] Bytes)[] storages)
    {
        var path = Path.Combine(folder, "model.pt");
        using var archive = new ZipArchive(File.Create(path), ZipArchiveMode.Create);
        Entry("data.pkl", pickle);
        foreach (var (key, bytes) in storages) Entry($"data/{key}", bytes);
        return path;

        void Entry(string name, byte[] bytes)
        {
            using var stream = archive.CreateEntry("model/" + name).Open();
            stream.Write(bytes);
        }
    }
}
