namespace Microsoft.ML.Recurrent.Tool.Demo;

/// <summary>What the demo is asked to do.</summary>
/// <param name="Output">The folder of its files; it is made where it is not there.</param>
/// <param name="MaximumNumberOfEpochs">Epochs at the most.</param>
/// <param name="Patience">Epochs without a better validation loss after which training stops.</param>
/// <param name="Seed">Seed of the weights and of the order of the examples.</param>
internal sealed record DemoOptions(DirectoryInfo Output, int MaximumNumberOfEpochs, int Patience, int Seed);
