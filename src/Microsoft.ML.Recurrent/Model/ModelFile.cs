using System.Security.Cryptography;
using System.Text.Json;
using Google.Protobuf;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Onnx.Format;

namespace Microsoft.ML.Recurrent.Model;

/// <summary>
/// The model file format: ONNX with metadata records. The last metadata entry is the SHA-256 of all bytes before it (protobuf reads fields in any order), so
/// that a truncated or modified file is rejected.
/// </summary>
internal static class ModelFile
{
    private const string Prefix = "Microsoft.ML.Recurrent.";
    private const string ManifestKey = Prefix + "Manifest", NetworkKey = Prefix + "Network", HistoryKey = Prefix + "History", ChecksumKey = Prefix + "SHA256",
        WeightsChecksumKey = Prefix + "WeightsSHA256";

    private static readonly int ChecksumLength = Checksum([]).Length;

    public static byte[] Write(ModelProto model, ModelMetadata metadata)
    {
        Set(model, ManifestKey, metadata.Manifest);
        if (metadata.Network is { } network) Set(model, NetworkKey, network);
        Set(model, HistoryKey, metadata.History);
        return Seal(model);
    }

    /// <summary>Serializes a model with its records, and appends the checksum.</summary>
    public static byte[] Seal(ModelProto model)
    {
        Remove(model, ChecksumKey);
        var size = model.CalculateSize();
        var bytes = new byte[size + ChecksumLength];
        model.WriteTo(bytes.AsSpan(0, size));
        Checksum(bytes.AsSpan(0, size)).CopyTo(bytes, size);
        return bytes;
    }

    /// <summary>Reads the metadata and verifies the checksum.</summary>
    public static ModelMetadata Read(byte[] bytes)
    {
        if (bytes.Length == 0) throw new InvalidDataException("The model is empty: no bytes were read.");
        var size = bytes.Length - ChecksumLength;
        if (size <= 0 || !Checksum(bytes.AsSpan(0, size)).AsSpan().SequenceEqual(bytes.AsSpan(size)))
            throw new InvalidDataException(
                $"The model is corrupt or truncated: the checksum at the end of its {bytes.Length} bytes is missing or wrong. Copy or save it "
                    + $"again.");
        var model = Parse(bytes);
        var hasNetwork = model.MetadataProps.Any(entry => entry.Key == NetworkKey);
        var metadata = new ModelMetadata(Get<ModelManifest>(model, ManifestKey), hasNetwork ? Get<NetworkDescription>(model, NetworkKey) : null,
            Get<TrainingHistory>(model, HistoryKey));
        if (metadata.Manifest.Version > ModelManifest.CurrentVersion)
            throw new InvalidDataException(
                $"The model was written by a later version of Microsoft.ML.Recurrent (format {metadata.Manifest.Version}; this one reads up "
                    + $"to {ModelManifest.CurrentVersion}). " +
                "Update the package.");
        return metadata;
    }

    /// <summary>Whether the file was written by this library, with all metadata records.</summary>
    public static bool IsOurs(ModelProto model) => model.MetadataProps.Any(entry => entry.Key == ManifestKey);

    /// <summary>The manifest of a file; null if there is none that this version reads.</summary>
    public static ModelManifest? Manifest(ModelProto model)
    {
        try
        {
            return IsOurs(model) && Get<ModelManifest>(model, ManifestKey) is { Version: <= ModelManifest.CurrentVersion } manifest ? manifest : null;
        }
        catch (InvalidDataException)
        {
            return null;
        }
    }

    public static ModelProto Parse(byte[] bytes)
    {
        try
        {
            return ModelProto.Parser.ParseFrom(bytes);
        }
        catch (InvalidProtocolBufferException error)
        {
            throw new InvalidDataException("The bytes are not an ONNX model, or are truncated: " + error.Message, error);
        }
    }

    /// <summary>The SHA-256 of external weights; null for none.</summary>
    public static string? WeightsChecksum(ModelProto model) => model.MetadataProps.FirstOrDefault(entry => entry.Key == WeightsChecksumKey)?.Value;

    public static void SetWeightsChecksum(ModelProto model, string checksum) =>
        model.MetadataProps.Add(new StringStringEntryProto { Key = WeightsChecksumKey, Value = checksum });

    public static void RemoveWeightsChecksum(ModelProto model) => Remove(model, WeightsChecksumKey);

    private static void Set<T>(ModelProto model, string key, T value)
    {
        Remove(model, key);
        model.MetadataProps.Add(new StringStringEntryProto { Key = key, Value = ModelJson.Write(value) });
    }

    private static void Remove(ModelProto model, string key)
    {
        foreach (var old in model.MetadataProps.Where(entry => entry.Key == key).ToArray()) model.MetadataProps.Remove(old);
    }

    private static T Get<T>(ModelProto model, string key)
    {
        var entry = model.MetadataProps.FirstOrDefault(entry => entry.Key == key)
            ?? throw new InvalidDataException(
                $"The ONNX file has no metadata '{key}': it was not written by Microsoft.ML.Recurrent, or another tool has dropped its metadata.");
        try
        {
            return ModelJson.Read<T>(entry.Value) ?? throw new InvalidDataException($"The metadata '{key}' of the model is empty.");
        }
        catch (JsonException error)
        {
            throw new InvalidDataException($"The metadata '{key}' of the model cannot be read: {error.Message}", error);
        }
    }

    // A ModelProto with only the metadata entry of the checksum: appended to the bytes of a model, it becomes part of it.
    private static byte[] Checksum(ReadOnlySpan<byte> bytes) => new ModelProto
    {
        MetadataProps = { new StringStringEntryProto { Key = ChecksumKey, Value = Convert.ToHexStringLower(SHA256.HashData(bytes)) } },
    }.ToByteArray();
}
