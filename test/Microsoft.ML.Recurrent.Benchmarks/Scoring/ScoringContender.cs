using System.Diagnostics;

namespace Microsoft.ML.Recurrent.Benchmarks.Scoring;

/// <summary>One way to score: a call scores a batch.</summary>
internal class ScoringContender(string name, int rowsPerCall, Action call, params IDisposable[] owned) : IDisposable
{
    public string Name => name;

    public int RowsPerCall => rowsPerCall;

    /// <summary>Whether what it allocates can be told.</summary>
    public virtual bool CountsBytes => true;

    /// <summary>Calls it for so long and adds the microseconds of each call to a list.</summary>
    public virtual void Run(double milliseconds, List<double> latencies)
    {
        long start = Stopwatch.GetTimestamp(), end = start + (long)(milliseconds * Stopwatch.Frequency / 1e3), now = start;
        do
        {
            var before = now;
            call();
            now = Stopwatch.GetTimestamp();
            latencies.Add((now - before) * 1e6 / Stopwatch.Frequency);
        }
        while (now < end);
    }

    public void Dispose()
    {
        foreach (var one in owned) one.Dispose();
    }
}
