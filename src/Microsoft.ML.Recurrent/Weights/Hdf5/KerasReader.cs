using System.IO.Compression;
using System.Text;
using Microsoft.ML.Recurrent.Weights.Files;
using PureHDF;

namespace Microsoft.ML.Recurrent.Weights.Hdf5;

/// <summary>
/// Reads weights of Keras: <c>.weights.h5</c> and <c>.keras</c> of Keras 3 (a zip archive with <c>config.json</c> and <c>model.weights.h5</c>), and HDF5 files
/// of Keras 2.
/// </summary>
internal static class KerasReader
{
    private const string Weights = "model.weights.h5", Config = "config.json", OldWeights = "model_weights";

    // Of groups inside groups; and of groups and tensors, where links of a forged file lead in circles.
    private const int DepthLimit = 24, CountLimit = 100_000, ConfigLimit = 1 << 26;

    /// <summary>Whether a file is HDF5.</summary>
    public static bool Matches(ReadOnlySpan<byte> start) => start is [0x89, (byte)'H', (byte)'D', (byte)'F', 0x0d, 0x0a, 0x1a, 0x0a, ..];

    /// <summary>Whether a zip archive is one of Keras.</summary>
    public static bool Matches(ZipArchive archive) => archive.GetEntry(Weights) is not null;

    public static WeightsFile Read(string path, ZipArchive archive)
    {
        using (archive)
        {
            var stream = new MemoryStream(ArchiveEntry.Read(archive.GetEntry(Weights)!));
            if (archive.GetEntry(Config) is not { } config) return Read(path, stream);
            if (config.Length > ConfigLimit) throw new InvalidDataException($"its entry '{Config}' has {config.Length} bytes");
            return Read(path, stream) with
            {
                Format = "a Keras archive",
                Configuration = KerasConfiguration.Read(ArchiveEntry.Read(config), byName: false),
            };
        }
    }

    public static WeightsFile Read(string path, Stream stream)
    {
        var length = stream.Length;
        var file = H5File.Open(stream, leaveOpen: false);
        var tensors = new List<StoredTensor>();
        var count = 0;
        Collect(file.LinkExists(OldWeights) ? file.Group(OldWeights) : file, "", 0);
        var old = tensors.Any(tensor => !tensor.Name.Contains("/vars/", StringComparison.Ordinal));
        var config = file.AttributeExists("model_config") ? file.Attribute("model_config").Read<string>() : null;
        return new(path, old ? "weights of Keras 2" : "weights of Keras", tensors, file)
        {
            IsKeras = true,
            IsOrdered = false,
            Configuration = config is null ? null : KerasConfiguration.Read(Encoding.UTF8.GetBytes(config), byName: true),
        };

        void Collect(IH5Group group, string folder, int depth)
        {
            if (depth > DepthLimit) throw new InvalidDataException($"its groups lie more than {DepthLimit} deep");
            foreach (var child in group.Children())
            {
                if (++count > CountLimit) throw new InvalidDataException($"it has more than {CountLimit} groups and tensors");
                // Optimizers have variables of the shapes of weights.
                if (child is IH5Group inner && !(depth == 0 && child.Name is "optimizer" or "optimizer_weights"))
                    Collect(inner, $"{folder}{child.Name}/", depth + 1);
                else if (child is IH5Dataset dataset) tensors.Add(HdfTensor.Create(folder + child.Name, dataset, length));
            }
        }
    }
}
