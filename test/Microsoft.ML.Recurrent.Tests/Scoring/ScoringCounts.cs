using System.Runtime.CompilerServices;
using Microsoft.ML.Recurrent.Scoring;

namespace Microsoft.ML.Recurrent.Tests.Scoring;

/// <summary>Sessions in use and runs of graphs, which tests count and the product does not ask for.</summary>
internal static class ScoringCounts
{
    extension(OnnxSessions)
    {
        /// <summary>Leases that are out on the sessions of a graph, whatever their options.</summary>
        public static int Leases(string identity)
        {
            lock (OnnxSessions.Gate) return OnnxSessions.Sessions.Values.Where(session => session.Key.Identity == identity).Sum(session => session.Leases);
        }
    }

    extension(RecurrentTransformer transformer)
    {
        /// <summary>How often the graph ran for this transformer (cursors count when they are closed).</summary>
        public long Runs => Interlocked.Read(ref ClosedRuns(transformer)) + (Volatile.Read(ref Scorer(transformer))?.Runs ?? 0);
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_runs")]
    private static extern ref long ClosedRuns(RecurrentTransformer transformer);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_scorer")]
    private static extern ref GraphScorer? Scorer(RecurrentTransformer transformer);
}
