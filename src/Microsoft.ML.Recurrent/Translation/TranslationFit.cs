using System.Collections.Immutable;
using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Hosting;
using Microsoft.ML.Recurrent.Layers;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Training;
using Options = Microsoft.ML.Recurrent.RecurrentTranslationEstimator.Options;

namespace Microsoft.ML.Recurrent.Translation;

/// <summary>
/// One fit of a translation. The ids of each side are its keys, from 1 on; those of the target end in the end token and the start token.
/// </summary>
internal sealed class TranslationFit(Options options) : NetworkFit
{
    // More than any text has; texts are limited by their sources.
    private const int Unlimited = 100_000;

    protected override void Prepare(IDataView trainData, IDataView? validationData, ulong seed, TrainingChannel channel)
    {
        options.Network.Bidirectional ??= true;
        options.Network.Regularization.DropoutRate ??= Options.DefaultDropoutRate;
        var (source, sourceValues) = Known(trainData, options.SourceColumnName, TranslationColumns.Source, KnownSource, channel);
        var (target, targetValues) = Known(trainData, options.TargetColumnName, TranslationColumns.Target, KnownTarget, channel);
        if (options.UnknownTokens.CopyColumnName is { } copied) TranslationColumns.ResolveTexts(trainData.Schema, copied);
        var end = targetValues.Values.Length + 1;
        var rows = Read(trainData, source, target, end, nameof(trainData), channel);
        if (validationData is not null)
        {
            var held = Read(validationData, Held(validationData, source, sourceValues, TranslationColumns.Source),
                Held(validationData, target, targetValues, TranslationColumns.Target), end, nameof(validationData), channel);
            (Train, Validation) = (new ExampleSet(rows), new ExampleSet(held));
        }
        else
        {
            var (kept, aside) = RandomSplit.Split(rows.Count, [], options.Stopping.ValidationShare, seed);
            (Train, Validation) = (new ExampleSet(rows, kept), aside.Length > 0 ? new ExampleSet(rows, aside) : null);
        }
        if (options.Stopping.Metric is ValidationMetric.Bleu && Validation is null)
        {
            throw new OptionChecks("Stopping").Refused(nameof(StoppingOptions.Metric),
                "is measured on a validation part, and there is none: set Stopping.ValidationFraction, or pass validation data.");
        }
        Describe(source.Tokens, end);
        var (columns, answers) = TranslationColumns.Added(options.Output);
        Manifest = new()
        {
            Task = ModelTask.Translation,
            // Rows may have any number of steps, whatever the training column's type says.
            Inputs = [new(source.Name, InputKind.Tokens, null, 1, source.Tokens) { ExtraTokens = source.ExtraTokens }],
            Outputs = GreedyOutputs(options.Decoder.Attention is not null),
            Columns = columns,
            Vocabulary = sourceValues,
            Translation = new()
            {
                Target = targetValues,
                End = end,
                Start = end + 1,
                Search = options.Search.ToManifest(),
                Attends = options.Decoder.Attention is not null,
                KnowsUnknown = rows.UnknownTargets > 0 || options.Network.Initialization.Model?.Manifest.Translation?.KnowsUnknown is true,
                CopyColumn = options.UnknownTokens.CopyColumnName,
                AllowsUnknown = options.UnknownTokens.Allow,
                UnknownText = options.UnknownTokens.Text,
                Joining = options.Output.Joining,
                Answers = answers,
            },
        };
        Warn(channel);
    }

    protected override Head CreateHead(Network network) => new TranslationHead(network, Manifest.Translation!, options.Decoder.LabelSmoothing);

    private static LabelManifest? KnownSource(ModelManifest manifest) => manifest.Vocabulary;

    private static LabelManifest? KnownTarget(ModelManifest manifest) => manifest.Translation?.Target;

    /// <summary>The outputs of the model's own graph, which writes the most likely tokens.</summary>
    private static ImmutableArray<OutputColumn> GreedyOutputs(bool attends) =>
    [
        new("ids", OutputKind.Int64), new("length", OutputKind.Int64), new("log_probability", OutputKind.Single),
        .. attends ? [new OutputColumn("attention", OutputKind.Single)] : ImmutableArray<OutputColumn>.Empty,
    ];

