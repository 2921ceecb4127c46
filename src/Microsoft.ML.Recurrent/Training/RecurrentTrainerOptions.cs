using System.Numerics;
using System.Runtime.CompilerServices;

namespace Microsoft.ML.Recurrent;

/// <summary>What all recurrent trainers have in common: the network, and how it is trained. Each task's Options add its columns and its loss.</summary>
public abstract partial class RecurrentTrainerOptions
{
    internal const int DefaultHiddenSize = 64, DefaultNumberOfLayers = 1, DefaultMaximumNumberOfEpochs = 50;

    private protected RecurrentTrainerOptions()
    {
    }

    /// <summary>The kind of recurrent cell. Default: LSTM.</summary>
    public RecurrentCell Cell { get; set; } = RecurrentCell.Lstm;

    /// <summary>Size of each recurrent layer's state, at least 1. Default: 64.</summary>
    public int HiddenSize { get; set; } = DefaultHiddenSize;

    /// <summary>Recurrent layers, one upon the other, at least 1. Default: 1.</summary>
    public int NumberOfLayers { get; set; } = DefaultNumberOfLayers;

    /// <summary>Whether each layer has a second direction that reads the sequence backward; the states of both are joined. Default: false.</summary>
    public bool Bidirectional { get; set; }

    /// <summary>The activation of a <see cref="RecurrentCell.SimpleRnn"/>'s state; the other cells have theirs fixed. Default: tanh.</summary>
    public RecurrentActivation Activation { get; set; } = RecurrentActivation.Tanh;

    /// <summary>
    /// The share of each recurrent layer's outputs that is dropped while training (Srivastava et al. 2014), from 0 up to, but not including, 1. Default: 0.
    /// </summary>
    public float DropoutRate { get; set; }

    /// <summary>How the states of all steps become one vector: the last state, or the mean or maximum over the steps. Default: last.</summary>
    public SequencePooling Pooling { get; set; } = SequencePooling.Last;

    /// <summary>
    /// Layers of your own instead of those that <see cref="Cell"/>, <see cref="HiddenSize"/>, <see cref="NumberOfLayers"/>, <see cref="Bidirectional"/>,
    /// <see cref="Activation"/>, <see cref="DropoutRate"/>, <see cref="Pooling"/> and those from <see cref="InputDropoutRate"/> to
    /// <see cref="ResidualConnections"/> describe. Default: null.
    /// </summary>
    public SequenceNetwork? Network { get; set; }

    /// <summary>
    /// A model trained before, from whose layers, weights and standardisation training goes on: fine-tuning. It must take and give what these data need; the
    /// options that describe the network (<see cref="Cell"/> to <see cref="Standardize"/>, <see cref="InputDropoutRate"/> to <see cref="ResidualConnections"/>)
    /// then have no effect. Classes and tokens may be others or more: those that it knows by their keys' values keep their weights, new ones begin at random. A
    /// forecaster's categories may have further values, which begin as what is unknown. Default: null, training begins from random weights.
    /// </summary>
    public RecurrentModel? InitialModel { get; set; }

    /// <summary>
    /// Names of layers of the <see cref="InitialModel"/> that keep their weights, as its Summary lists them (<c>lstm_1</c>, <c>head</c>). Default: none.
    /// </summary>
    public string[] FrozenLayers { get; set; } = [];

    /// <summary>
    /// Whether features and static numbers are standardised: mean 0 and standard deviation 1 over the training part, by figures that become nodes of the model.
    /// Default: true.
    /// </summary>
    public bool Standardize { get; set; } = true;

    /// <summary>Columns of numbers beside the sequence (<c>Single</c>, or <c>Vector&lt;Single&gt;</c> of known size), joined to what the recurrent layers make
    /// of it. A forecaster of rows that are series takes categories as well (Text, a key, a whole number or Boolean; the series' own column among them).
    /// Default: none.</summary>
    public string[] StaticColumnNames { get; set; } = [];

    /// <summary>Passes over the training data at the most, at least 1; see <see cref="EarlyStoppingPatience"/>. Default: 50.</summary>
    public int MaximumNumberOfEpochs { get; set; } = DefaultMaximumNumberOfEpochs;

    /// <summary>
    /// Examples a step of the optimizer, at least 1. Default: null, about 64 steps an epoch: 8 examples for fewer than 1,024 in all, 64 from 4,096 on.
    /// </summary>
    public int? BatchSize { get; set; }

    /// <summary>The optimizer. Default: Adam.</summary>
    public OptimizerKind Optimizer { get; set; } = OptimizerKind.Adam;

    /// <summary>The optimizer's learning rate, greater than 0. Default: 0.002.</summary>
    public float LearningRate { get; set; } = 2e-3f;

    /// <summary>Momentum of stochastic gradient descent, from 0 up to, but not including, 1. Default: 0.</summary>
    public float Momentum { get; set; }

