namespace Microsoft.ML.Recurrent;

/// <summary>Further features of a sequence, and how features reach the network.</summary>
public sealed class FeatureOptions : IOptionGroup
{
    /// <summary>
    /// Further sequence columns, as long in each row as <see cref="SequenceTrainerOptions.FeatureColumnName"/>. They join it at each step: numbers as channels,
    /// keys (a suffix beside a word, an event beside its duration) by an embedding of each column. Default: none.
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

    /// <summary>
    /// For a sequence of keys in <see cref="SequenceTrainerOptions.FeatureColumnName"/>: size of the learned embedding, at least 1. Default: 64.
    /// </summary>
    [SearchRange(0.5, 2, IsRelative = true, IsLogarithmic = true)]
    public int EmbeddingSize { get; set; } = 64;

    /// <summary>
    /// Size of the embedding of each column of keys in <see cref="AdditionalColumnNames"/>, at least 1. Default: null, 1.6 times the number of keys to the
    /// power of 0.56, at most 50.
    /// </summary>
    public int? AdditionalEmbeddingSize { get; set; }

    /// <summary>For classifiers of tokens: a linear path over their n-grams. Default: chosen by the data.</summary>
    public NgramOptions Ngrams { get; set => field = OptionChecks.NotNull(value); } = new();

    internal void Check(bool takesNgrams)
    {
        var checks = new OptionChecks("Features");
        checks.Columns(AdditionalColumnNames);
        checks.Columns(StaticColumnNames);
        checks.AtLeastOne(EmbeddingSize);
        checks.AtLeastOne(AdditionalEmbeddingSize);
        Ngrams.Check(takesNgrams);
    }
}
