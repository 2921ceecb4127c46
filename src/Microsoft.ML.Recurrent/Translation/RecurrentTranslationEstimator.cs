using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Hosting;
using Microsoft.ML.Recurrent.Training;
using Microsoft.ML.Recurrent.Translation;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Recurrent;

/// <summary>
/// Trains a network that writes a target text for a source text: an encoder reads the source, and a decoder with attention writes the target token by token
/// (Sutskever et al. 2014; Bahdanau et al. 2015; Luong et al. 2015). Translations, summaries, answers and the rewriting of dates are such texts.
/// </summary>
/// <remarks>
/// Source and target are vectors of keys with text as key values, one text per row; the end of a text is added. The transformer adds the text that a beam
/// search finds (<see cref="BeamSearchOptions"/>) and needs the source alone.
/// <code>
/// var target = mlContext.Transforms.Text.TokenizeForRecurrent("TargetTokens", "French")
///     .Append(mlContext.Transforms.Text.BuildVocabulary("Target", "TargetTokens", minimumCount: 2));
/// var source = mlContext.Transforms.Text.TokenizeForRecurrent("SourceTokens", "English")
///     .Append(mlContext.Transforms.Text.BuildVocabulary("Source", "SourceTokens", minimumCount: 2));
/// var pipeline = source.Append(mlContext.Transforms.Text.TranslateByLstm("Translation"));
/// var model = pipeline.Fit(target.Fit(rows).Transform(rows));
/// </code>
/// </remarks>
public sealed partial class RecurrentTranslationEstimator : RecurrentTrainer<RecurrentTranslationTransformer>
{
    private readonly Options _options;

    internal RecurrentTranslationEstimator(IHostEnvironment environment, Options options)
        : base(environment, nameof(RecurrentTranslationEstimator), options) => _options = (Options)CheckedOptions;

    private protected override IEnumerable<SchemaShape.Column> CheckSchema(SchemaShape schema)
    {
        TranslationColumns.Check(schema, _options.SourceColumnName, TranslationColumns.Source);
        TranslationColumns.Check(schema, _options.TargetColumnName, TranslationColumns.Target);
        if (_options.UnknownTokens.CopyColumnName is { } copied) TranslationColumns.CheckTexts(schema, copied);
        return TranslationColumns.Shapes(_options.Output);
    }

    private protected override NetworkFit CreateFit(RecurrentTrainerOptions options) => new TranslationFit((Options)options);

    private protected override RecurrentTranslationTransformer CreateTransformer(RecurrentModel model) => new(Host, model);
}
