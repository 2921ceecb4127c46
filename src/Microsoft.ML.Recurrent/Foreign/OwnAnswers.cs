using Microsoft.ML.Data;
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
    public bool IsKey(string output) => KeyType(output) is not null;

    /// <summary>The type of the key values of an output; null if it holds no keys, or none with values.</summary>
    public PrimitiveDataViewType? KeyType(string output) =>
        manifest.Outputs.FirstOrDefault(own => own.Name == output) is { Kind: OutputKind.Key } key
            && RecurrentTask.Find(manifest).LabelOf(manifest, key) is { Values.Length: > 0 } label ? TypeOf(label.Kind) : null;

    private static PrimitiveDataViewType TypeOf(LabelKind kind) => kind switch
    {
        LabelKind.Text => TextDataViewType.Instance,
        LabelKind.Single => NumberDataViewType.Single,
        LabelKind.Double => NumberDataViewType.Double,
        LabelKind.Boolean => BooleanDataViewType.Instance,
        LabelKind.Byte => NumberDataViewType.Byte,
        LabelKind.UInt16 => NumberDataViewType.UInt16,
        LabelKind.UInt32 => NumberDataViewType.UInt32,
        LabelKind.UInt64 => NumberDataViewType.UInt64,
        LabelKind.Int32 => NumberDataViewType.Int32,
        LabelKind.Int64 => NumberDataViewType.Int64,
    };
}
