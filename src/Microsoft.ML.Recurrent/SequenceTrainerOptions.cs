using System.Collections.Immutable;
using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Data;

namespace Microsoft.ML.Recurrent;

/// <summary>Options of the trainers whose rows each hold a whole sequence and its label: regression, binary and multiclass classification.</summary>
public abstract class SequenceTrainerOptions : RecurrentTrainerOptions
{
    private protected SequenceTrainerOptions()
    {
    }

    /// <summary>The label's column. Default: "Label".</summary>
    public string LabelColumnName { get; set; } = DefaultColumnNames.Label;

    /// <summary>
    /// The sequence column: <c>Vector&lt;Single, T, k&gt;</c> (T steps of k numbers), <c>Vector&lt;Single, *, k&gt;</c> where lengths vary, <c>Vector&lt;Single&gt;</c> for one
    /// number a step, or a vector of keys (tokens). Default: "Features".
    /// </summary>
    public string FeatureColumnName { get; set; } = DefaultColumnNames.Features;

    /// <summary>Further sequence columns of numbers, equally long: their numbers are joined to <see cref="FeatureColumnName"/>'s at each step, as channels. Default: none.</summary>
    public string[] AdditionalFeatureColumnNames { get; set; } = [];

    /// <summary>A column of <c>Single</c> with each row's weight in the loss, at least 0. Default: null, all rows count the same.</summary>
    public string? ExampleWeightColumnName { get; set; }

    /// <summary>For sequences of keys: the length of each key's vector, learned with the network, at least 1. Default: 64.</summary>
    public int EmbeddingSize { get; set; } = 64;

    internal override void Check()
    {
        base.Check();
        Name(LabelColumnName);
        Name(FeatureColumnName);
        Names(AdditionalFeatureColumnNames);
        AtLeastOne(EmbeddingSize);
        if (ExampleWeightColumnName is not null) Name(ExampleWeightColumnName);
    }

    internal override RecurrentTrainerOptions Clone()
    {
        var copy = (SequenceTrainerOptions)base.Clone();
        copy.AdditionalFeatureColumnNames = [.. AdditionalFeatureColumnNames];
        return copy;
    }

    internal RowColumnNames Columns(LabelRole role) =>
        new([FeatureColumnName, .. AdditionalFeatureColumnNames], [.. StaticColumnNames], LabelColumnName, role, ExampleWeightColumnName);
}
