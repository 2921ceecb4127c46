namespace Microsoft.ML.Recurrent.Benchmarks.Accuracy;

/// <summary>One epoch: seconds since the call of Fit, seconds since training began, and the losses.</summary>
internal sealed record EpochFigures(double Fit, double Training, double Loss, double ValidationLoss);

/// <summary>One run.</summary>
/// <param name="Set">The set's name.</param>
/// <param name="Seed">The seed.</param>
/// <param name="Seconds">Seconds that Fit took.</param>
/// <param name="Epochs">The epochs.</param>
/// <param name="BestEpoch">The epoch whose weights were kept, from 1.</param>
/// <param name="Metric">What the error is.</param>
/// <param name="TestError">The error of the test part.</param>
/// <param name="ValidationError">The same error of the validation part, by the kept weights; null if the trainer has held it out itself.</param>
/// <param name="PeakMiB">The largest resident memory until the end of Fit, in MiB.</param>
/// <param name="ScoringSeconds">Seconds that Transform took for the test rows.</param>
internal sealed record RunFigures(string Set, int Seed, double Seconds, IReadOnlyList<EpochFigures> Epochs, int BestEpoch, string Metric, double TestError,
    double? ValidationError, double PeakMiB, double ScoringSeconds);
