using System.IO.Compression;
using System.Text.Json;
using Microsoft.ML.Recurrent.Onnx.Import;
using Microsoft.ML.Recurrent.Weights.Files;
using Microsoft.ML.Recurrent.Weights.Hdf5;
using Microsoft.ML.Recurrent.Weights.Pickles;
using Microsoft.ML.Recurrent.Weights.Safetensors;
using Microsoft.ML.Recurrent.Weights.TorchSharp;

namespace Microsoft.ML.Recurrent.Weights;

/// <summary>Opens weights files of any format, which the first bytes tell.</summary>
internal static class WeightsReader
{
    // TorchSharp's files have no mark.
    private const string TorchSharpExtension = ".dat";

    /// <summary>Whether a file is one of weights, by its first bytes and its name. ONNX files and archives of ML.NET are not.</summary>
    public static bool Matches(string path)
    {
        using var file = File.OpenRead(path);
        var start = Start(file);
        try
        {
            if (IsZip(start))
            {
                using var archive = new ZipArchive(file);
                return KerasReader.Matches(archive) || StateDictArchive.Matches(archive);
            }
            var format = FormatOf(path, start);
            // A table can have the extension of TorchSharp's files.
            if (format is not null && path.EndsWith(TorchSharpExtension, StringComparison.OrdinalIgnoreCase)) format(path, file, null);
            return format is not null;
        }
        catch (Exception error) when (error is InvalidDataException or EndOfStreamException or FormatException or ArgumentException)
        {
            return false;
        }
    }

    /// <summary>Opens a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="section">The keys of a checkpoint that lead to the state dict; null to find it.</param>
    /// <exception cref="InvalidDataException">The file is of no known format, or is truncated or changed; the message names it and says what is
    /// wrong.</exception>
    public static WeightsFile Open(string path, string? section = null)
    {
        if (path.EndsWith(".onnx", StringComparison.OrdinalIgnoreCase)) return Own(path);
        var file = File.OpenRead(path);
        try
        {
            return Guard(path, () => Read(path, file, section)) is var read && read.Tensors.Count > 0 ? Guarded(read)
                : throw new InvalidDataException($"The file '{path}' has no tensors.");
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private static WeightsFile Read(string path, FileStream file, string? section)
    {
        var start = Start(file);
        if (!IsZip(start))
            return (FormatOf(path, start) ?? throw new InvalidDataException(
                "it is none of these: safetensors, a state dict of PyTorch (.pt), an archive or HDF5 file of Keras, a .dat file of TorchSharp, ONNX"))(path,
                    file, section);
        var archive = new ZipArchive(file);
        return KerasReader.Matches(archive) ? KerasReader.Read(path, archive)
            : StateDictArchive.Matches(archive) ? StateDictArchive.Read(path, archive, section)
            : throw new InvalidDataException("it is a zip archive of something other than weights. Load pipelines of ML.NET by mlContext.Model.Load");
    }

    private static Func<string, Stream, string?, WeightsFile>? FormatOf(string path, ReadOnlySpan<byte> start) =>
        KerasReader.Matches(start) ? static (path, file, _) => KerasReader.Read(path, file)
        : SafetensorsReader.Matches(start) ? static (path, file, _) => SafetensorsReader.Read(path, file)
        : OldStateDict.Matches(start) ? OldStateDict.Read
        : path.EndsWith(TorchSharpExtension, StringComparison.OrdinalIgnoreCase) ? static (path, file, _) => TorchSharpReader.Read(path, file)
        : null;

    private static bool IsZip(ReadOnlySpan<byte> start) => start is [(byte)'P', (byte)'K', ..];

    private static byte[] Start(FileStream file)
    {
        var start = new byte[16];
        var count = file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        file.Position = 0;
        return start[..count];
    }

    // A model of this library, or a graph whose layers are known.
    private static WeightsFile Own(string path)
    {
        var model = ModelImporter.Load(path);
        using var network = model.ToNetwork();
        var tensors = network.Parameters.Select(parameter => (parameter.Name, Shape: Sizes(parameter.Shape), Values: parameter.Value.Span.ToArray()));
        string[] constants = [.. new[] { Mapping.WeightNames.TargetMean, Mapping.WeightNames.TargetScale }.Where(model.HasParameter)];
        return new(path, "an ONNX model",
            [.. tensors.Select(tensor => new StoredTensor(tensor.Name, tensor.Shape, NumberType.Float32, () => tensor.Values)),
                .. constants.Select(name => (name, Values: model.HeadParameter(name)))
                    .Select(one => new StoredTensor(one.name, [one.Values.Length], NumberType.Float32, () => one.Values))]);
    }

    private static long[] Sizes(Tensors.Shape shape) => [.. Enumerable.Range(0, shape.Rank).Select(axis => (long)shape[axis])];

    // The numbers are read later, when a layer takes them.
    private static WeightsFile Guarded(WeightsFile file) => file with
    {
        Tensors = [.. file.Tensors.Select(tensor => new StoredTensor(tensor.Name, tensor.Shape, tensor.Type, () => Guard(file.Path, tensor.Read)))],
    };

    // A changed file ends in errors of many kinds in what reads it.
    private static T Guard<T>(string path, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception error) when (error is not (FileNotFoundException or UnauthorizedAccessException))
        {
            var reason = error switch
            {
                EndOfStreamException => "it is truncated",
                InvalidDataException => error.Message.TrimEnd('.'),
                JsonException => $"its description is not valid JSON: {error.Message.TrimEnd('.')}",
                _ => $"it is changed or truncated ({error.Message.TrimEnd('.')})",
            };
            throw new InvalidDataException($"The file '{path}' cannot be read: {reason}.", error);
        }
    }
}
