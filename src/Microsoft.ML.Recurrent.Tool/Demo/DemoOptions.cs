namespace Microsoft.ML.Recurrent.Tool.Demo;

/// <summary>Options of the demo.</summary>
/// <param name="Output">The output folder; created if needed.</param>
/// <param name="MaximumNumberOfEpochs">Maximum number of epochs.</param>
/// <param name="Patience">Early-stopping patience: epochs without a better validation loss.</param>
/// <param name="Seed">Seed of weight initialization and shuffling.</param>
internal sealed record DemoOptions(DirectoryInfo Output, int MaximumNumberOfEpochs, int Patience, int Seed);
