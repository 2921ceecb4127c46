namespace Microsoft.ML.Recurrent.Workbench.Runs;

/// <summary>
/// The folder of a run. All is written to a folder beside it, and moved there at the end: a run that fails leaves nothing half-written, and one that is killed
/// leaves its trials, from which it can be resumed.
/// </summary>
public sealed class RunFolder : IDisposable
{
    /// <summary>The ending of the folder in which a run writes.</summary>
    public const string PartialSuffix = ".partial";

    /// <summary>The file of the trials.</summary>
    public const string TrialsFile = "trials.db";

    private const string LockFile = "run.lock";

    private FileStream? _lock;

    private RunFolder(string target, string work) => (Target, Work) = (target, work);

    /// <summary>Where the files are at the end.</summary>
    public string Target { get; }

    /// <summary>Where they are written.</summary>
    public string Work { get; }

    /// <summary>Whether a run would write over the files of a folder.</summary>
    /// <param name="folder">The folder.</param>
    /// <exception cref="IOException">There is a file of that name.</exception>
    public static bool IsOccupied(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        if (File.Exists(folder)) throw new IOException($"'{folder}' is a file: name a folder for the output.");
        return Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any();
    }

    /// <summary>The folder in which an interrupted run has left its trials; null if there is none.</summary>
    /// <param name="target">The folder of the run.</param>
    public static string? FindInterrupted(string target)
    {
        var work = WorkOf(target);
        return File.Exists(Path.Combine(work, TrialsFile)) ? work : null;
    }

    /// <summary>Makes the trials of an interrupted or stopped run ready to go on with.</summary>
    /// <param name="target">The folder of the run.</param>
    /// <returns>The folder in which it is written.</returns>
    /// <exception cref="FileNotFoundException">There is no such run.</exception>
    public static string Reopen(string target)
    {
        if (FindInterrupted(target) is { } interrupted) return interrupted;
        if (!File.Exists(Path.Combine(target, TrialsFile)))
            throw new FileNotFoundException($"'{target}' is no folder of a run: neither it nor '{WorkOf(target)}' holds a {TrialsFile}.");
        using var begun = Begin(target);
        var work = begun.Work;
        foreach (var file in Directory.EnumerateFiles(target, "trials.*").Concat(Directory.EnumerateFiles(target, "*.mbconfig")))
            File.Copy(file, Path.Combine(work, Path.GetFileName(file)));
        var trials = Path.Combine(target, Path.GetFileNameWithoutExtension(TrialsFile));
        if (Directory.Exists(trials)) Copy(trials, Path.Combine(work, Path.GetFileName(trials)));
        return work;
    }

    /// <summary>The time from the begin of an interrupted run to its last trial; zero for one that came to its end, whose configuration has it.</summary>
    /// <param name="config">Its configuration, which is written at the begin and at the end.</param>
    public static TimeSpan TimeSince(string config)
    {
        var trials = Path.Combine(Path.GetDirectoryName(config)!, TrialsFile);
        var time = File.GetLastWriteTimeUtc(trials) - File.GetLastWriteTimeUtc(config);
        return time > TimeSpan.Zero ? time : TimeSpan.Zero;
    }

    /// <summary>Begins to write a run.</summary>
    /// <param name="target">Where its files are at the end.</param>
    /// <param name="keepsTrials">Whether the trials of an interrupted run are kept, to go on with them.</param>
    /// <exception cref="IOException">Another run is writing there, or the folder cannot be written.</exception>
    public static RunFolder Begin(string target, bool keepsTrials = false)
    {
        var folder = new RunFolder(Path.TrimEndingDirectorySeparator(Path.GetFullPath(target)), WorkOf(target));
        Directory.CreateDirectory(folder.Work);
        folder.Lock();
        if (!keepsTrials) folder.Clear();
        return folder;
    }

    // Two runs at once would delete each other's files.
    private void Lock()
    {
        try
        {
            _lock = new FileStream(this[LockFile], FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose);
        }
        catch (IOException error) when (File.Exists(this[LockFile]))
        {
            throw new IOException($"Another run is writing '{Work}': wait until it ends, or name another folder by --output.", error);
        }
    }

    private void Clear()
    {
        foreach (var folder in Directory.EnumerateDirectories(Work)) Directory.Delete(folder, recursive: true);
        foreach (var file in Directory.EnumerateFiles(Work))
            if (Path.GetFileName(file) != LockFile) File.Delete(file);
    }

    /// <summary>Lets other runs write there.</summary>
    public void Dispose()
    {
        _lock?.Dispose();
        _lock = null;
    }

    /// <summary>The path of a file while it is written.</summary>
    /// <param name="name">Its name.</param>
    public string this[string name] => Path.Combine(Work, name);

    /// <summary>Moves all to the target. Files of the same names are replaced there, and others stay.</summary>
    public void Commit()
    {
        Dispose();
        if (!Directory.Exists(Target)) Directory.Move(Work, Target);
        else
        {
            Move(Work, Target);
            Directory.Delete(Work, recursive: true);
        }
    }

    /// <summary>Deletes what was written.</summary>
    public void Discard()
    {
        Dispose();
        if (Directory.Exists(Work)) Directory.Delete(Work, recursive: true);
    }

    private static string WorkOf(string target) => Path.TrimEndingDirectorySeparator(Path.GetFullPath(target)) + PartialSuffix;

    private static void Copy(string from, string to)
    {
        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
    }

    private static void Move(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var file in Directory.EnumerateFiles(from)) File.Move(file, Path.Combine(to, Path.GetFileName(file)), overwrite: true);
        foreach (var folder in Directory.EnumerateDirectories(from)) Move(folder, Path.Combine(to, Path.GetFileName(folder)));
    }
}
