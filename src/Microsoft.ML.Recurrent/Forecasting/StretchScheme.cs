using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Layers;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Networks.Inputs;
using Options = Microsoft.ML.Recurrent.RecurrentForecastingEstimator.Options;

namespace Microsoft.ML.Recurrent.Forecasting;

/// <summary>Whether a forecaster can be trained on stretches, and the network that can.</summary>
internal static class StretchScheme
{
    // The default where an epoch of windows has that many steps, and a window so many that encoding it once for its neighbors saves most of them.
    private const double LeastSteps = 5e5;
    private const int LeastWindow = 12;

    // The lengths of averages are these shares of a window. Chosen on validation windows: differences alone hide from the layers where a series is.
    private static readonly int[] s_shares = [16, 4];

    /// <summary>
    /// Whether stretches are the default for a number of training windows: where epochs of windows are long. An initial model is trained on as windows, and so
    /// are series of very different size, whose validation loss is better with windows.
    /// </summary>
    /// <param name="options">The options.</param>
    /// <param name="network">The adapted network.</param>
    /// <param name="windows">The number of training windows.</param>
    public static bool IsUsual(Options options, NetworkDescription network, int windows) => options.Network.Initialization.Model is null
        && !network.RunningScale && Gains(options, network) && options.Input.WindowSize >= LeastWindow
        && (double)windows * options.Input.WindowSize >= LeastSteps;

    // A regression on covariates and attention read the whole window at each position. A decoder comes to no better validation loss than with windows if it is
    // fed the true values to the end, or has no linear skip beside it.
    private static bool Gains(Options options, NetworkDescription network) => options.Decoding.Strategy switch
    {
        ForecastStrategy.EncoderDecoder => network.LinearSkip is not null
            && options.Decoding is { Attention: null, TeacherForcing: null or { LastProbability: < 0.5f } },
        ForecastStrategy.Direct => !(options.RegressesOnCovariates && network.CovariateWidth > 0),
        _ => true,
    };

    /// <summary>
    /// The network for stretches: what its layers read of a step does not depend on the window that the step is in. Where the last value would be subtracted
    /// by default, layers read differences, and lagged values relative to the step's own; where windows would be standardized by default, both are divided by a
    /// running scale.
    /// </summary>
    /// <param name="options">The options.</param>
    /// <param name="network">The network for windows.</param>
    public static NetworkDescription Adapt(Options options, NetworkDescription network)
    {
        if (options.Network.Initialization.Model is { } initial) return network with { CarriesState = initial.Description.CarriesState };
        network = network with { CarriesState = options.Decoding.Stateful };
        // One model of one step reads its own forecasts as it reads the window: nothing of a step may come from elsewhere, and counts are no differences.
        var isRecursive = options.Decoding.Strategy is ForecastStrategy.Recursive;
        if (options.Normalization.Window is null && (network.WindowNormalization is WindowNormalization.LastValue
            || network.WindowNormalization is WindowNormalization.Standard && !isRecursive) && !(isRecursive && options.Likelihood.Create().IsInDataUnit))
        {
            network = network with
            {
                RunningScale = network.WindowNormalization is WindowNormalization.Standard,
                WindowNormalization = WindowNormalization.Difference,
            };
        }
        if (isRecursive) return network;
        if (network is { WindowNormalization: WindowNormalization.Difference, Time: { } time })
            network = network with { RelativeAverages = new([.. s_shares.Select(share => Math.Max(2, time / share)).Distinct()]) };
        return network with { RelativeLags = !network.Lags.IsEmpty && InputNormalization.TakesLast(network.WindowNormalization) };
    }

    /// <summary>The option that stands against stretches and the reason; null if they are possible.</summary>
    /// <param name="options">The options.</param>
    /// <param name="network">The adapted network.</param>
    public static (string Option, string Reason)? Obstacle(Options options, NetworkDescription network)
    {
        if (network.CarriesState && options.Decoding.TrainingScheme is TrainingScheme.Windows)
            return ("Decoding.TrainingScheme", "The initial model carries its states along the series, so it is trained on stretches.");
        if (options.RowsHoldWindows) return ("Input", "Rows that hold windows (WindowInputOptions) have no series to cut stretches from.");
        if (network.CarriesState && options.Input is SeriesInputOptions { TrainingStride: > 1 })
            return ("Input.TrainingStride", "With Decoding.Stateful every row is read, and every row is a position: leave it null.");
        if (options.Decoding.Strategy is ForecastStrategy.Recursive && Recursive(network) is var (recursive, why)) return (recursive, why);
        if (options.Decoding.Stateful && !network.CarriesState)
            return ("Network.Initialization.Model", "The initial model reads windows and does not carry its states.");
        if (options.Network.Regularization.Augmentation is not null)
            return ("Network.Regularization.Augmentation", "Augmentation changes one window at a time.");
        if (!IsRelative(network))
        {
            return options.Network.Initialization.Model is not null
                ? ("Network.Initialization.Model", $"The initial model normalizes each window ({network.WindowNormalization}): all steps of a window, and not "
                    +
                    "only its last one, would change from position to position.")
                : ("Normalization.Window", $"{network.WindowNormalization} changes all steps of a window from position to position. None and Difference do " +
                    "not, nor does any but LastValue with Normalization.Scope = Series.");
        }
        if (network.Layers.Select(Obstacle).FirstOrDefault(reason => reason is not null) is { } layer) return (layer, "A step would see later ones.");
        return network.CarriesState && network.Layers.Select(Stateless).FirstOrDefault(reason => reason is not null) is { } stateless
            ? (stateless, "With Decoding.Stateful a layer must go on from the state of the row before.")
            : null;
    }

    // What a recursive network reads alike in a stretch and of its own forecasts.
    private static (string Option, string Reason)? Recursive(NetworkDescription network)
    {
        if (!network.Lags.IsEmpty && InputNormalization.TakesLast(network.WindowNormalization))
        {
            return ("Input.Features.Lags", "With the strategy Recursive lags are read relative to the last value of the window, which changes from position to "
                +
                "position: set Lags = [], or Normalization.Window = None.");
        }
        return network.Layers.OfType<RecurrentDescription>().Any(layer => layer.InputDropout > 0 || layer.RecurrentDropout > 0)
            ? ("Network.Regularization",
                "With the strategy Recursive one mask of InputDropoutRate and RecurrentDropoutRate holds for a window and its horizon, " +
                "but positions of a stretch share their steps.")
            : null;
    }

    private static bool IsRelative(NetworkDescription network) => network.WindowNormalization switch
    {
        WindowNormalization.None => true,
        WindowNormalization.Difference => network.Lags.IsEmpty || network.RelativeLags,
        WindowNormalization.LastValue => false,
        _ => network.SeriesScaling is not null,
    };

    private static string? Stateless(LayerDescription layer) => layer switch
    {
        RecurrentDescription { Dilation: > 1 } or ConvolutionDescription or SelfAttentionDescription => "Network.Custom",
        _ => null,
    };

    private static string? Obstacle(LayerDescription layer) => layer switch
    {
        RecurrentDescription { Bidirectional: false } or DenseDescription or DropoutDescription or LayerNormDescription or ActivationDescription => null,
        ConvolutionDescription { Padding: ConvolutionPadding.Causal, Stride: 1 } or SelfAttentionDescription { Causal: true } => null,
        PoolingDescription { Pooling: SequencePooling.Last, ReverseAtLastStep: false } => null,
        RecurrentDescription => "Network.Bidirectional",
        PoolingDescription => "Network.Pooling",
        _ => "Network.Custom",
    };
}
