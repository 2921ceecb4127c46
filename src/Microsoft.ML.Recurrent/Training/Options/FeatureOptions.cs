namespace Microsoft.ML.Recurrent;

/// <summary>Further features of a sequence, and how features reach the network.</summary>
public sealed class FeatureOptions : IOptionGroup
{
    /// <summary>
    /// Further sequence columns of numbers, equally long: their numbers join those of <see cref="SequenceTrainerOptions.FeatureColumnName"/> at each step, as
    /// channels. Default: none.
    /// </summary>
    public string[] AdditionalColumnNames { get; set; } = [];

    /// <summary>
    /// Columns of numbers that describe the whole sequence (<c>Single</c>, or <c>Vector&lt;Single&gt;</c> of known size); they are concatenated to the output
    /// of the recurrent layers. Default: none.
    /// </summary>
    public string[] StaticColumnNames { get; set; } = [];

    /// <summary>
    /// Whether features and static numbers are standardized to mean 0 and standard deviation 1 over the training part; mean and scale become nodes of the
    /// model. Default: true.
    /// </summary>
    public bool Standardize { get; set; } = true;

    /// <summary>For sequences of keys: size of the learned embedding, at least 1. Default: 64.</summary>
    public int EmbeddingSize { get; set; } = 64;

    internal void Check()
    {
        var checks = new OptionChecks("Features");
        checks.Columns(AdditionalColumnNames);
        checks.Columns(StaticColumnNames);
        checks.AtLeastOne(EmbeddingSize);
    }
}
