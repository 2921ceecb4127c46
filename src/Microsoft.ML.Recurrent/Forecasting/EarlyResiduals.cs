using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Tensors;
using Microsoft.ML.Recurrent.Training;

namespace Microsoft.ML.Recurrent.Forecasting;

/// <summary>
/// The residuals of a point forecaster after the first epoch. The training windows, of all seasons, are not learned by heart by then, so their residuals show
/// where errors are large, as those of held-out windows would: the scale of the bounds is learned from them, and they are calibrated on too
/// (<see cref="ConformalCalibration"/>). It costs no data and no further fit.
/// </summary>
/// <param name="network">The network.</param>
/// <param name="head">Its head.</param>
/// <param name="held">The validation windows.</param>
/// <param name="train">The training windows.</param>
/// <param name="level">The level of the bounds.</param>
/// <param name="encode">Gives windows what a network that carries its states reads before them.</param>
internal sealed class EarlyResiduals(Network network, ForecastHead head, ExampleSet held, ExampleSet train, float level,
    Func<ExampleSet, ExampleSet> encode) : TrainingCallback, ICheckpointed
{
    /// <summary>The quantiles of the training windows; null before the end of the first epoch.</summary>
    public ScoreQuantiles? Learned { get; private set; }

    /// <summary>Those of the validation windows.</summary>
    public ScoreQuantiles? Held { get; private set; }

    public override void EpochEnded(TrainingRun run)
    {
        if (Learned is not null) return;
        var (heldNow, trainNow) = (encode(held), encode(train));
        head.BeginCalibration(network, heldNow, trainNow);
        Held = ConformalCalibration.Quantiles(network, head, heldNow, level);
        Learned = ConformalCalibration.Quantiles(network, head, trainNow.Subsample(ConformalCalibration.MostTrainingWindows), level);
    }

    public void Save(BinaryWriter writer)
    {
        writer.Write(Learned is not null);
        if (Learned is null) return;
        foreach (var value in (float[])[.. Learned.Values, .. Held!.Values]) writer.Write(value);
        foreach (var parameter in head.Parameters) writer.Write(parameter.Value);
    }

    public void Load(BinaryReader reader, TrainingRun run)
    {
        if (!reader.ReadBoolean()) return;
        (Learned, Held) = (Read(), Read());
        foreach (var parameter in head.Parameters) reader.Read(parameter.Value);

        ScoreQuantiles Read()
        {
            var values = new float[(ResidualQuantiles.Levels.Length + 1) * head.Steps];
            for (var i = 0; i < values.Length; i++) values[i] = reader.ReadSingle();
            return new(values, head.Steps);
        }
    }

    /// <inheritdoc/>
    public override string ToString() => $"residuals of the first epoch at the level {level}";
}
