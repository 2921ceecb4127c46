using Microsoft.ML.OnnxRuntime;

namespace Microsoft.ML.Recurrent.Scoring;

/// <summary>A lease on a session. Disposal or finalization releases it; the session lives until no lease is left and no run is active.</summary>
internal sealed class SessionLease(OnnxSessions.SharedSession shared) : IDisposable
{
    private OnnxSessions.SharedSession? _shared = shared;

    // Twice the number of active runs, plus 1 once disposed.
    private int _state;

    ~SessionLease() => Return();

    /// <summary>The session, valid between enter and exit.</summary>
    public InferenceSession Session { get; } = shared.Session;

    /// <summary>The memory of the session's inputs and outputs.</summary>
    public SessionMemory Memory { get; } = shared.Memory;

    /// <summary>What the runtime wrote to the log of the session.</summary>
    public RuntimeLog Log { get; } = shared.Log;

    /// <summary>Why the CPU replaces the requested device; null if it does not.</summary>
    public string? Fallback { get; } = shared.Fallback;

    /// <summary>Begins a run; false once the lease is disposed.</summary>
    public bool TryEnter()
    {
        var state = Volatile.Read(ref _state);
        while ((state & 1) == 0)
        {
            var seen = Interlocked.CompareExchange(ref _state, state + 2, state);
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
