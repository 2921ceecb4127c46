namespace Microsoft.ML.Recurrent;

/// <summary>Keeps trials and the best model in memory: an experiment can be resumed in the same process.</summary>
public sealed class InMemoryTrialStore : TrialStore
{
    private readonly Lock _lock = new();
    private readonly SortedDictionary<int, TrialResult> _trials = [];
    private string? _experiment;
    private (int Trial, ITransformer Model)? _best;

    /// <inheritdoc/>
    public override IReadOnlyList<TrialResult> Begin(string experiment)
    {
        lock (_lock)
        {
            _experiment ??= experiment;
            return _experiment == experiment ? [.. _trials.Values] : throw Foreign("The store", _experiment, experiment);
        }
    }

    /// <inheritdoc/>
    public override void Save(TrialResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        lock (_lock) _trials[result.Trial.Number] = result;
    }

    /// <inheritdoc/>
    public override void SaveModel(int trial, ITransformer model, DataViewSchema schema)
    {
        lock (_lock) _best = (trial, model);
    }

    /// <inheritdoc/>
    public override ITransformer? LoadModel(int trial)
    {
        lock (_lock) return _best is var (number, model) && number == trial ? model : null;
    }
}
