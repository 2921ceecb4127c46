using Microsoft.ML.Recurrent.Onnx.Format;

namespace Microsoft.ML.Recurrent.Foreign;

/// <summary>What a file that this library exported says of its outputs.</summary>
/// <param name="manifest">The description in its metadata.</param>
internal sealed class OwnAnswers(ModelManifest manifest)
{
    public ModelManifest Manifest => manifest;

    /// <summary>Reads the metadata of a file; null for a file of another framework, and for tasks whose outputs are plain numbers.</summary>
    public static OwnAnswers? Read(ModelProto model) =>
        ModelFile.Manifest(model) is { } manifest && RecurrentTask.Find(manifest) is SequenceTask ? new(manifest) : null;

    /// <summary>Whether an output holds keys whose values are known.</summary>
    public bool IsKey(string output) => manifest.Outputs.FirstOrDefault(own => own.Name == output) is { Kind: OutputKind.Key } key
        && RecurrentTask.Find(manifest).LabelOf(manifest, key) is { Values.Length: > 0 };
}
