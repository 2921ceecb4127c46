using System.Runtime.InteropServices;

namespace Microsoft.ML.Recurrent.Tensors;

/// <summary>Tensors in checkpoints: elements only, as the shapes are known.</summary>
internal static class TensorSerialization
{
    public static void Write(this BinaryWriter writer, Tensor tensor) => writer.Write(MemoryMarshal.AsBytes(tensor.Span));

    public static void Read(this BinaryReader reader, Tensor tensor) => reader.BaseStream.ReadExactly(MemoryMarshal.AsBytes(tensor.Span));
}
