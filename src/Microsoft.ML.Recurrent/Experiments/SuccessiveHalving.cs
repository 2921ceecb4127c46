using System.Collections.Immutable;

namespace Microsoft.ML.Recurrent.Experiments;

/// <summary>
/// Asynchronous successive halving (ASHA, Li et al. 2020) in the form that ends trials: at each rung, an epoch, a trial other than the default goes on if it is
/// among the best of those that were there, one in <c>reductionFactor</c>, rounded down, and the best in any case. What counts is the best value up to the
/// rung, which is that of the epoch whose weights are kept. A trial that ended by itself before a rung stands there with its best; one that was ended at a
/// lower rung does not.
/// </summary>
/// <param name="reductionFactor">Eta.</param>
/// <param name="firstRung">The epoch of the first rung.</param>
/// <param name="higherIsBetter">Whether higher values are better.</param>
/// <param name="byNumber">Whether a trial is compared with those of lower numbers alone, for which it waits.</param>
internal sealed class SuccessiveHalving(int reductionFactor, int firstRung, bool higherIsBetter, bool byNumber)
{
    private readonly object _lock = new();
    private readonly SortedDictionary<int, Entry> _trials = [];

    /// <summary>Begins a trial, or one that has been there: with the values of its epochs, and how it ended.</summary>
    public void Begin(TrialResult trial)
    {
        lock (_lock)
        {
            _trials[trial.Trial.Number] = new() { Values = [.. trial.Curve], State = trial.State };
            Monitor.PulseAll(_lock);
        }
    }

    public void End(int trial, TrialState state)
    {
        lock (_lock)
        {
            _trials[trial].State = state;
            Monitor.PulseAll(_lock);
        }
    }

    /// <summary>The values of a trial by epoch.</summary>
    public ImmutableArray<double> Values(int trial)
    {
        lock (_lock) return [.. _trials[trial].Values];
    }

    /// <summary>Keeps the value of an epoch, from 1. A value that is not finite is the worst.</summary>
    public void Record(int trial, int epoch, double value)
    {
        lock (_lock)
        {
            var values = _trials[trial].Values;
            // A trial that goes on from a checkpoint has epochs again.
            while (values.Count < epoch) values.Add(Worst);
            values[epoch - 1] = double.IsFinite(value) ? value : Worst;
            Monitor.PulseAll(_lock);
        }
    }

    /// <summary>Whether a trial goes on after an epoch; between rungs it does. Waits for trials of lower numbers where these count alone.</summary>
    /// <param name="trial">The trial, whose values up to the epoch are there.</param>
    /// <param name="epoch">The epoch.</param>
    /// <param name="reason">Why it does not go on.</param>
    /// <param name="cancellation">Ends waiting: the trial then goes on.</param>
    public bool Continues(int trial, int epoch, out string? reason, CancellationToken cancellation)
    {
        reason = null;
        // The default trial runs to its end.
        if (trial == 1 || !IsRung(epoch)) return true;
        lock (_lock)
        {
            while (byNumber && _trials.Any(other => other.Key < trial && !other.Value.IsAt(epoch)))
            {
                if (cancellation.IsCancellationRequested) return true;
                Monitor.Wait(_lock, TimeSpan.FromMilliseconds(50));
            }
            var own = Best(_trials[trial], epoch);
            double[] others = [.. _trials.Where(other => other.Key != trial && (!byNumber || other.Key < trial) && other.Value.Competes(epoch))
                .Select(other => Best(other.Value, epoch))];
            var better = others.Count(other => higherIsBetter ? other > own : other < own);
            var kept = Math.Max(1, (others.Length + 1) / reductionFactor);
            if (better < kept) return true;
            reason = $"{better} of {others.Length} other trials were better after {epoch} epochs";
            return false;
        }
    }

    /// <summary>Whether a trial that was interrupted had been ended at one of its epochs.</summary>
    public int? EndedAt(int trial, CancellationToken cancellation)
    {
        for (var (epoch, count) = (firstRung, Values(trial).Length); epoch <= count; epoch *= reductionFactor)
        {
            if (!Continues(trial, epoch, out _, cancellation)) return epoch;
        }
        return null;
    }

    private double Worst => higherIsBetter ? double.NegativeInfinity : double.PositiveInfinity;

    private bool IsRung(int epoch)
    {
        var rung = (long)firstRung;
        while (rung < epoch) rung *= reductionFactor;
        return rung == epoch;
    }

    private double Best(Entry entry, int epoch)
    {
        var values = entry.Values.Take(epoch).DefaultIfEmpty(Worst);
        return higherIsBetter ? values.Max() : values.Min();
    }

    private sealed class Entry
    {
        public required List<double> Values { get; init; }

        public TrialState State { get; set; }

        public bool IsAt(int epoch) => State is not TrialState.Running || Values.Count >= epoch;

        // Without values it has nothing to be compared by.
        public bool Competes(int epoch) => Values.Count >= epoch || State is TrialState.Completed && Values.Count > 0;
    }
}
