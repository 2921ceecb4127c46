using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.ML.Recurrent.Tool.Commands;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Recurrent.Tool.Output;

/// <summary>The messages of a run: warnings to the error output, and all of them to a file, as the options ask.</summary>
internal sealed partial class RunLog : IDisposable
{
    private readonly TextWriter _error;
    private readonly StreamWriter? _file;
    private readonly Lock _gate = new();
    private readonly HashSet<string> _told = [];

    /// <summary>Opens a log.</summary>
    /// <param name="error">The error output.</param>
    /// <param name="verbosity">What is shown there.</param>
    /// <param name="path">The file, which is continued; null for none.</param>
    public RunLog(TextWriter error, Verbosity verbosity, string? path)
    {
        (_error, Verbosity) = (error, verbosity);
        if (path is null) return;
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        _file = new(new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.Read)) { AutoFlush = true };
    }

    /// <summary>How much is shown.</summary>
    public Verbosity Verbosity { get; }

    /// <summary>Receives the messages of a context of ML.NET.</summary>
    public void Attach(MLContext mlContext) => mlContext.Log += (_, message) =>
    {
        Write(IsTold(message) ? Verbosity.Minimal : Verbosity.Diagnostic, $"{message.Kind}: {message.RawMessage}");
    };

    // Warnings of this library have a code; each is told once, though many trials may have it. Others, of the trainers of baselines, are nothing to act on.
    private bool IsTold(LoggingEventArgs message)
    {
        if (message.Kind is not ChannelMessageKind.Warning) return message.Kind is ChannelMessageKind.Error;
        var code = Code().Match(message.RawMessage);
        lock (_gate) return code.Success && _told.Add(code.Value);
    }

    /// <summary>Writes a message to the file, and to the error output from a verbosity on.</summary>
    public void Write(Verbosity from, string message)
    {
        lock (_gate)
        {
            _file?.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{DateTime.UtcNow:yyyy-MM-dd'T'HH:mm:ss.fff'Z'} {message}"));
            if (Verbosity >= from) _error.WriteLine(message);
        }
    }

    public void Dispose() => _file?.Dispose();

    [GeneratedRegex(@"\bMLR\d{4}\b")]
    private static partial Regex Code();
}
