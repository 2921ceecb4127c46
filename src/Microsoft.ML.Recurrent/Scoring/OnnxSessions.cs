using System.Diagnostics;
using Microsoft.ML.OnnxRuntime;

namespace Microsoft.ML.Recurrent.Scoring;

/// <summary>
/// The sessions of ONNX Runtime that are alive in this process: one for each graph and options, shared by leases. The session goes when its last lease is
/// returned.
/// </summary>
internal static class OnnxSessions
{
    internal static readonly Dictionary<SessionKey, SharedSession> Sessions = [];
    internal static readonly Lock Gate = new();

    /// <summary>Takes a lease on the session for a graph. <paramref name="identity"/> tells graphs apart: equal ones must hold equal graphs.</summary>
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
            // Outside the gate: making a session takes a while and must hold up nobody who wants another one.
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

        /// <summary>Guarded by the gate.</summary>
        public int Leases { get; set; }

        public InferenceSession Session => _session ?? throw new ObjectDisposedException(nameof(InferenceSession));

        /// <summary>Where the session takes its inputs and leaves its answers.</summary>
        public SessionMemory Memory { get; private set; } = SessionMemory.Host;

        /// <summary>Why the CPU scores in the place of the device asked for; null where it does not.</summary>
        public string? Fallback { get; private set; }

        public void Open(ModelBytes file, bool shapesVary)
        {
            lock (_opening)
            {
                if (_session is not null) return;
                _session = SessionFactory.Create(file, key.Options, shapesVary, out var fallback);
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
            }
        }
    }
}
