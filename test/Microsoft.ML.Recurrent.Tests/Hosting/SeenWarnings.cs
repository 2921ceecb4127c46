using Microsoft.ML.Runtime;

namespace Microsoft.ML.Recurrent.Tests.Hosting;

/// <summary>The warnings that a context logs, as they were written, with those of ML.NET itself left out.</summary>
internal sealed class SeenWarnings : IDisposable
{
    private readonly MLContext _context;
    private readonly List<string> _messages = [];

    public SeenWarnings(MLContext context)
    {
        _context = context;
        _context.Log += Add;
    }

    public string[] Messages
    {
        get
        {
            lock (_messages) return [.. _messages];
        }
    }

    /// <summary>The codes, in the order in which they came.</summary>
    public string[] Codes => [.. Messages.Select(message => message[..7])];

    public void Dispose() => _context.Log -= Add;

    private void Add(object? sender, LoggingEventArgs line)
    {
        if (line.Kind is not ChannelMessageKind.Warning || !line.RawMessage.StartsWith("MLR", StringComparison.Ordinal)) return;
        lock (_messages) _messages.Add(line.RawMessage);
    }
}
