namespace Microsoft.ML.Recurrent;

/// <summary>The columns that a language model adds.</summary>
public sealed class LanguageModelOutputOptions : IOptionGroup
{
    /// <summary>
    /// The column of the log-probabilities, <c>Vector&lt;Single&gt;</c>, one for each token of the row. Default: "LogProbabilities".
    /// </summary>
    public string LogProbabilitiesColumnName { get; set; } = "LogProbabilities";

    /// <summary>A column of <c>Single</c> with each row's perplexity. Default: null, none.</summary>
    public string? PerplexityColumnName { get; set; }

    /// <summary>
    /// A column with the probabilities of the token that follows the row, <c>Vector&lt;Single&gt;</c>: element i belongs to key i + 1; if the end of the
    /// sentence is no key, it is the last element. Default: null, none.
    /// </summary>
    public string? NextTokenColumnName { get; set; }

    internal void Check()
    {
        var checks = new OptionChecks("Output");
        checks.Column(LogProbabilitiesColumnName);
        checks.ColumnOrNull(PerplexityColumnName);
        checks.ColumnOrNull(NextTokenColumnName);
    }
}
