using System.Runtime.ExceptionServices;
using Microsoft.ML.Recurrent.Data;

namespace Microsoft.ML.Recurrent.Scoring;

/// <summary>
/// One run of a batch, on the first thread that takes it. The batch must not be touched between <see cref="Start"/> and <see cref="Finish"/> or
/// <see cref="Dispose"/>.
/// </summary>
internal sealed class BackgroundRun(IBatchScorer scorer, ScoringBatch batch) : IDisposable
{
    private const int Idle = 0, Waiting = 1, Running = 2;

    private readonly ManualResetEventSlim _finished = new(true);
    private ExceptionDispatchInfo? _error;
    private int _state;

    public bool IsFinished => _finished.IsSet;

    /// <summary>Lets a thread take the batch.</summary>
    public void Start()
    {
        _error = null;
        _finished.Reset();
        Volatile.Write(ref _state, Waiting);
    }

    /// <summary>Scores the batch on this thread, unless another has taken it.</summary>
    public void TryRun()
    {
        if (Interlocked.CompareExchange(ref _state, Running, Waiting) != Waiting) return;
        try
        {
            scorer.Run(batch);
        }
        catch (Exception error)
        {
            _error = ExceptionDispatchInfo.Capture(error);
        }
        Volatile.Write(ref _state, Idle);
        _finished.Set();
    }

    /// <summary>Waits for the thread that took the batch, and throws what its run threw.</summary>
    public void Finish()
    {
        _finished.Wait();
        _error?.Throw();
    }

    /// <summary>Withdraws the batch, or waits until its run has ended.</summary>
    public void Dispose()
    {
        if (Interlocked.CompareExchange(ref _state, Idle, Waiting) != Waiting) _finished.Wait();
        _finished.Dispose();
    }
}
