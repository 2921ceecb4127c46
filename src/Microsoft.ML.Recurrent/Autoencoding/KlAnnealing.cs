using Microsoft.ML.Recurrent.Optimizers.Schedules;
using Microsoft.ML.Recurrent.Training;

namespace Microsoft.ML.Recurrent.Autoencoding;

/// <summary>
/// Raises the weight of the divergence from 0 over the first epochs, update by update (Bowman et al. 2016). It follows from the time of the run alone, so a
/// resumed run has the same.
/// </summary>
internal sealed class KlAnnealing : TrainingCallback, ICheckpointed
{
    private readonly AutoencodingHead _head;
    private readonly int _epochs;

    /// <param name="head">The head, whose training begins.</param>
    /// <param name="epochs">Epochs until the whole weight is reached; 0 for no annealing.</param>
    public KlAnnealing(AutoencodingHead head, int epochs)
    {
        (_head, _epochs) = (head, epochs);
        Follow(default);
    }

    public override void BatchEnded(TrainingRun run) => Follow(run.Time);

    public void Save(BinaryWriter writer)
    {
        // The time of the run says it all.
    }

    public void Load(BinaryReader reader, TrainingRun run) => Follow(run.Time);

    public override string ToString() => $"annealing over {_epochs} epochs";

    private void Follow(in ScheduleTime time)
    {
        var epochs = time.StepsPerEpoch > 0 ? (double)time.Step / time.StepsPerEpoch : 0;
        _head.TrainingKlWeight = epochs >= _epochs ? _head.KlWeight : (float)(_head.KlWeight * epochs / _epochs);
    }
}
