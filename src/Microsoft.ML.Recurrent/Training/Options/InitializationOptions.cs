using Microsoft.ML.Recurrent.Layers;
using Microsoft.ML.Recurrent.Networks;

namespace Microsoft.ML.Recurrent;

/// <summary>Where the weights start: random initializers, or a trained model for fine-tuning.</summary>
public sealed class InitializationOptions : IOptionGroup
{
    /// <summary>
    /// A trained model whose layers, weights and standardization are the starting point: fine-tuning. Its inputs and outputs must fit these data. Options that
    /// describe the network, its regularization rates included, and standardization then have no effect. Classes and tokens may differ: those that the model
    /// knows by their key values keep their weights, new ones start at random. A forecaster's categories may have further values, which start as unknown ones.
    /// A model of another task, such as a language model for a classifier, gives what fits by name and shape to the network that the options describe: its
    /// embedding by key values, and its layers; the rest starts at random (<see cref="RecurrentModel.Transfer"/> lists both). Default: null, training starts
    /// from random weights.
    /// </summary>
    public RecurrentModel? Model { get; set; }

    /// <summary>A model of another task, which is no <see cref="Model"/> then.</summary>
    internal RecurrentModel? OtherTask { get; private set; }

    /// <summary>
    /// Names of layers of <see cref="Model"/> that keep their weights, as its Summary lists them (<c>lstm_1</c>, <c>head</c>); with <see cref="WordVectors"/>,
    /// <c>embedding_1</c>. Default: none.
    /// </summary>
    public string[] FrozenLayers { get; set; } = [];

    /// <summary>
    /// Whether the batch normalization of <see cref="Model"/> learns from these data: training then normalizes by each batch, and the running statistics, with
    /// which rows are scored, follow. If false, training normalizes by the statistics of the model and leaves them as they are. Weights of such layers are
    /// trained in any case. The choice is kept in the model. Default: null, as the model's Summary says: fixed for a model of another framework, whose
    /// statistics few new rows would spoil, and learned for one of this library.
    /// </summary>
    public bool? UpdateBatchNormStatistics { get; set; }

    /// <summary>
    /// Pre-trained word vectors from which the embedding starts (<c>mlContext.Transforms.Text.LoadWordVectors</c>): those of the column's tokens, by their
    /// text. The embedding then has their size, whatever <see cref="FeatureOptions.EmbeddingSize"/> says. Tokens without a vector start at random, or are 0 if
    /// the embedding is frozen. Default: null.
    /// </summary>
    public WordVectors? WordVectors { get; set; }

    /// <summary>
    /// Initializer of input weights, dense layers, embeddings and the head. Default: null, each layer's own (Glorot uniform; embeddings:
    /// <see cref="Embedding"/>).
    /// </summary>
    public WeightInitializer? Input { get; set; }

    /// <summary>
    /// Initializer of embeddings. Default: null, <see cref="Input"/> if that is set, else uniform from -0.05 to 0.05; for language models normal with mean 0
    /// and standard deviation 1 (0.2 with tied weights).
    /// </summary>
    public WeightInitializer? Embedding { get; set; }

    /// <summary>Initializer of recurrent weights. Default: null, orthogonal.</summary>
    public WeightInitializer? Recurrent { get; set; }

    /// <summary>Initial bias of an LSTM's forget gate. Default: 1, which keeps the memory at first (Jozefowicz et al. 2015).</summary>
    public float ForgetGateBias { get; set; } = 1;

    /// <summary>Initializes a new network as these options say.</summary>
    /// <param name="network">A network with its layers' own initialization.</param>
    /// <param name="seed">Seed of the random weights.</param>
    /// <param name="defaultEmbedding">Initializer of embeddings where no option names one; null for the layer's own.</param>
    internal void Apply(Network network, ulong seed, WeightInitializer? defaultEmbedding)
    {
        var embedding = Embedding ?? Input ?? defaultEmbedding;
        if (Input is not null || Recurrent is not null || embedding is not null || ForgetGateBias != 1)
            new NetworkInitialization(Input, Recurrent, ForgetGateBias) { Embedding = embedding }.Apply(network, seed);
    }

    /// <summary>Makes <see cref="OtherTask"/> of a model of another task than the trainer's.</summary>
    internal void Separate(RecurrentTask task)
    {
        if (Model is not { Metadata.Network: not null } || RecurrentTask.Find(Model.Manifest) is not { IsKnown: true } known || known == task) return;
        if (UpdateBatchNormStatistics is not null)
        {
            throw new OptionChecks("Network.Initialization").Refused(nameof(UpdateBatchNormStatistics),
                "is for a model of the same task: of another task's, weights are taken, not its layers. Leave it null.");
        }
        (Model, OtherTask) = (null, Model);
    }

    internal void Check()
    {
        var checks = new OptionChecks("Network.Initialization");
        if (!float.IsFinite(ForgetGateBias)) throw checks.OutOfRange(nameof(ForgetGateBias), ForgetGateBias, "must be finite");
        if (FrozenLayers is null) throw checks.Refused(nameof(FrozenLayers), "must not be null.");
        if (Model is not null && WordVectors is not null)
            throw checks.Refused(nameof(WordVectors), "excludes Network.Initialization.Model, whose embedding is the starting point already: leave one out.");
        if (UpdateBatchNormStatistics is not null && Model?.Metadata.Network?.Layers.OfType<BatchNormDescription>().Any() is not true)
        {
            throw checks.Refused(nameof(UpdateBatchNormStatistics),
                "needs a trained model with a layer of batch normalization: set Network.Initialization.Model, or leave it null.");
        }
        if (FrozenLayers.Length > 0 && Model is null && WordVectors is null)
        {
            throw checks.Refused(nameof(FrozenLayers),
                "needs a trained model: set Network.Initialization.Model; random weights that stay as they are learn nothing.");
        }
    }
}
