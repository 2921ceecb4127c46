namespace Microsoft.ML.Recurrent.Translation;

/// <summary>The graphs with which texts are searched for, and what the ids in them mean.</summary>
/// <param name="Encoder">Reads sources.</param>
/// <param name="Step">Writes a token to each text, and says what may follow.</param>
/// <param name="Identity">Equal for equal graphs.</param>
/// <param name="Source">The source tokens from id 1 on.</param>
/// <param name="Translation">The target tokens, and the options.</param>
internal sealed record TranslationGraphs(ModelBytes Encoder, ModelBytes Step, string Identity, LabelManifest Source, TranslationManifest Translation)
{
    /// <summary>The graphs of a model.</summary>
    public static TranslationGraphs Create(RecurrentModel model) => throw new NotSupportedException();
}
