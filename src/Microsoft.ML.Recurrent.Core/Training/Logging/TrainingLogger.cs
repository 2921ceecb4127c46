using Microsoft.ML.Recurrent.Training.Logging;

namespace Microsoft.ML.Recurrent;

/// <summary>
/// A destination for the metrics of a training run, in addition to the messages in <c>MLContext.Log</c>: CSV, JSON lines, TensorBoard, or a custom class. Set
/// it in the options of a trainer. A logger can serve several runs in succession; its creator disposes it.
/// </summary>
public abstract class TrainingLogger : IDisposable
{
    /// <summary>Comma-separated values with the columns step, epoch, seconds, name and value, one row per metric; appends to an existing file.</summary>
    /// <param name="path">The file; its folder is created if needed.</param>
    public static TrainingLogger Csv(string path) => new CsvLogger(path);

    /// <summary>One JSON object per line: <c>{"step":100,"epoch":1,"seconds":2.5,"train/loss":0.7}</c>; appends to an existing file.</summary>
    /// <param name="path">The file; its folder is created if needed.</param>
    public static TrainingLogger JsonLines(string path) => new JsonLinesLogger(path);

    /// <summary>A new event file in a folder, for <c>tensorboard --logdir FOLDER</c>.</summary>
    /// <param name="folder">The folder; created if needed. Use one folder per run to compare runs.</param>
    public static TrainingLogger TensorBoard(string folder) => new TensorBoardLogger(folder);

    /// <summary>Logs one entry.</summary>
    public abstract void Log(TrainingLogEntry entry);

    /// <summary>Flushes and closes files.</summary>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Closes files.</summary>
    protected virtual void Dispose(bool disposing)
    {
    }
}
