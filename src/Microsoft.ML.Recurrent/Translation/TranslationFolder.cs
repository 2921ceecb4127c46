namespace Microsoft.ML.Recurrent.Translation;

/// <summary>A folder with the graphs of a translation and what their ids mean.</summary>
internal static class TranslationFolder
{
    public static RecurrentTranslator Load(string folder, ScoringOptions? options) => throw new NotSupportedException(folder + options);
}
