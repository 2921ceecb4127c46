using System.Globalization;
using Google.Protobuf;
using Microsoft.ML.Recurrent.Onnx.Format;

namespace Microsoft.ML.Recurrent.Onnx.Import;

/// <summary>Reads ONNX files, including external data.</summary>
internal static class OnnxFile
{
    /// <summary>Reads a model, including external tensor data.</summary>
    /// <exception cref="InvalidDataException">The file is not an ONNX model, or is truncated; the message names it.</exception>
    public static ModelProto Read(string path)
    {
        var bytes = File.ReadAllBytes(path);
        ModelProto model;
        try
        {
            model = ModelFile.Parse(bytes);
        }
        catch (InvalidDataException error)
        {
            throw new InvalidDataException($"The file '{path}' cannot be read: {error.Message}", error);
        }
        if (model.Graph is null || model.Graph.Node.Count == 0) throw new InvalidDataException($"The file '{path}' has no ONNX graph.");
        foreach (var tensor in model.Graph.Initializer)
            if (tensor.DataLocation == TensorProto.Types.DataLocation.External)
                Bring(path, tensor);
        return model;
    }

    private static void Bring(string path, TensorProto tensor)
    {
        string? Entry(string key) => tensor.ExternalData.FirstOrDefault(entry => entry.Key == key)?.Value;
        long Number(string key) => Entry(key) is { } text ? long.Parse(text, CultureInfo.InvariantCulture) : -1;
        var location = Entry("location")
            ?? throw new InvalidDataException($"The tensor '{tensor.Name}' of the file '{path}' is external data without a location.");
        string folder = Path.GetDirectoryName(Path.GetFullPath(path))!, data = Path.GetFullPath(Path.Combine(folder, location));
        // External data must be in the folder of the model.
        if (!data.StartsWith(folder.TrimEnd(Path.DirectorySeparatorChar) + Path.DirectorySeparatorChar, StringComparison.Ordinal))
            throw new InvalidDataException($"The file '{path}' keeps the tensor '{tensor.Name}' in '{location}', outside its own folder.");
        if (!File.Exists(data))
            throw new FileNotFoundException($"The file '{path}' keeps the tensor '{tensor.Name}' in '{location}', which does not exist.", data);
        using var stream = File.OpenRead(data);
        long offset = Math.Max(0, Number("offset")), length = Number("length") is >= 0 and var given ? given : stream.Length - offset;
        if (length > Array.MaxLength)
            throw new NotSupportedException($"The tensor '{tensor.Name}' of the file '{path}' has {length} bytes; at most {Array.MaxLength} can be read.");
        if (offset + length > stream.Length)
            throw new InvalidDataException(
                $"The file '{data}' is truncated: the tensor '{tensor.Name}' should end at byte {offset + length}, the file has {stream.Length}.");
        stream.Position = offset;
        var bytes = new byte[length];
        stream.ReadExactly(bytes);
        tensor.RawData = UnsafeByteOperations.UnsafeWrap(bytes);
        tensor.ExternalData.Clear();
        tensor.DataLocation = TensorProto.Types.DataLocation.Default;
    }
}
