namespace Microsoft.ML.Recurrent.Training;

/// <summary>One pass over chunks of examples, in order. While one is used, the next is read on a thread of the pool.</summary>
internal sealed class ChunkReader : IDisposable
{
    private readonly IEnumerator<ITrainingSet> _chunks;
    private Task<ITrainingSet?> _ahead;

    public ChunkReader(Func<IEnumerable<ITrainingSet>> read)
    {
        _chunks = read().GetEnumerator();
        _ahead = Task.Run(Read);
    }

    /// <summary>The next chunk; null at the end. Throws what reading it threw.</summary>
    public ITrainingSet? Next()
    {
        var chunk = _ahead.GetAwaiter().GetResult();
        _ahead = chunk is null ? Task.FromResult<ITrainingSet?>(null) : Task.Run(Read);
        return chunk;
    }

    /// <summary>Ends the pass: when it returns, nothing is read any more.</summary>
    public void Dispose()
    {
        // What a chunk that nobody wants threw is of no interest.
        _ahead.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default).Wait();
        _ahead = Task.FromResult<ITrainingSet?>(null);
        _chunks.Dispose();
    }

    private ITrainingSet? Read() => _chunks.MoveNext() ? _chunks.Current : null;
}
