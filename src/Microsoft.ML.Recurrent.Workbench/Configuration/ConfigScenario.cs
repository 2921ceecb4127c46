namespace Microsoft.ML.Recurrent.Workbench.Configuration;

/// <summary>Scenarios by their names in configurations. Model Builder opens the first four; the others are of this project.</summary>
public static class ConfigScenario
{
    /// <summary>Forecasting of series.</summary>
    public const string Forecasting = "Forecasting";

    /// <summary>Classification of rows.</summary>
    public const string Classification = "Classification";

    /// <summary>Regression.</summary>
    public const string Regression = "Regression";

    /// <summary>Classification of texts.</summary>
    public const string TextClassification = "TextClassification";

    /// <summary>Tags of the tokens of a sequence.</summary>
    public const string Tagging = "SequenceTagging";

    /// <summary>Models of the next token.</summary>
    public const string LanguageModel = "LanguageModel";

    /// <summary>Texts written for texts.</summary>
    public const string Translation = "Translation";

    /// <summary>Codes of sequences without labels.</summary>
    public const string Autoencoder = "SequenceAutoencoder";
}
