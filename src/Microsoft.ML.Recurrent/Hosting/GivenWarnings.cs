using Microsoft.ML.Runtime;

namespace Microsoft.ML.Recurrent.Hosting;

/// <summary>
/// Gives the warnings of one run: each code once. A run that contains others, such as a back-test with its fits, is begun by <see cref="Begin"/>: what it has
/// warned of, the runs within do not repeat.
/// <code>
/// using var warnings = GivenWarnings.Begin();
/// warnings.Give(channel, WarningCode.DuplicateTimes, "2 of 102 rows ...");
/// </code>
/// </summary>
internal sealed class GivenWarnings : IDisposable
{
    private static readonly AsyncLocal<GivenWarnings?> s_current = new();

    private readonly GivenWarnings? _outer;
    private readonly HashSet<string> _codes;
    private readonly Lock _gate = new();

    private GivenWarnings(GivenWarnings? outer)
    {
        _outer = outer;
        _codes = outer is null ? [] : outer.Codes();
    }

    /// <summary>The warnings of the run that contains the caller; a new list outside of any.</summary>
    public static GivenWarnings Current => s_current.Value ?? new(null);

    /// <summary>Begins a run, up to its disposal, in this flow of control. A run within another one begins with the codes that were given before it.</summary>
    public static GivenWarnings Begin() => s_current.Value = new(s_current.Value);

    /// <summary>Sends a warning to the channel, unless one of this code was sent in this run.</summary>
    /// <param name="channel">The channel, shown by <c>MLContext.Log</c>.</param>
    /// <param name="code">One of <see cref="WarningCode"/>.</param>
    /// <param name="message">What was seen, with figures, and what to do.</param>
    /// <param name="sensitivity">What of the user the message holds.</param>
    public void Give(IChannel channel, string code, string message, MessageSensitivity sensitivity = MessageSensitivity.Schema | MessageSensitivity.UserData)
    {
        lock (_gate)
        {
            if (!_codes.Add(code)) return;
        }
        channel.Warning(sensitivity, $"{code}: {message}");
    }

    public void Dispose() => s_current.Value = _outer;

    private HashSet<string> Codes()
    {
        lock (_gate) return [.. _codes];
    }
}
