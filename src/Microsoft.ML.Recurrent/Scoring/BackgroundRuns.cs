using System.Collections.Concurrent;

namespace Microsoft.ML.Recurrent.Scoring;

/// <summary>
/// Batches that are scored in the order they are added, by threads of the pool and by the thread that waits for one of them. So a given number of threads is
/// busy, the waiting one included.
/// </summary>
/// <param name="threads">Number of threads that score at once.</param>
/// <param name="oneByOne">Whether a batch needs what those before it leave behind: each is scored after the other, and a second thread reads rows.</param>
internal sealed class BackgroundRuns(int threads, bool oneByOne = false) : IThreadPoolWorkItem
{
    private readonly ConcurrentQueue<BackgroundRun> _waiting = new();
    private readonly Lock _order = new();
    private int _poolThreads;

    /// <summary>Adds a batch.</summary>
    public void Add(BackgroundRun run)
    {
        run.Start();
        _waiting.Enqueue(run);
        Employ();
    }

    /// <summary>Scores batches on this thread until <paramref name="run"/> is scored, and throws what its run threw.</summary>
    public void Finish(BackgroundRun run)
    {
        // The oldest batch waits first: the wanted one, or those after it if another thread has it.
        while (TryRunOldest(run))
        {
        }
        run.Finish();
    }

    void IThreadPoolWorkItem.Execute()
    {
        while (TryRunOldest())
        {
        }
        Interlocked.Decrement(ref _poolThreads);
        // A batch that was added since found this thread still counted.
        if (!_waiting.IsEmpty) Employ();
    }

    private bool TryRunOldest(BackgroundRun? wanted = null)
    {
        if (oneByOne)
        {
            lock (_order) return Run();
        }
        return Run();

        bool Run()
        {
            if (wanted is { IsFinished: true } || !_waiting.TryDequeue(out var oldest)) return false;
            oldest.TryRun();
            return true;
        }
    }

    private void Employ()
    {
        if (Interlocked.Increment(ref _poolThreads) < threads) ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        else Interlocked.Decrement(ref _poolThreads);
    }
}
