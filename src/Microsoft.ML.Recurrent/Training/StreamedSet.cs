using Microsoft.ML.Recurrent.Networks;

namespace Microsoft.ML.Recurrent.Training;

/// <summary>
/// Examples that are streamed in every epoch, chunk by chunk: each chunk is shuffled and batched separately, and the next one is read meanwhile, so that two
/// are in memory. The order is determined by the seed of the epoch.
/// </summary>
/// <param name="read">Reads the chunks from the start.</param>
/// <param name="counts">Number of examples in each chunk.</param>
internal sealed class StreamedSet(Func<IEnumerable<ITrainingSet>> read, IReadOnlyList<int> counts) : ITrainingSet
{
    public int Count { get; } = checked(counts.Sum());

    public string Unit { get; init; } = "sequences";

    public int? UsualBatchSize { get; init; }

    /// <summary>Whether the batches of a chunk continue one another.</summary>
    public bool CarriesState { get; init; }

    /// <summary>The number of batches of an epoch by their size; null where each chunk has as many as its examples fill.</summary>
    public Func<int, int>? BatchesOf { get; init; }

    public IBatchSource Batches(int size, int? maximumSteps) =>
        new StreamedBatches(read, size, BatchesOf?.Invoke(size) ?? counts.Sum(count => (count + size - 1) / size), Count) { CarriesState = CarriesState };

    private sealed class StreamedBatches(Func<IEnumerable<ITrainingSet>> read, int size, int batches, int count) : IBatchSource, IDisposable
    {
        private ChunkReader? _chunks;
        private IBatchSource? _current;
        private ulong? _seed;

        public long Count => count;

        public int Batches => batches;

        public bool CarriesState { get; init; }

        public void Begin(ulong? seed)
        {
            Dispose();
            (_chunks, _seed) = (new(read), seed);
        }

        public bool Next(SequenceBatch batch)
        {
            while (_chunks is not null)
            {
                if (_current is not null && _current.Next(batch)) return true;
                // The chunk is given up before the next one is waited for.
                _current = null;
                if (_chunks.Next() is not { } chunk)
                {
                    Dispose();
                    break;
                }
                _current = chunk.Batches(size);
                _current.Begin(_seed);
                // The next chunk gets a different order (the odd constant of splitmix64).
                if (_seed is { } key) _seed = unchecked(key + 0x9E3779B97F4A7C15UL);
            }
            return false;
        }

        public void Dispose()
        {
            _chunks?.Dispose();
            (_chunks, _current) = (null, null);
        }
    }
}
