using System.Collections.Immutable;
using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Hosting;
using Microsoft.ML.Recurrent.Layers;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Training;

namespace Microsoft.ML.Recurrent;

/// <summary>Options of the trainers whose rows each hold a whole sequence and its label: regression, binary and multiclass classification.</summary>
public abstract class SequenceTrainerOptions : RecurrentTrainerOptions
{
    // ML.NET's own names.
    internal const string DefaultLabel = "Label", DefaultFeatures = "Features";

    private protected SequenceTrainerOptions()
    {
    }

    /// <summary>The label's column. Default: "Label".</summary>
    public string LabelColumnName { get; set; } = DefaultLabel;

    /// <summary>
    /// The sequence column: <c>Vector&lt;Single, T, k&gt;</c> (T steps of k numbers), <c>Vector&lt;Single, *, k&gt;</c> where lengths vary,
    /// <c>Vector&lt;Single&gt;</c> for one number a step, or a vector of keys (tokens). Default: "Features".
    /// </summary>
    public string FeatureColumnName { get; set; } = DefaultFeatures;

    /// <summary>A column of <c>Single</c> with each row's weight in the loss, at least 0. Default: null, all rows count the same.</summary>
    public string? ExampleWeightColumnName { get; set; }

    /// <summary>Further columns, standardization, and the embedding of tokens. Default: no further columns, numbers are standardized.</summary>
    public FeatureOptions Features { get; set => field = OptionChecks.NotNull(value); } = new();

    /// <summary>
    /// Truncated backpropagation through time for long sequences (Williams and Peng 1990), in steps, at least 1. The whole sequence is read, but gradients of a
    /// recurrent layer's state flow back only this many steps, and stop at these places: with the last state they reach the last steps (up to twice as many for
    /// rows that are shorter than others of their batch); with a mean, a maximum or attention over all steps they reach all of them, each from the steps of its
    /// own segment. This takes little memory and, with the last state, much less time; dependencies over more steps cannot be learned, though the state may
    /// carry them. Default: null, gradients reach the beginning. To save memory only, use <see cref="GradientOptions.CheckpointSteps"/>, which changes no
    /// gradient.
    /// </summary>
    public int? TruncatedBpttSteps { get; set; }

    internal override void Check()
    {
        base.Check();
        var checks = new OptionChecks();
        checks.Column(LabelColumnName);
        checks.Column(FeatureColumnName);
        checks.ColumnOrNull(ExampleWeightColumnName);
        Features.Check(TakesNgrams);
        checks.AtLeastOne(TruncatedBpttSteps);
        if (TruncatedBpttSteps is not null && Optimizer.Gradients.CheckpointSteps is not null)
        {
            throw checks.Refused(nameof(TruncatedBpttSteps),
                "excludes Optimizer.Gradients.CheckpointSteps: truncated gradients need the values of one segment at a time as it is. Leave CheckpointSteps "
                    + "out.");
        }
    }

    internal override TrainingSettings Settings(ulong seed)
    {
        var settings = base.Settings(seed);
        return settings with
        {
            TruncationSteps = TruncatedBpttSteps,
            NgramRateFactor = Features.Ngrams.RateFor(settings.LearningRate) / settings.LearningRate,
        };
    }

    /// <summary>Whether a linear path over n-grams may stand beside the network: its outputs are logits of whole sequences.</summary>
    internal virtual bool TakesNgrams => false;

    /// <summary>Sets options of one fit that are null, by the data.</summary>
    /// <param name="columns">The columns.</param>
    /// <param name="examples">Rows of the data.</param>
    /// <param name="hasValidation">Whether Fit was given validation data.</param>
    internal virtual void ChooseDefaults(RowColumns columns, int examples, bool hasValidation)
    {
    }

    /// <summary>Creates the task's head from the training part.</summary>
    internal abstract Head CreateHead(RowColumns columns, RowExamples examples, int[] train);

