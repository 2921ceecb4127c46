using Microsoft.ML.Recurrent.Training.Logging;

namespace Microsoft.ML.Recurrent;

/// <summary>
/// Where the figures of a training run go, besides the messages in <c>MLContext.Log</c>: a table, JSON lines, TensorBoard, or a class of your own. A logger is
/// given to a trainer's options and serves one run after the other; whoever makes it disposes it.
/// </summary>
public abstract class TrainingLogger : IDisposable
{
    /// <summary>
    /// A table of comma-separated values with the columns step, epoch, seconds, name and value, one row a figure; an existing file is continued.
    /// </summary>
    /// <param name="path">The file; its folder is made if it is not there.</param>
    public static TrainingLogger Csv(string path) => new CsvLogger(path);

    /// <summary>One JSON object a line: <c>{"step":100,"epoch":1,"seconds":2.5,"train/loss":0.7}</c>; an existing file is continued.</summary>
    /// <param name="path">The file; its folder is made if it is not there.</param>
    public static TrainingLogger JsonLines(string path) => new JsonLinesLogger(path);

    /// <summary>A new event file in a folder, to be looked at by <c>tensorboard --logdir FOLDER</c>.</summary>
    /// <param name="folder">The folder; made if it is not there. Give each run a folder of its own to compare them.</param>
    public static TrainingLogger TensorBoard(string folder) => new TensorBoardLogger(folder);

    /// <summary>Takes the figures of one moment.</summary>
    public abstract void Log(TrainingLogEntry entry);

    /// <summary>Writes out what is held back, and closes files.</summary>
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
