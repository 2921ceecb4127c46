using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.ML.Recurrent.Decoding;
using Microsoft.ML.Recurrent.Onnx;
using Microsoft.ML.Recurrent.Onnx.Format;
using Microsoft.ML.Recurrent.Scoring.Export;
using Microsoft.ML.Recurrent.Training;

namespace Microsoft.ML.Recurrent.Translation;

/// <summary>
/// A folder with the graphs of a translation: <c>encoder.onnx</c> and <c>step.onnx</c> for a search, <c>greedy.onnx</c>, which writes the most likely token at
/// each step by itself and is the model's own file, and <c>manifest.json</c>, what their ids mean.
/// </summary>
internal static class TranslationFolder
{
    public const string Encoder = "encoder.onnx", Step = "step.onnx", Greedy = "greedy.onnx", Manifest = "manifest.json";

    /// <summary>Writes the folder whole: a failed export leaves an existing one unchanged.</summary>
    /// <exception cref="IOException">The path is a file, or a folder of something else.</exception>
    /// <exception cref="NotSupportedException">The options ask for another form, or for a precision that the graphs cannot have.</exception>
    public static OnnxExportReport Export(RecurrentModel model, string path, OnnxExportOptions options)
    {
        options.Check();
        if (options is not { Form: OnnxExportForm.Sequence, HasDefaultThreshold: true })
        {
            throw new NotSupportedException("A translation is exported as a folder of graphs, one of which makes single steps, without files of weights: "
                + $"leave {nameof(OnnxExportOptions)}.{nameof(OnnxExportOptions.Form)} and {nameof(OnnxExportOptions.ExternalDataThreshold)} at their "
                + "defaults.");
        }
        var folder = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        CheckReplaceable(folder);
        var graphs = TranslationGraphs.Create(model, options.Opset, options.Precision);
        var (encoder, step, whole) = (graphs.Encoder, graphs.Step, OnnxExport.Create(model, options));
        var greedy = whole.File;
        var manifest = new FolderManifest
        {
            Encoder = Sha(encoder), Step = Sha(step), Greedy = Sha(greedy), SourceVocabulary = graphs.Source.Values, Translation = graphs.Translation,
        };
        // A name of its own beside the folder, so that two exports at once do not meet.
        var temporary = $"{folder}.{Path.GetRandomFileName()}.tmp";
        try
        {
            Directory.CreateDirectory(temporary);
            var size = encoder.Write(Path.Combine(temporary, Encoder)) + step.Write(Path.Combine(temporary, Step))
                + greedy.Write(Path.Combine(temporary, Greedy));
            AtomicFile.Write(Path.Combine(temporary, Manifest), stream => JsonSerializer.Serialize(stream, manifest, FolderManifest.Json));
            Replace(folder, temporary);
            return whole.Report with { FileSize = size, SingleFileSize = options.Precision is OnnxPrecision.Single ? size : SingleSize(model, options, whole) };
        }
        catch
        {
            if (Directory.Exists(temporary)) Directory.Delete(temporary, recursive: true);
            throw;
        }
    }

    /// <summary>The graphs of a folder.</summary>
    /// <exception cref="DirectoryNotFoundException">The folder does not exist.</exception>
    /// <exception cref="InvalidDataException">A file is missing, damaged, or not one of a translation.</exception>
    public static RecurrentTranslator Load(string folder, ScoringOptions? options)
    {
        if (!Directory.Exists(folder)) throw new DirectoryNotFoundException($"The folder '{folder}' of a translation does not exist.");
        var manifest = ReadManifest(Path.Combine(folder, Manifest));
        var decoder = TokenDecoderGraphs.Read(ReadGraph(Path.Combine(folder, Encoder), manifest.Encoder),
            ReadGraph(Path.Combine(folder, Step), manifest.Step));
        var source = new LabelManifest(LabelKind.Text, manifest.SourceVocabulary);
        var graphs = new TranslationGraphs(decoder, $"{manifest.Encoder}:{manifest.Step}", source, manifest.Translation);
        return new(graphs, options, BeamSearchOptions.Create(manifest.Translation.Search));
    }

    private static long SingleSize(RecurrentModel model, OnnxExportOptions options, OnnxExport whole)
    {
        var graphs = TranslationGraphs.Create(model, options.Opset);
        return whole.Report.SingleFileSize + graphs.Encoder.Size + graphs.Step.Size;
    }

    private static string Sha(ModelBytes file) => !file.HasWeightsApart ? Convert.ToHexStringLower(SHA256.HashData(file.Graph.Span))
        : throw new NotSupportedException($"A graph of this translation takes {file.Size} bytes, more than one ONNX file can hold.");

    private static void CheckReplaceable(string folder)
    {
        if (File.Exists(folder))
        {
            throw new IOException($"'{folder}' is a file, but a translation is exported as a folder with {Encoder}, {Step}, {Greedy} and {Manifest}: name a "
                + "folder, or export to a stream for the graph of the most likely tokens alone.");
        }
        if (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any() && !File.Exists(Path.Combine(folder, Manifest)))
            throw new IOException($"The folder '{folder}' holds other files than an exported translation, which would be lost: name a new or an empty folder.");
    }

    // A folder cannot take the place of another at once: the old one steps aside, and comes back if the new one cannot come.
    private static void Replace(string folder, string temporary)
    {
        if (!Directory.Exists(folder))
        {
            Directory.Move(temporary, folder);
            return;
        }
        var old = $"{folder}.{Path.GetRandomFileName()}.old";
        Directory.Move(folder, old);
        try
        {
            Directory.Move(temporary, folder);
        }
        catch
        {
            Directory.Move(old, folder);
            throw;
        }
        Directory.Delete(old, recursive: true);
    }

    private static FolderManifest ReadManifest(string path)
    {
        if (!File.Exists(path)) throw new InvalidDataException($"The folder of a translation has no '{path}': export the model again.");
        FolderManifest? manifest;
        try
        {
            manifest = JsonSerializer.Deserialize<FolderManifest>(File.ReadAllBytes(path), FolderManifest.Json);
        }
        catch (JsonException error)
        {
            throw new InvalidDataException($"The file '{path}' cannot be read: {error.Message} Export the model again.", error);
        }
        return manifest is not { Format: FolderManifest.FormatName } ? throw new InvalidDataException($"The file '{path}' is not that of a translation.")
            : manifest.Version <= FolderManifest.CurrentVersion ? manifest
            : throw new InvalidDataException($"The file '{path}' was written by a later version of Microsoft.ML.Recurrent (format {manifest.Version}; this one "
                + $"reads up to {FolderManifest.CurrentVersion}). Update the package.");
    }

    private static ModelProto ReadGraph(string path, string sha)
    {
        if (!File.Exists(path)) throw new InvalidDataException($"The folder of a translation has no '{path}': export the model again.");
        var bytes = File.ReadAllBytes(path);
        return Convert.ToHexStringLower(SHA256.HashData(bytes)) == sha ? ModelFile.Parse(bytes)
            : throw new InvalidDataException($"The file '{path}' is not the one that was exported with its {Manifest}: it is damaged, or of another export. "
                + "Export the model again.");
    }
}