    // The keys of the data, and after them those that only the initial model has.
    private (SequenceColumn Column, LabelManifest Values) Known(IDataView data, string name, string role, Func<ModelManifest, LabelManifest?> known,
        TrainingChannel channel)
    {
        var (column, own) = TranslationColumns.Resolve(data.Schema, name, role);
        var initial = (options.Network.Initialization.Model ?? options.Network.Initialization.OtherTask)?.Manifest;
        var all = KeyIds.Union(own, initial is null ? null : known(initial))!;
        var extra = KeyIds.Extra(all, own);
        if (extra > 0) channel.Info($"{extra} {role} tokens of the initial model, which these data lack, are kept.");
        return (column with { ExtraTokens = extra }, all);
    }

    private static SequenceColumn Held(IDataView data, SequenceColumn train, LabelManifest values, string role)
    {
        var (column, _) = TranslationColumns.Resolve(data.Schema, train.Name, role);
        if (column.Vocabulary != train.Vocabulary) throw KeyIds.OtherCount(train.Name, train.Vocabulary - 1, column.Vocabulary - 1);
        KeyIds.CheckValidation(data.Schema[train.Name], values);
        return column;
    }

    private TranslationRows Read(IDataView data, SequenceColumn source, SequenceColumn target, int end, string parameterName, TrainingChannel channel)
    {
        var rows = TranslationRows.Read(data, source, target, end, options.MaximumTrainingLength, parameterName, options.CancellationToken);
        if (rows.TooLong + rows.Empty > 0)
        {
            channel.Warning(WarningCode.RowsLeftOut, $"{rows.TooLong + rows.Empty} of {rows.Count + rows.TooLong + rows.Empty} rows of the "
                + $"{(parameterName == "trainData" ? "training" : "validation")} data are left out: {rows.TooLong} have more than "
                + $"{options.MaximumTrainingLength} source or target tokens (MaximumTrainingLength), {rows.Empty} have none on a side.");
        }
        return rows;
    }

    private bool WritesUnknown => options.UnknownTokens is { CopyColumnName: not null } or { Allow: true };

    private void Describe(int sourceTokens, int end)
    {
        var (network, decoder) = (options.Network, options.Decoder);
        var encoder = NetworkBuilder.StepLayers(network, decoder.SourceEmbeddingSize);
        var vocabulary = end + 2;
        var size = decoder.HiddenSize ?? encoder.OfType<RecurrentDescription>().Last().OutputSize;
        Description = new()
        {
            Features = 0,
            Vocabulary = sourceTokens,
            Outputs = vocabulary,
            TieHead = decoder.TieEmbeddings,
            Layers = encoder,
            Decoder = new()
            {
                Steps = options.Search.MaximumLength ?? Unlimited,
                IsLimitedBySource = options.Search.MaximumLength is null,
                MinimumLength = options.Search.MinimumLength,
                ExcludedTokens = WritesUnknown ? [] : [0],
                Projection = decoder.TieEmbeddings && size != decoder.TargetEmbeddingSize ? decoder.TargetEmbeddingSize : 0,
                Targets = 0,
                Vocabulary = vocabulary,
                StartToken = end + 1,
                EndToken = end,
                Layers = NetworkBuilder.TokenDecoderLayers(network, encoder, decoder.TargetEmbeddingSize, decoder.HiddenSize),
                Attention = decoder.Attention,
                AttentionUnits = decoder.AttentionUnits ?? 0,
                InputFeeding = decoder.InputFeeding,
            },
        };
    }

    private void Warn(TrainingChannel channel)
    {
        if (Manifest.Translation is { CopyColumn: not null, KnowsUnknown: false })
        {
            channel.Warning(WarningCode.NothingToCopy, $"The option UnknownTokens.CopyColumnName has no effect: no token of the column "
                + $"'{options.TargetColumnName}' is unknown in the training data, so that the model never learns to write an unknown token. Build the target's "
                + "vocabulary with a minimum count of 2 or more, or a maximum size.");
        }
    }
}
