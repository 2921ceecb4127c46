using System.Collections.Immutable;

namespace Microsoft.ML.Recurrent;

/// <summary>The final of an experiment: its best trials and the default, trained on each fold of <see cref="ExperimentOptions.Folds"/>.</summary>
/// <param name="Folds">The names of the folds.</param>
/// <param name="Finalists">The trials that were compared with the default, the best on the validation rows first; none where no final took place.</param>
/// <param name="Reason">Why a trial was chosen, or why the default stays, as a sentence.</param>
public sealed record ExperimentFinal(ImmutableArray<string> Folds, ImmutableArray<Finalist> Finalists, string Reason);
