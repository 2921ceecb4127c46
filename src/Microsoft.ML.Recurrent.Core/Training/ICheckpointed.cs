namespace Microsoft.ML.Recurrent.Training;

/// <summary>A part of a training run that is saved in checkpoints. <see cref="Load"/> reads what <see cref="Save"/> writes, in the same order.</summary>
internal interface ICheckpointed
{
    void Save(BinaryWriter writer);

    void Load(BinaryReader reader, TrainingRun run);
}
