using System.Collections.Concurrent;

namespace Microsoft.ML.Recurrent.Scoring;

/// <summary>
/// Batches that are scored in the order they are added, by threads of the pool and by the thread that waits for one of them. So a given number of threads is
/// busy, the waiting one included.
/// </summary>
/// <param name="threads">Number of threads that score at once.</param>
internal sealed class BackgroundRuns(int threads) : IThreadPoolWorkItem
{
    private readonly ConcurrentQueue<BackgroundRun> _waiting = new();
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
        while (!run.IsFinished && _waiting.TryDequeue(out var oldest)) oldest.TryRun();
        run.Finish();
    }

    void IThreadPoolWorkItem.Execute()
    {
        while (_waiting.TryDequeue(out var run)) run.TryRun();
        Interlocked.Decrement(ref _poolThreads);
        // A batch that was added since found this thread still counted.
        if (!_waiting.IsEmpty) Employ();
    }

    private void Employ()
    {
        if (Interlocked.Increment(ref _poolThreads) < threads) ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        else Interlocked.Decrement(ref _poolThreads);
    }
}
