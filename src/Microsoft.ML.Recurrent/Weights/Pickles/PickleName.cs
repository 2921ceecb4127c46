using Microsoft.ML.Recurrent.Weights.Files;

namespace Microsoft.ML.Recurrent.Weights.Pickles;

/// <summary>A name of Python that a pickle mentions. It is never looked up, only compared with the names below.</summary>
internal sealed record PickleName(string Module, string Name)
{
    public static readonly PickleName OrderedDictionary = new("collections", "OrderedDict"), Tensor = new("torch._utils", "_rebuild_tensor_v2"),
        OldTensor = new("torch._utils", "_rebuild_tensor"), Parameter = new("torch._utils", "_rebuild_parameter");

    private static readonly Dictionary<PickleName, NumberType> s_storages = new()
    {
        [new("torch", "DoubleStorage")] = NumberType.Float64, [new("torch", "FloatStorage")] = NumberType.Float32,
        [new("torch", "HalfStorage")] = NumberType.Float16, [new("torch", "BFloat16Storage")] = NumberType.BFloat16,
        [new("torch", "LongStorage")] = NumberType.Int64, [new("torch", "IntStorage")] = NumberType.Int32, [new("torch", "ShortStorage")] = NumberType.Int16,
        [new("torch", "CharStorage")] = NumberType.Int8, [new("torch", "ByteStorage")] = NumberType.UInt8, [new("torch", "BoolStorage")] = NumberType.Boolean,
    };

    /// <summary>The type of the numbers if this is a storage of PyTorch; otherwise null.</summary>
    public NumberType? Storage => s_storages.GetValueOrDefault(this);

    /// <summary>The storage of single-precision numbers, which is written.</summary>
    public static PickleName Floats { get; } = new("torch", "FloatStorage");

    /// <summary>Refuses any name but those of tensors, storages and ordered dictionaries.</summary>
    /// <exception cref="InvalidDataException">It is another name.</exception>
    public void Check()
    {
        if (this == OrderedDictionary || this == Tensor || this == OldTensor || this == Parameter || Storage is not null) return;
        throw new InvalidDataException(
            $"its pickle names '{Module}.{Name}', and only tensors, ordered dictionaries, numbers and texts are read. Save the weights alone in Python: "
                + $"torch.save(model.state_dict(), path), or safetensors.torch.save_file(model.state_dict(), path)");
    }
}
