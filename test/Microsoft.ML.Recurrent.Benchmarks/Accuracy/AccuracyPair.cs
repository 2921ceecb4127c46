using System.Globalization;
using Microsoft.ML.Recurrent.Benchmarks.Accuracy;

namespace Microsoft.ML.Recurrent.Benchmarks;

/// <summary>The runs of both builds with the same set and seed.</summary>
internal sealed record AccuracyPair(RunFigures Before, RunFigures Now)
{
    /// <summary>The best validation loss of the earlier build.</summary>
    public double LossBefore => Best(Before).ValidationLoss;

    /// <summary>The best validation loss of this tree.</summary>
    public double LossNow => Best(Now).ValidationLoss;

    /// <summary>Seconds from the call of Fit until the earlier build had its best validation loss.</summary>
    public double SecondsBefore => Best(Before).Fit;

    /// <summary>Seconds from the call of Fit until this tree had a validation loss as good; null if it never had.</summary>
    public double? SecondsNow => Now.Epochs.FirstOrDefault(epoch => epoch.ValidationLoss <= LossBefore)?.Fit;

    /// <summary>The second time as a share of the first; NaN if this tree never came so far.</summary>
    public double Share => (SecondsNow ?? double.NaN) / SecondsBefore;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{Before.Set}, seed {Before.Seed}: {SecondsBefore:F2} s to {LossBefore:G5} before, {SecondsNow:F2} s now (best {LossNow:G5}); "
            + $"all of it {Before.ValidationError:G5} before, {Now.ValidationError:G5} now; "
            + $"test {Before.TestError:G5} before, {Now.TestError:G5} now; {Before.PeakMiB:F0} and {Now.PeakMiB:F0} MiB");

    private static EpochFigures Best(RunFigures run) => run.Epochs.MinBy(epoch => epoch.ValidationLoss)!;
}
