using Microsoft.ML.OnnxRuntime;

namespace Microsoft.ML.Recurrent.Scoring;

/// <summary>
/// A share in a session. Disposing it, or losing it to the garbage collector, returns it; the session stays as long as another lease is out, or a run under
/// this one goes on.
/// </summary>
internal sealed class SessionLease(OnnxSessions.SharedSession shared) : IDisposable
{
    private OnnxSessions.SharedSession? _shared = shared;

    // Twice the number of runs that go on, plus 1 once disposed.
    private int _state;

    ~SessionLease() => Return();

    /// <summary>The session, for as long as the caller has entered.</summary>
    public InferenceSession Session { get; } = shared.Session;

    /// <summary>Where the session takes its inputs and leaves its answers.</summary>
    public SessionMemory Memory { get; } = shared.Memory;

    /// <summary>Why the CPU scores in the place of the device asked for; null where it does not.</summary>
    public string? Fallback { get; } = shared.Fallback;

    /// <summary>Begins a run; false once the lease is disposed.</summary>
    public bool TryEnter()
    {
        int state = Volatile.Read(ref _state);
        while ((state & 1) == 0)
        {
            int seen = Interlocked.CompareExchange(ref _state, state + 2, state);
            if (seen == state) return true;
            state = seen;
        }
        return false;
    }

    /// <summary>Ends a run.</summary>
    public void Exit()
    {
        if (Interlocked.Add(ref _state, -2) == 1) Return();
    }

    public void Dispose()
    {
        if (Interlocked.Or(ref _state, 1) == 0) Return();
        GC.SuppressFinalize(this);
    }

    private void Return()
    {
        var shared = Interlocked.Exchange(ref _shared, null);
        if (shared is not null) OnnxSessions.Return(shared);
    }
}
