using System.Diagnostics;
using Microsoft.ML.OnnxRuntime;

namespace Microsoft.ML.Recurrent.Scoring;

/// <summary>
/// The live ONNX Runtime sessions of this process: one per graph and options, shared by leases. A session is disposed when its last lease is released.
/// </summary>
internal static class OnnxSessions
{
    internal static readonly Dictionary<SessionKey, SharedSession> Sessions = [];
    internal static readonly Lock Gate = new();

    /// <summary>Takes a lease on the session for a graph. <paramref name="identity"/> identifies the graph: equal identities must mean equal graphs.</summary>
    public static SessionLease Lease(string identity, ModelBytes file, bool shapesVary, ScoringOptions options)
    {
        var key = new SessionKey(identity, options with { BatchSize = ScoringOptions.DefaultBatchSize });
        SharedSession? shared;
        lock (Gate)
        {
            if (!Sessions.TryGetValue(key, out shared)) Sessions.Add(key, shared = new(key));
            shared.Leases++;
        }
        try
        {
            // Outside the lock: creating a session is slow and must not block requests for others.
            shared.Open(file, shapesVary);
            return new(shared);
        }
        catch
        {
            Return(shared);
            throw;
        }
    }

    internal static void Return(SharedSession shared)
    {
        lock (Gate)
        {
            Debug.Assert(shared.Leases > 0);
            if (--shared.Leases > 0) return;
            Sessions.Remove(shared.Key);
        }
        shared.Close();
    }

    internal readonly record struct SessionKey(string Identity, ScoringOptions Options);

    /// <summary>One session and the number of its leases.</summary>
    internal sealed class SharedSession(SessionKey key)
    {
        private readonly Lock _opening = new();
        private InferenceSession? _session;

        public SessionKey Key => key;

        /// <summary>Guarded by the lock.</summary>
        public int Leases { get; set; }

        public InferenceSession Session => _session ?? throw new ObjectDisposedException(nameof(InferenceSession));

        /// <summary>What the runtime wrote to the log of the session.</summary>
        public RuntimeLog Log { get; } = new();

        /// <summary>The memory of the session's inputs and outputs.</summary>
        public SessionMemory Memory { get; private set; } = SessionMemory.Host;

        /// <summary>Why the CPU replaces the requested device; null if it does not.</summary>
        public string? Fallback { get; private set; }

        public void Open(ModelBytes file, bool shapesVary)
        {
            lock (_opening)
            {
                if (_session is not null) return;
                _session = SessionFactory.Create(file, key.Options, shapesVary, Log, out var fallback);
                Fallback = fallback;
                if (key.Options.GpuDeviceId is not null && fallback is null) Memory = SessionMemory.OnDevice(_session);
            }
        }

        public void Close()
        {
            lock (_opening)
            {
                Memory.Dispose();
                _session?.Dispose();
                _session = null;
                Log.Dispose();
            }
        }
    }
}
