using Microsoft.ML.Runtime;

namespace Microsoft.ML.Recurrent.Hosting;

/// <summary>
/// Stores a <see cref="RecurrentModel"/> in ML.NET's model file: the ONNX bytes, with checksum, are a separate entry that any zip tool can extract.
/// </summary>
internal static class ModelStorage
{
    /// <summary>The entry of the ONNX bytes.</summary>
    internal const string Entry = "model.onnx";

    public static void Save(ModelSaveContext context, RecurrentModel model)
    {
        var file = model.File();
        context.SaveBinaryStream(Entry, writer => writer.BaseStream.Write(file.Graph.Span));
        // More than one entry can hold.
        if (file.HasWeightsApart) context.SaveBinaryStream(Entry + ModelBytes.WeightsSuffix, writer => file.WriteWeights(writer.BaseStream));
    }

    /// <exception cref="FormatException">The entry is missing, truncated or modified, or is not a model of this package.</exception>
    public static RecurrentModel Load(IHostEnvironment environment, ModelLoadContext context)
    {
        byte[]? graph = null;
        RecurrentModel? model = null;
        try
        {
            context.TryLoadBinaryStream(Entry, reader => graph = reader.BaseStream.ReadAll());
            if (graph is null) throw new InvalidDataException($"The entry {Entry} is missing.");
            context.TryLoadBinaryStream(Entry + ModelBytes.WeightsSuffix, reader => model = RecurrentModel.Load(graph, reader.BaseStream));
            return model ?? RecurrentModel.Load(graph);
        }
        catch (Exception error) when (error is InvalidDataException or IOException or FormatException)
        {
            throw environment.Process(
                new FormatException(
                    $"The recurrent model in this file cannot be read: {error.Message} Load an intact copy of the file, or train and save the model again.",
                    error));
        }
    }

    /// <summary>The bytes of a stream, to its end.</summary>
    public static byte[] ReadAll(this Stream source)
    {
        using var buffer = new MemoryStream();
        source.CopyTo(buffer);
        return buffer.ToArray();
    }
}
