using Microsoft.ML.Recurrent;
using Microsoft.ML.Recurrent.Translation.Metrics;

namespace Microsoft.ML;

/// <summary>Evaluation of translations and other generated texts, in <c>mlContext.Transforms.Text</c>.</summary>
public static class TranslationEvaluationCatalog
{
    /// <summary>Evaluates translations, or any generated texts: BLEU, chrF, exact matches, token and character error rates.</summary>
    /// <remarks><code>Console.WriteLine(mlContext.Transforms.Text.EvaluateTranslations(model.Transform(test), "French", "Translation"));</code></remarks>
    /// <param name="catalog">The catalog.</param>
    /// <param name="data">The translated data.</param>
    /// <param name="referenceColumnName">The reference: a text, or a vector of the texts or keys of its tokens, which are joined by blanks.</param>
    /// <param name="translationColumnName">The translation, of the same types.</param>
    /// <param name="options">How they are compared; null for the defaults of sacreBLEU.</param>
    /// <exception cref="ArgumentException">A column is missing or of another type, or an option is out of range; the message names it.</exception>
    public static TranslationMetrics EvaluateTranslations(this TransformsCatalog.TextTransforms catalog, IDataView data, string referenceColumnName,
        string translationColumnName, TranslationEvaluationOptions? options = null) =>
        EvaluateTranslations(catalog, data, [referenceColumnName], translationColumnName, options);

    /// <summary>Evaluates translations of which each has several references.</summary>
    /// <inheritdoc cref="EvaluateTranslations(TransformsCatalog.TextTransforms, IDataView, string, string, TranslationEvaluationOptions?)"/>
    /// <param name="catalog">The catalog.</param>
    /// <param name="data">The translated data.</param>
    /// <param name="referenceColumnNames">The references, a column each.</param>
    /// <param name="translationColumnName">The translation.</param>
    /// <param name="options">How they are compared; null for the defaults of sacreBLEU.</param>
    public static TranslationMetrics EvaluateTranslations(this TransformsCatalog.TextTransforms catalog, IDataView data, string[] referenceColumnNames,
        string translationColumnName, TranslationEvaluationOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(referenceColumnNames);
        if (referenceColumnNames.Length == 0) throw new ArgumentException("Name at least one reference column.", nameof(referenceColumnNames));
        ArgumentException.ThrowIfNullOrEmpty(translationColumnName);
        options ??= new();
        options.Check();
        return TranslationEvaluation.Run(data, referenceColumnNames, translationColumnName, options);
    }
}