    /// <summary>
    /// The greatest norm of all gradients together; longer ones are scaled down to it (Pascanu et al. 2013). Greater than 0; infinity for none. Default: 1.
    /// </summary>
    public float GradientClipNorm { get; set; } = 1;

    /// <summary>
    /// The share of the training data that is set aside to tell when to stop, where no validation set is given to Fit; from 0 up to, but not including, 1. Rows
    /// are drawn at random (class by class for classes); of series the last part is taken. 0 trains all epochs on all data. Default: 0.1.
    /// </summary>
    public float ValidationFraction { get; set; } = 0.1f;

    /// <summary>
    /// Epochs without a better validation loss after which training stops, at least 1. The model always has the weights of the best epoch. Default: 10.
    /// </summary>
    public int EarlyStoppingPatience { get; set; } = 10;

    /// <summary>
    /// Seed of first weights, examples' order, dropout and split: the same seed gives the same model, whatever the number of threads. Default: null, the seed
    /// of the MLContext.
    /// </summary>
    public int? Seed { get; set; }

    /// <summary>Threads that train, at least 1. Default: null, as many as there are processors.</summary>
    public int? NumberOfThreads { get; set; }

    /// <summary>Told how training goes, besides the messages in <c>MLContext.Log</c>. Default: null.</summary>
    public IProgress<TrainingProgress>? Progress { get; set; }

    /// <summary>Ends training: Fit then returns the best model so far. Default: none.</summary>
    public CancellationToken CancellationToken { get; set; }

    /// <summary>Throws where an option is out of range.</summary>
    internal virtual void Check()
    {
        Defined(Cell);
        Defined(Activation);
        Defined(Pooling);
        Defined(Optimizer);
        AtLeastOne(HiddenSize);
        AtLeastOne(NumberOfLayers);
        AtLeastOne(MaximumNumberOfEpochs);
        AtLeastOne(EarlyStoppingPatience);
        if (BatchSize is { } batch) AtLeastOne(batch, nameof(BatchSize));
        if (NumberOfThreads is { } threads) AtLeastOne(threads, nameof(NumberOfThreads));
        Share(DropoutRate);
        Share(Momentum);
        Share(ValidationFraction);
        Positive(GradientClipNorm);
        Positive(LearningRate);
        if (!float.IsFinite(LearningRate)) throw OutOfRange(nameof(LearningRate), LearningRate, "must be finite");
        CheckLayers();
        CheckTraining();
        Names(StaticColumnNames);
        if (FrozenLayers is null) throw new ArgumentException("The option FrozenLayers must not be null.", nameof(FrozenLayers));
        if (FrozenLayers.Length > 0 && InitialModel is null)
            throw new ArgumentException("The option FrozenLayers needs an InitialModel: random weights that stay as they are learn nothing.",
                nameof(FrozenLayers));
    }

    /// <summary>A copy, so that what the caller changes later does not reach a trainer that was made.</summary>
    internal virtual RecurrentTrainerOptions Clone()
    {
        var copy = (RecurrentTrainerOptions)MemberwiseClone();
        copy.StaticColumnNames = [.. StaticColumnNames];
        copy.FrozenLayers = [.. FrozenLayers];
        return copy;
    }

    /// <summary>The batch size for so many examples.</summary>
    internal virtual int BatchSizeFor(int examples) => BatchSize ?? Math.Clamp((1 << BitOperations.Log2((uint)examples)) / 64, 8, 64);

    private protected static ArgumentOutOfRangeException OutOfRange(string name, object? value, string rule) => new(name, value, $"The option {name} {rule}.");

    private protected static void AtLeastOne(int value, [CallerArgumentExpression(nameof(value))] string name = "")
    {
        if (value < 1) throw OutOfRange(name, value, "must be at least 1");
    }

    private protected static void Share(float value, [CallerArgumentExpression(nameof(value))] string name = "")
    {
        if (!(value is >= 0 and < 1)) throw OutOfRange(name, value, "must lie from 0 up to, but not including, 1");
    }

    private protected static void Positive(float value, [CallerArgumentExpression(nameof(value))] string name = "")
    {
        if (!(value > 0)) throw OutOfRange(name, value, "must be greater than 0");
    }

    private protected static void Defined<T>(T value, [CallerArgumentExpression(nameof(value))] string name = "")
        where T : struct, Enum
    {
        if (!Enum.IsDefined(value)) throw OutOfRange(name, value, $"must be one of {string.Join(", ", Enum.GetNames<T>())}");
    }

    private protected static void Name(string? value, [CallerArgumentExpression(nameof(value))] string name = "")
    {
        if (string.IsNullOrEmpty(value)) throw new ArgumentException($"The option {name} must name a column.", name);
    }

    private protected static void Names(string[]? values, [CallerArgumentExpression(nameof(values))] string name = "")
    {
        if (values is null || values.Any(string.IsNullOrEmpty))
            throw new ArgumentException($"The option {name} must name columns; it holds an empty name, or is null.", name);
    }
}