    /// <summary>The columns that the model writes.</summary>
    internal virtual ImmutableArray<OutputColumn> Outputs(RowColumns columns, int numbers) => ((SequenceTask)Task).Outputs(numbers);

    /// <summary>The names of a label's numbers, for the manifest; null for none.</summary>
    internal virtual LabelManifest? OutputNames(RowColumns columns) => null;

    /// <summary>The schema shapes of these columns before training.</summary>
    internal virtual IEnumerable<SchemaShape.Column> OutputShapes(SchemaShape schema, SchemaShape.Column label) => ((SequenceTask)Task).OutputShapes(label);

    /// <summary>The layers of the network.</summary>
    /// <param name="columns">The columns.</param>
    /// <param name="embeddingSize">Embedding size for a token sequence; null for numbers.</param>
    internal virtual ImmutableArray<LayerDescription> Layers(RowColumns columns, int? embeddingSize) => NetworkBuilder.Layers(Network, embeddingSize);

    /// <summary>What the task adds to the network.</summary>
    internal virtual NetworkDescription Describe(RowColumns columns, NetworkDescription network) => network;

    /// <summary>Gives the head of <see cref="CreateHead"/> what it needs of its network.</summary>
    internal virtual void Join(Head head, Network network)
    {
    }

    /// <summary>What the task sets after training by the validation part.</summary>
    internal virtual void Complete(Network network, Head head, ITrainingSet validation, TrainingChannel channel)
    {
    }

    /// <summary>Refuses what does not go with an answer at each step.</summary>
    /// <param name="who">What gives such answers.</param>
    private protected void CheckAnswersAtEachStep(string who)
    {
        if (Features.StaticColumnNames.Length > 0)
        {
            throw new OptionChecks("Features").Refused(nameof(Features.StaticColumnNames),
                $"cannot be used by {who}, which answers at each step: leave it out, or repeat the numbers at each step in a sequence column.");
        }
    }

    // What the catalogs' short forms set; the rest has its defaults.
    internal static TOptions Lstm<TOptions>(string label, string features, string? weights, int hiddenSize, int numberOfLayers, int maximumNumberOfEpochs)
        where TOptions : SequenceTrainerOptions, new() =>
        Create<TOptions>(RecurrentCell.Lstm, label, features, weights, hiddenSize, numberOfLayers, maximumNumberOfEpochs);

    internal static TOptions Gru<TOptions>(string label, string features, string? weights, int hiddenSize, int numberOfLayers, int maximumNumberOfEpochs)
        where TOptions : SequenceTrainerOptions, new() =>
        Create<TOptions>(RecurrentCell.Gru, label, features, weights, hiddenSize, numberOfLayers, maximumNumberOfEpochs);

    internal static TOptions SimpleRnn<TOptions>(string label, string features, string? weights, int hiddenSize, int numberOfLayers, int maximumNumberOfEpochs)
        where TOptions : SequenceTrainerOptions, new() =>
        Create<TOptions>(RecurrentCell.SimpleRnn, label, features, weights, hiddenSize, numberOfLayers, maximumNumberOfEpochs);

    private static TOptions Create<TOptions>(
        RecurrentCell cell, string label, string features, string? weights, int hiddenSize, int numberOfLayers, int maximumNumberOfEpochs)
        where TOptions : SequenceTrainerOptions, new() => new()
        {
            LabelColumnName = label,
            FeatureColumnName = features,
            ExampleWeightColumnName = weights,
            Network = { Cell = cell, HiddenSize = hiddenSize, NumberOfLayers = numberOfLayers },
            Stopping = { MaximumNumberOfEpochs = maximumNumberOfEpochs },
        };

    internal virtual RowColumnNames Columns(LabelRole role) =>
        new([FeatureColumnName, .. Features.AdditionalColumnNames], [.. Features.StaticColumnNames], LabelColumnName, role, ExampleWeightColumnName);
}
