using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Microsoft.ML.Recurrent.Training.Logging;

/// <summary>Appends lines to a text file. Each line is flushed at once, so that the file can be followed during training.</summary>
internal abstract class TextLogger : TrainingLogger
{
    private readonly StreamWriter _writer;

    protected TextLogger(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (Path.GetDirectoryName(Path.GetFullPath(path)) is { } folder) Directory.CreateDirectory(folder);
        IsNew = !File.Exists(path) || new FileInfo(path).Length == 0;
        _writer = new StreamWriter(new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite), new UTF8Encoding(false)) { NewLine = "\n" };
    }

    /// <summary>Whether the file was empty when opened.</summary>
    protected bool IsNew { get; }

    protected void Write(string text)
    {
        _writer.Write(text);
        _writer.Flush();
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) _writer.Dispose();
    }
}

/// <summary>Comma-separated values in long format, as the set of metrics varies.</summary>
internal sealed class CsvLogger : TextLogger
{
    public CsvLogger(string path)
        : base(path)
    {
        if (IsNew) Write("step,epoch,seconds,name,value\n");
    }

    public override void Log(TrainingLogEntry entry)
    {
        var text = new StringBuilder();
        foreach (var (name, value) in entry.Values)
            text.Append(CultureInfo.InvariantCulture, $"{entry.Step},{entry.Epoch},{entry.Elapsed.TotalSeconds:0.###},{name},{value:R}\n");
        Write(text.ToString());
    }
}

/// <summary>One JSON object per line.</summary>
internal sealed class JsonLinesLogger(string path) : TextLogger(path)
{
    public override void Log(TrainingLogEntry entry)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteNumber("step", entry.Step);
            json.WriteNumber("epoch", entry.Epoch);
            json.WriteNumber("seconds", Math.Round(entry.Elapsed.TotalSeconds, 3));
            foreach (var (name, value) in entry.Values)
            {
                // JSON cannot represent NaN or infinity.
                if (double.IsFinite(value)) json.WriteNumber(name, value);
                else json.WriteNull(name);
            }

            json.WriteEndObject();
        }

        Write(Encoding.UTF8.GetString(buffer.ToArray()) + "\n");
    }
}
