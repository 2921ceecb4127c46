using System.Runtime.InteropServices;
using Microsoft.ML.Recurrent.Tensors;

namespace Microsoft.ML.Recurrent.Training;

/// <summary>A part of a training run that a checkpoint keeps. What <see cref="Save"/> writes <see cref="Load"/> reads, in the same order.</summary>
internal interface ICheckpointed
{
    void Save(BinaryWriter writer);

    void Load(BinaryReader reader, TrainingRun run);
}

/// <summary>Tensors in checkpoints: the elements alone, since the shapes are known.</summary>
internal static class CheckpointTensors
{
    public static void Write(this BinaryWriter writer, Tensor tensor) => writer.Write(MemoryMarshal.AsBytes(tensor.Span));

    public static void Read(this BinaryReader reader, Tensor tensor) => reader.BaseStream.ReadExactly(MemoryMarshal.AsBytes(tensor.Span));
}
