using System.Collections.Immutable;
using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Data;
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

    /// <summary>
    /// Further sequence columns of numbers, equally long: their numbers are joined to <see cref="FeatureColumnName"/>'s at each step, as channels. Default:
    /// none.
    /// </summary>
    public string[] AdditionalFeatureColumnNames { get; set; } = [];

    /// <summary>A column of <c>Single</c> with each row's weight in the loss, at least 0. Default: null, all rows count the same.</summary>
    public string? ExampleWeightColumnName { get; set; }

    /// <summary>For sequences of keys: the length of each key's vector, learned with the network, at least 1. Default: 64.</summary>
    public int EmbeddingSize { get; set; } = 64;

    /// <summary>
    /// For long sequences: truncated back-propagation through time (Williams and Peng 1990). The whole sequence is read, but what a recurrent layer's state
    /// owes to the state before is followed back for so many steps only, at least 1, and at those places forgotten: of a last state the gradient reaches its
    /// last steps (so many, up to twice as many for rows that are shorter than others of their batch); of a mean, a maximum or attention over all steps it
    /// reaches all of them, each from the steps of its own stretch. That takes little memory and, with the last state, much less time; what is further back
    /// than that can then not be learned, though the state may carry it. Default: null, gradients reach the beginning; where memory is all that is wanted,
    /// <see cref="RecurrentTrainerOptions.GradientCheckpointSteps"/> saves it and changes no gradient.
    /// </summary>
    public int? TruncatedBpttSteps { get; set; }

    internal override void Check()
    {
        base.Check();
        Name(LabelColumnName);
        Name(FeatureColumnName);
        Names(AdditionalFeatureColumnNames);
        AtLeastOne(EmbeddingSize);
        if (ExampleWeightColumnName is not null) Name(ExampleWeightColumnName);
        if (TruncatedBpttSteps is not { } steps) return;
        AtLeastOne(steps, nameof(TruncatedBpttSteps));
        if (GradientCheckpointSteps is not null)
            throw new ArgumentException(
                "The options TruncatedBpttSteps and GradientCheckpointSteps exclude each other: truncated gradients need the figures of one stretch at a "
                    + "time as it is. Leave GradientCheckpointSteps out.", nameof(TruncatedBpttSteps));
    }

    internal override TrainingSettings Settings(ulong seed) => base.Settings(seed) with { TruncationSteps = TruncatedBpttSteps };

    internal override RecurrentTrainerOptions Clone()
    {
        var copy = (SequenceTrainerOptions)base.Clone();
        copy.AdditionalFeatureColumnNames = [.. AdditionalFeatureColumnNames];
        return copy;
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
        Cell = cell,
        LabelColumnName = label,
        FeatureColumnName = features,
        ExampleWeightColumnName = weights,
        HiddenSize = hiddenSize,
        NumberOfLayers = numberOfLayers,
        MaximumNumberOfEpochs = maximumNumberOfEpochs,
    };

    /// <summary>Creates the task's head from the training part.</summary>
    internal abstract Head CreateHead(RowColumns columns, RowExamples examples, int[] train);

    internal RowColumnNames Columns(LabelRole role) =>
        new([FeatureColumnName, .. AdditionalFeatureColumnNames], [.. StaticColumnNames], LabelColumnName, role, ExampleWeightColumnName);
}
