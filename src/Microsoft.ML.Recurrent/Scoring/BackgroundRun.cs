using System.Runtime.ExceptionServices;
using Microsoft.ML.Recurrent.Data;

namespace Microsoft.ML.Recurrent.Scoring;

/// <summary>
/// Scores a batch on a thread of the pool, or on the thread that waits for it if no other has begun. The batch must not be touched between
/// <see cref="Start"/> and <see cref="Finish"/> or <see cref="Cancel"/>.
/// </summary>
internal sealed class BackgroundRun(GraphScorer scorer, ScoringBatch batch) : IThreadPoolWorkItem, IDisposable
{
    private const int Idle = 0, Waiting = 1, Running = 2;

    private readonly ManualResetEventSlim _finished = new(true);
    private ExceptionDispatchInfo? _error;
    private int _state;

    /// <summary>Offers the batch for scoring.</summary>
    /// <param name="inBackground">Whether a thread of the pool may score it; else only the thread that finishes it.</param>
    public void Start(bool inBackground)
    {
        _error = null;
        _finished.Reset();
        Volatile.Write(ref _state, Waiting);
        if (inBackground) ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    /// <summary>Scores the batch on this thread, unless another thread has begun.</summary>
    public bool TryRun()
    {
        if (Interlocked.CompareExchange(ref _state, Running, Waiting) != Waiting) return false;
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
        return true;
    }

    /// <summary>Waits until the batch is scored, and throws what its run threw.</summary>
    /// <param name="others">Batches to score in the meantime, if this one is being scored by another thread.</param>
    public void Finish(IEnumerable<BackgroundRun> others)
    {
        if (!TryRun())
        {
            foreach (var other in others)
            {
                if (_finished.IsSet) break;
                other.TryRun();
            }
        }
        _finished.Wait();
        _error?.Throw();
    }

    /// <summary>Withdraws the batch, or waits until its run has ended.</summary>
    public void Cancel()
    {
        if (Interlocked.CompareExchange(ref _state, Idle, Waiting) == Waiting) _finished.Set();
        else _finished.Wait();
    }

    // The pool may still hold this from an earlier start: then the batch is scored now, or there is nothing to score.
    void IThreadPoolWorkItem.Execute() => TryRun();

    public void Dispose() => _finished.Dispose();
}
