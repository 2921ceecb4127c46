using System.Diagnostics;
using System.Globalization;

namespace Microsoft.ML.Recurrent.Training;

/// <summary>
/// Saves the whole state of a run - weights, averages, optimizer, schedule, random state, position in the data, best weights, history - so that a resumed run
/// gives the same bits as an uninterrupted one.
/// </summary>
internal sealed class Checkpoints : IDisposable
{
    /// <summary>The file name of the checkpoint.</summary>
    public const string FileName = "training.checkpoint";

    /// <summary>The file that a run holds open while it uses the folder.</summary>
    public const string LockName = "training.lock";

    // What a file that another process holds gives: ERROR_SHARING_VIOLATION, EWOULDBLOCK of Linux and of macOS.
    private static readonly int[] s_inUse = [unchecked((int)0x80070020), 11, 35];

    private readonly TrainingRun _run;
    private readonly Learner _learner;
    private readonly ICheckpointed[] _parts;
    private readonly string[] _identity;
    private readonly Action<string>? _warning;
    private readonly FileStream? _lock;
    private long _last = Stopwatch.GetTimestamp();
    private long _lastStep;

    /// <param name="folder">The folder, which is created.</param>
    /// <param name="run">The run.</param>
    /// <param name="learner">Its learner.</param>
    /// <param name="stopping">Its early stopping.</param>
    /// <param name="examples">Training examples.</param>
    /// <param name="more">What else is saved.</param>
    /// <param name="warning">Receives why a checkpoint could not be written.</param>
    /// <exception cref="InvalidOperationException">Another run uses the folder.</exception>
    public Checkpoints(string folder, TrainingRun run, Learner learner, EarlyStopping stopping, long examples, ICheckpointed[] more,
        Action<string>? warning)
    {
        Path = System.IO.Path.Combine(folder, FileName);
        _warning = warning;
        try
        {
            Directory.CreateDirectory(folder);
            _lock = new(System.IO.Path.Combine(folder, LockName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose);
        }
        catch (IOException error) when (s_inUse.Contains(error.HResult))
        {
            throw new InvalidOperationException($"Another run writes its checkpoints to the folder '{folder}' (Checkpoints.Folder): give each run a folder of "
                + "its own, or wait until that run has ended.", error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            Warn(error);
        }
        (_run, _learner) = (run, learner);
        _parts = [run, learner, stopping, .. more];
        var settings = run.Settings;
        _identity =
        [
            $"seed {settings.Seed}", $"optimizer {settings.Optimizer}", Size(examples, run.BatchesPerEpoch),
            string.Create(CultureInfo.InvariantCulture, $"{settings.BatchesPerUpdate} batches an update, weight averaging {settings.EmaDecay}"),
            $"early stopping by {settings.EarlyStoppingMetric}",
            .. more.Select(part => part.ToString()!),
            .. run.Network.Parameters.Select(parameter => $"parameter {parameter}{(parameter.Trainable ? "" : ", fixed")}"),
        ];
    }

    public string Path { get; }

    /// <summary>Whether this run has written or resumed its checkpoint.</summary>
    public bool IsWritten { get; private set; }

    /// <summary>Whether a folder holds a checkpoint of a run whose epochs have so many examples in so many batches.</summary>
    /// <exception cref="InvalidDataException">The file is damaged.</exception>
    public static bool Holds(string folder, long examples, int batches)
    {
        var (path, holds) = (System.IO.Path.Combine(folder, FileName), false);
        if (File.Exists(path)) CheckpointFile.Read(path, reader => holds = ReadIdentity(reader).Contains(Size(examples, batches)));
        return holds;
    }

    /// <summary>Resumes from the checkpoint, if there is one.</summary>
    /// <exception cref="InvalidDataException">The file is damaged, or belongs to another network, data set or seed.</exception>
    public bool Resume()
    {
        if (!File.Exists(Path)) return false;
        CheckpointFile.Read(Path, reader =>
        {
            var identity = ReadIdentity(reader);
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
        try
        {
            CheckpointFile.Write(Path, writer =>
            {
                writer.Write(_identity.Length);
                foreach (var line in _identity) writer.Write(line);
                foreach (var part in _parts) part.Save(writer);
            });
            IsWritten = true;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // A full disk must not cost the network that is being trained. The next checkpoint is tried at its time.
            Warn(error);
        }
        (_last, _lastStep) = (Stopwatch.GetTimestamp(), _run.Step);
    }

    public void Dispose() => _lock?.Dispose();

    private static string Size(long examples, int batches) => string.Create(CultureInfo.InvariantCulture, $"{examples} examples in {batches} batches");

    private static string[] ReadIdentity(BinaryReader reader) => [.. Enumerable.Range(0, reader.ReadInt32()).Select(_ => reader.ReadString())];

    private void Warn(Exception error) =>
        _warning?.Invoke($"The checkpoint '{Path}' could not be written: {error.Message} Training goes on without it; what was written before is intact.");
}
