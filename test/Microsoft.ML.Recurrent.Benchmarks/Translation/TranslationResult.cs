namespace Microsoft.ML.Recurrent.Benchmarks.Translation;

/// <summary>One training run of one side and its translations of the test part.</summary>
/// <param name="Name">The side.</param>
/// <param name="Seed">The seed.</param>
/// <param name="ValidationLosses">Nats a token of the validation part after each epoch.</param>
/// <param name="TrainingSeconds">Seconds of training, validation not included.</param>
/// <param name="Greedy">BLEU of the most likely tokens.</param>
/// <param name="Beam">BLEU of the beam search.</param>
/// <param name="GreedySpeed">Sentences a second of the former.</param>
/// <param name="BeamSpeed">Sentences a second of the latter.</param>
/// <param name="PeakMiB">The largest resident memory of the process.</param>
internal sealed record TranslationResult(string Name, int Seed, IReadOnlyList<double> ValidationLosses, double TrainingSeconds, double Greedy, double Beam,
    double GreedySpeed, double BeamSpeed, double PeakMiB);
