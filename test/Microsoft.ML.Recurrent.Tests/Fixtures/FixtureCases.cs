namespace Microsoft.ML.Recurrent.Tests.Fixtures;

/// <summary>The models of the fixtures, by the options of the version that the tests are built with.</summary>
internal static partial class FixtureCases
{
    /// <summary>All of them.</summary>
    public static FixtureCase[] All { get; } = [.. Forecasters(), .. Sequences(), .. Texts()];

    /// <summary>The one of a name.</summary>
    public static FixtureCase Find(string name) => All.Single(other => other.Name == name);

    // Small, quick and the same on every machine; a model that is trained further stays where it is.
    private static TOptions Small<TOptions>(TOptions options, RecurrentModel? initial, int epochs = 8)
        where TOptions : RecurrentTrainerOptions
    {
        (options.Network.HiddenSize, options.Stopping.MaximumNumberOfEpochs, options.Seed, options.NumberOfThreads, options.Optimizer.LearningRate) =
            (6, epochs, 3, 1, 1e-2f);
        if (initial is not null)
            (options.Network.Initialization.Model, options.Stopping.MaximumNumberOfEpochs, options.Optimizer.LearningRate) = (initial, 1, 1e-12f);
        return options;
    }
}
