using System.Collections.Immutable;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Onnx.Format;
using Microsoft.ML.Recurrent.Onnx.Precision;

namespace Microsoft.ML.Recurrent.Onnx.Import;

/// <summary>Loads ONNX files as trainable models: those of this library directly, foreign ones through <see cref="NetworkImporter"/>.</summary>
internal static class ModelImporter
{
    private static readonly TrainingHistory NoHistory = new() { Epochs = [], BestEpoch = 0, End = TrainingEnd.Completed };

    public static RecurrentModel Load(string path)
    {
        var proto = OnnxFile.Read(path);
        if (ModelFile.IsOurs(proto))
        {
            try
            {
                return LoadOwn(File.ReadAllBytes(path), proto);
            }
            catch (InvalidDataException error)
            {
                throw new InvalidDataException($"The file '{path}' cannot be read: {error.Message}", error);
            }
        }
        try
        {
            var imported = NetworkImporter.Import(proto.Graph);
            using var network = imported.Network;
            return ToModel(imported);
        }
        catch (NotSupportedException error)
        {
            throw new NotSupportedException($"The file '{path}' cannot be converted to a trainable network. {error.Message}", error);
        }
        // Sizes, axes and indices that fit no tensor of a graph.
        catch (Exception error) when (error is IndexOutOfRangeException or OverflowException or ArgumentOutOfRangeException)
        {
            throw new InvalidDataException($"The file '{path}' cannot be read: it is changed, or no valid ONNX graph ({error.Message.TrimEnd('.')}).", error);
        }
    }

    /// <summary>The model of a network that comes from another framework.</summary>
    public static RecurrentModel ToModel(ImportedNetwork imported)
    {
        var (head, manifest) = Read(imported);
        return NetworkExporter.ToModel(imported.Network, head, manifest, NoHistory);
    }

    // The bytes are those of the file; the graph includes external weights.
    private static RecurrentModel LoadOwn(byte[] bytes, ModelProto proto)
    {
        var metadata = ModelFile.Read(bytes);
        var checksum = ModelFile.WeightsChecksum(proto);
        if (checksum is not null)
        {
            var apart = ModelFile.Parse(bytes).Graph.Initializer.Where(tensor => tensor.DataLocation == TensorProto.Types.DataLocation.External)
                .Select(tensor => tensor.Name).ToHashSet();
            if (ModelBytes.Checksum(proto.Graph.Initializer.Where(tensor => apart.Contains(tensor.Name)).Select(tensor => tensor.RawData)) != checksum)
                throw new InvalidDataException(
                    "The external weight file is corrupt or belongs to another model: its checksum is wrong. Copy both files again, or export "
                        + "the model again.");
        }
        // Compressed weights are trained in 32 bits.
        return WeightCompression.Restore(proto.Graph) || checksum is not null ? RecurrentModel.Create(proto, metadata) : RecurrentModel.Load(bytes);
    }

    // A linear output may be a regression, the logits of a classifier or a forecast: the trainer decides.
    private static (Head Head, ModelManifest Manifest) Read(ImportedNetwork imported)
    {
        var (description, activation) = (imported.Network.Description, imported.Activation);
        Head head = new ImportedHead(description.Outputs, activation, description.PerStep);
        ImmutableArray<OutputColumn> outputs = [new("Score", OutputKind.Single, description.Outputs) { PerStep = description.PerStep }];
        var task = ModelTask.Foreign;
        foreach (var known in RecurrentTask.All.OfType<SequenceTask>())
            if (!description.PerStep && known.HeadOf(activation, description.Outputs) is { } answers)
                (head, task, outputs) = (answers, known.Name, known.Outputs(description.Outputs));
        return (head, new()
        {
            Task = task,
            Inputs = [description.Vocabulary > 0
                ? new(imported.Input, InputKind.Tokens, description.Time, 1, description.Vocabulary)
                : new(imported.Input, InputKind.Sequence, description.Time, description.Features)],
            Outputs = outputs,
            StepStates = imported.States is { IsEmpty: false } states ? states : null,
        });
    }
}
