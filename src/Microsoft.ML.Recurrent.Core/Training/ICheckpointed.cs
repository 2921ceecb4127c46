namespace Microsoft.ML.Recurrent.Training;

/// <summary>A part of a training run that a checkpoint keeps. What <see cref="Save"/> writes <see cref="Load"/> reads, in the same order.</summary>
internal interface ICheckpointed
{
    void Save(BinaryWriter writer);

    void Load(BinaryReader reader, TrainingRun run);
}
