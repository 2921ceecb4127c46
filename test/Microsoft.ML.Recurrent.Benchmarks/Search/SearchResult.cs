namespace Microsoft.ML.Recurrent.Benchmarks.Search;

/// <summary>What an experiment found on one set.</summary>
/// <param name="Set">The set's name.</param>
/// <param name="Seed">The seed.</param>
/// <param name="Trials">Trials of the experiment.</param>
/// <param name="Validation">The error of the defaults, trial 1, on the validation rows.</param>
/// <param name="BestValidation">That of the best trial.</param>
/// <param name="Error">The error of the defaults, trained on all rows before the selection part, on that part, which no trial has seen.</param>
/// <param name="OwnError">The error of the best trial's own model there.</param>
/// <param name="RefitError">The error of the best trial, trained on all rows before the part.</param>
/// <param name="Best">The best trial.</param>
/// <param name="DefaultSeconds">What trial 1 took.</param>
/// <param name="Seconds">What the experiment took.</param>
/// <param name="Date">The day.</param>
/// <param name="Points">The trials that have an error.</param>
/// <param name="Finalists">The trials of the final.</param>
/// <param name="Reason">Why a trial was chosen, or why the default stays.</param>
internal sealed record SearchResult(string Set, int Seed, int Trials, double Validation, double BestValidation, double Error, double OwnError,
    double RefitError, string Best, double DefaultSeconds, double Seconds, string Date,
    SearchPoint[] Points, SearchFinalist[] Finalists, string Reason);

/// <summary>One trial of the final.</summary>
/// <param name="Trial">Its number.</param>
/// <param name="Ratios">By fold its error over the default's.</param>
/// <param name="RefitError">The error of its options on the selection part, trained on all rows before the part.</param>
internal sealed record SearchFinalist(int Trial, double[] Ratios, double RefitError);

/// <summary>One trial.</summary>
/// <param name="Trial">Its number.</param>
/// <param name="Validation">Its error on the validation rows.</param>
/// <param name="HeldOut">Its best figure on the rows that training held out.</param>
/// <param name="Unseen">The error of its model on the selection part.</param>
internal sealed record SearchPoint(int Trial, double Validation, double HeldOut, double Unseen);
