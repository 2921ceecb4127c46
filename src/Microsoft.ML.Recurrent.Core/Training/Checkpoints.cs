using System.Diagnostics;
using System.Globalization;

namespace Microsoft.ML.Recurrent.Training;

/// <summary>
/// Saves the whole state of a run - weights, averages, optimizer, schedule, random state, position in the data, best weights, history - so that a resumed run
/// gives the same bits as an uninterrupted one.
/// </summary>
internal sealed class Checkpoints
{
    /// <summary>The file name of the checkpoint.</summary>
    public const string FileName = "training.checkpoint";

    private readonly TrainingRun _run;
    private readonly Learner _learner;
    private readonly ICheckpointed[] _parts;
    private readonly string[] _identity;
    private long _last = Stopwatch.GetTimestamp();
    private long _lastStep;

    public Checkpoints(string folder, TrainingRun run, Learner learner, EarlyStopping stopping, long examples)
    {
        Directory.CreateDirectory(folder);
        Path = System.IO.Path.Combine(folder, FileName);
        (_run, _learner) = (run, learner);
        _parts = [run, learner, stopping];
        var settings = run.Settings;
        _identity =
        [
            $"seed {settings.Seed}", $"optimizer {settings.Optimizer}", $"{examples} examples in {run.BatchesPerEpoch} batches",
            string.Create(CultureInfo.InvariantCulture, $"{settings.BatchesPerUpdate} batches an update, weight averaging {settings.EmaDecay}"),
            $"early stopping by {settings.EarlyStoppingMetric}",
            .. run.Network.Parameters.Select(parameter => $"parameter {parameter}{(parameter.Trainable ? "" : ", fixed")}"),
        ];
    }

    public string Path { get; }

    /// <summary>Whether this run has written or resumed its checkpoint.</summary>
    public bool IsWritten { get; private set; }

    /// <summary>Resumes from the checkpoint, if there is one.</summary>
    /// <exception cref="InvalidDataException">The file is damaged, or belongs to another network, data set or seed.</exception>
    public bool Resume()
    {
        if (!File.Exists(Path)) return false;
        CheckpointFile.Read(Path, reader =>
        {
            string[] identity = [.. Enumerable.Range(0, reader.ReadInt32()).Select(_ => reader.ReadString())];
            if (!identity.SequenceEqual(_identity))
            {
                var (there, here) =
                    (identity.Except(_identity).FirstOrDefault() ?? "nothing more", _identity.Except(identity).FirstOrDefault() ?? "nothing more");
                throw new InvalidDataException(
                    $"The checkpoint '{Path}' belongs to another run: it has {there}, this run has {here}. Use another folder, or train without Resume to "
                        + $"start again.");
            }

            foreach (var part in _parts) part.Load(reader, _run);
        });
        _lastStep = _run.Step;
        IsWritten = true;
        return true;
    }

    /// <summary>Writes a checkpoint if one is due.</summary>
    public void BatchEnded()
    {
        if (_learner.HasPending) return;
        if (_run.Step - _lastStep >= (_run.Settings.CheckpointEverySteps ?? long.MaxValue)
            || Stopwatch.GetElapsedTime(_last) >= _run.Settings.CheckpointInterval) Write();
    }

    public void Write()
    {
        if (_learner.HasPending) return;
        CheckpointFile.Write(Path, writer =>
        {
            writer.Write(_identity.Length);
            foreach (var line in _identity) writer.Write(line);
            foreach (var part in _parts) part.Save(writer);
        });
        (_last, _lastStep, IsWritten) = (Stopwatch.GetTimestamp(), _run.Step, true);
    }
}
