using Microsoft.ML.Recurrent.Layers;

namespace Microsoft.ML.Recurrent;

/// <summary>How the steps of the horizon are forecast from the states of the recurrent layers.</summary>
public sealed class DecodingOptions : IOptionGroup
{
    /// <summary>
    /// All steps of the horizon at once, or one after the other, each from the forecast before. A step is fed with the mean of the one before (the median of
    /// quantiles). Default: at once.
    /// </summary>
    [SearchChoice("Direct", "EncoderDecoder")]
    public ForecastStrategy Strategy { get; set; } = ForecastStrategy.Direct;

    /// <summary>
    /// With the strategies <see cref="ForecastStrategy.Recursive"/> and <see cref="ForecastStrategy.EncoderDecoder"/>: how often a step is fed with the true
    /// value in training instead of the forecast. Default: null, always with Recursive, which learns from every step of the data, and never with
    /// EncoderDecoder, which trains as it forecasts.
    /// </summary>
    public TeacherForcing? TeacherForcing { get; set; }

    /// <summary>
    /// With the strategy <see cref="ForecastStrategy.EncoderDecoder"/>: attention of each step of the horizon to all steps of the window (Luong et al. 2015).
    /// Default: null, none.
    /// </summary>
    public AttentionForm? Attention { get; set; }

    /// <summary>
    /// With <see cref="Attention"/>: whether the attention's output is also an input of the next step (Luong et al. 2015). Default: false.
    /// </summary>
    public bool InputFeeding { get; set; }

    /// <summary>
    /// Whether a linear forecast of each target from its own window, shared by all targets and series, is added to the output of the layers (the autoregressive
    /// part of LSTNet, Lai et al. 2018). It starts as a ridge regression on the training windows and is then trained with the rest. It has no effect with
    /// <see cref="ForecastStrategy.Recursive"/>, a model of a single step, nor with <see cref="ForecastLikelihood.NegativeBinomial"/>, whose mean is the
    /// softplus of the output and no sum. Default: true.
    /// </summary>
    public bool LinearSkip { get; set; } = true;

    /// <summary>
    /// Whether the trained forecasts are shrunk toward the naive ones (the last value, or that of a season before), at each step by the weight with the least
    /// squared error on the validation windows: a random walk is then forecast no worse than by its last value (forecast combination, Granger and Ramanathan
    /// 1984). With <see cref="ForecastStrategy.Direct"/> and point forecasts, Gaussian or Student-t distributions; without validation windows it has no effect.
    /// Default: false.
    /// </summary>
    [SearchChoice("false", "true")]
    public bool ShrinkTowardNaive { get; set; }

    /// <summary>
    /// Whether training encodes each window anew, or stretches of series once for all their windows, for a fraction of the work of an epoch. Default: null:
    /// stretches where they are possible, windows have at least 12 steps, and all training windows together at least 500,000; otherwise windows, also for
    /// series whose spreads differ more than tenfold, a regression on covariates, a model that is trained on (<see cref="InitializationOptions.Model"/>), and
    /// <see cref="ForecastStrategy.EncoderDecoder"/> with <see cref="Attention"/>, without <see cref="LinearSkip"/>, or fed with the true value to the end.
    /// </summary>
    public TrainingScheme? TrainingScheme { get; set; }

    /// <summary>
    /// Whether the recurrent layers carry their states along a series, in training and in scoring: the state of the layers at a row is that of all rows of the
    /// series up to it, and each row is read once. Training is on stretches in time order, each from the state at the end of the one before
    /// (truncated backpropagation through time, Williams and Peng 1990), with <see cref="ForecastStrategy.Direct"/>; <c>Transform</c> and the engine take one
    /// step a row. Default: false, each row is forecast from its window alone.
    /// </summary>
    public bool Stateful { get; set; }

    internal void Check(ForecastInputOptions input)
    {
        var checks = new OptionChecks("Decoding");
        checks.Defined<ForecastStrategy>(Strategy);
        checks.Defined(Attention);
        checks.Defined(TrainingScheme);
        if (Strategy is ForecastStrategy.Direct && TeacherForcing is not null)
            throw checks.Refused(nameof(TeacherForcing), "goes with the strategies Recursive and EncoderDecoder: a direct forecaster has no step that is fed.");
        if (Stateful && Strategy is not ForecastStrategy.Direct)
            throw checks.Refused(nameof(Stateful), $"goes with the strategy Direct, not with {Strategy}, whose decoder reads a whole window.");
        if (Stateful && TrainingScheme is Recurrent.TrainingScheme.Windows)
            throw checks.Refused(nameof(Stateful), "is trained on stretches: leave Decoding.TrainingScheme null, or set TrainingScheme.Stretches.");
        if (Stateful && input is WindowInputOptions)
            throw checks.Refused(nameof(Stateful), "goes with rows of series (SeriesInputOptions), not with rows that hold windows.");
        if (Strategy is not ForecastStrategy.EncoderDecoder && Attention is not null)
            throw checks.Refused(nameof(Attention), $"goes with the strategy EncoderDecoder, not with {Strategy}.");
        if (InputFeeding && Attention is null)
            throw checks.Refused(nameof(InputFeeding), "feeds the attention's output to the next step: set Decoding.Attention, too.");
    }
}
