using System.Collections.Immutable;
using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Hosting;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Training;

namespace Microsoft.ML.Recurrent;

/// <summary>A fit to rows with one whole sequence and its label each. The options create the head.</summary>
internal sealed class SequenceFit(SequenceTrainerOptions options, RowColumnNames names) : NetworkFit
{
    private RowExamples _examples = null!;
    private int[] _train = [];
    private Head _head = null!;

    protected override void Prepare(IDataView trainData, IDataView? validationData, ulong seed, TrainingChannel channel)
    {
        var columns = RowColumns.Resolve(trainData.Schema, names);
        var classes = columns.LabelRole is LabelRole.Key or LabelRole.StepKeys ? LabelReader.KeyValues(columns.Label)
            : columns.LabelRole is LabelRole.LabelSet ? LabelSetReader.Names(columns.Label) : null;
        LabelManifest?[] tokens = [.. columns.Sequences.Select(column => column.IsTokens ? LabelReader.KeyValues(trainData.Schema[column.Name]) : null)];
        var sequenceClasses = columns.SequenceLabel is { } wholes ? LabelReader.KeyValues(wholes) : null;
        if (options.Network.Initialization.Model is { } initial)
        {
            var allSequenceClasses = KeyIds.Union(sequenceClasses, initial.Manifest.SequenceLabel);
            columns = columns with { ExtraSequenceClasses = KeyIds.Extra(allSequenceClasses, sequenceClasses) };
            sequenceClasses = allSequenceClasses;
            if (columns.Letters is { } texts && initial.Manifest.Alphabet is { } alphabet)
                columns = columns with { Letters = texts with { Alphabet = LetterAlphabet.Create(alphabet) } };
            var allClasses = KeyIds.Union(classes, initial.Manifest.Label);
            columns = columns with { ExtraClasses = KeyIds.Extra(allClasses, classes) };
            classes = allClasses;
            (columns, tokens) = WithKnownTokens(columns, tokens, initial.Manifest);
            if (columns.Sequences.Sum(column => column.ExtraTokens) is > 0 and var extra)
                channel.Info($"{extra} tokens of the initial model, which these data lack, are kept.");
            if (columns.ExtraClasses > 0) channel.Info($"{columns.ExtraClasses} classes of the initial model, which these data lack, are kept.");
        }
        else if (options.Network.Initialization.OtherTask is { } other)
        {
            // Words that the labelled rows lack keep the meaning that the other model has learned.
            (columns, tokens) = WithKnownTokens(columns, tokens, other.Manifest);
            if (columns.Sequences.Sum(column => column.ExtraTokens) is > 0 and var more)
                channel.Info($"{more} tokens of the initial model, which these data lack, are kept.");
        }
        var validationColumns = validationData is null ? null : RowColumns.Resolve(validationData.Schema, names);
        if (validationColumns is not null)
        {
            columns.CheckValidation(validationColumns);
            for (var i = 0; i < tokens.Length; i++)
                if (columns.Sequences[i].IsTokens) KeyIds.CheckValidation(validationData!.Schema[columns.Sequences[i].Name], tokens[i]);
            if (columns.LabelRole is LabelRole.Key or LabelRole.StepKeys) KeyIds.CheckValidation(validationColumns.Label, classes);
            if (columns.LabelRole is LabelRole.LabelSet) LabelSetReader.CheckValidation(validationColumns.Label, columns.Label);
            if (validationColumns.SequenceLabel is { } wholeLabel) KeyIds.CheckValidation(wholeLabel, sequenceClasses);
        }
        if (options.Network.Initialization.Model is { } known) columns = columns.WithOrigins(known.Manifest.Inputs);
        _examples = RowExamples.Read(trainData, columns, nameof(trainData), options.CancellationToken);
        columns = _examples.Columns;
        columns.Letters?.Alphabet.Close();
        if (_examples.Warnings.Count > 0) channel.Warning(WarningCode.RoundedNumbers, string.Join(' ', _examples.Warnings));
        options.ChooseDefaults(columns, _examples.Count, validationData is not null);
        ExampleSet train, validation;
        if (validationData is null)
        {
            var (kept, aside) = RandomSplit.Split(_examples.Count, _examples.Strata, options.Stopping.ValidationShare, seed);
            (train, validation) = (new(_examples, kept), new(_examples, aside));
        }
        else
        {
            train = new(_examples);
            validationColumns = validationColumns! with { Origins = columns.Origins, Letters = columns.Letters, ExtraClasses = columns.ExtraClasses };
            validation = new(RowExamples.Read(validationData, validationColumns, nameof(validationData), options.CancellationToken));
        }
        (Train, Validation, _train) = (train, validation.Count == 0 ? null : validation, train.Examples);
        if (_examples.DescribeOnlyLabel(_train) is { } only) channel.Warning(WarningCode.OneLabel, only);
        if (_examples.DescribeOutlier(_train) is { } outlier) channel.Warning(WarningCode.Outlier, outlier);
        _head = options.CreateHead(columns, _examples, _train);
        Manifest = new()
        {
            Task = options.Task.Name,
            Inputs = columns.Inputs(),
            Outputs = options.Outputs(columns, _head.Outputs),
            Label = classes ?? options.OutputNames(columns),
            SequenceLabel = sequenceClasses,
            Alphabet = columns.Letters?.Alphabet.Letters,
            Vocabulary = tokens[0],
            VocabulariesBeside = columns.TokensBeside.Any() ? Beside(columns, tokens) : null,
        };
        Description = options.Describe(columns, new()
        {
            Features = columns.Features,
            Vocabulary = columns.Vocabulary,
            Time = columns.Time,
            Statics = columns.StaticSize,
            Categories = [.. columns.TokensBeside.Select((column, i) => new CategoryDescription($"category_{i + 1}", CategoryPlace.Past, column.Tokens,
                options.Features.AdditionalEmbeddingSize ?? CategoryDescription.UsualSize(column.Tokens)))],
            Standardize = options.Features.Standardize,
            Layers = options.Layers(columns,
                columns.Vocabulary > 0 ? options.Network.Initialization.WordVectors?.Size ?? options.Features.EmbeddingSize : null),
            Outputs = _head.Outputs,
            Ngrams = columns.Vocabulary == 0 ? null
                : options.Features.Ngrams.Describe(_head.Outputs, (length, most) => _examples.CountNgrams(_train, length, most)),
        });
        if (Description.PerStep && columns.Features > 0) CheckAugmentation("the steps have labels");
        if (columns.Features > 0 && columns.Sequences.Any(column => column.IsTokens)) CheckAugmentation("tokens stand beside them");
    }

    // The tokens of each column in the order of its data, and after them those that only the initial model has.
    private static (RowColumns Columns, LabelManifest?[] Tokens) WithKnownTokens(RowColumns columns, LabelManifest?[] tokens, ModelManifest known)
    {
        InputColumn[] there = [.. known.Inputs.Where(input => input.Kind is InputKind.Tokens)];
        var (sequences, all, place) = (columns.Sequences.ToBuilder(), tokens.ToArray(), 0);
        // Columns of different number are refused later.
        for (var i = 0; i < tokens.Length; i++)
        {
            if (!sequences[i].IsTokens || place == there.Length) continue;
            all[i] = KeyIds.Union(tokens[i], known.VocabularyOf(there[place++]));
            sequences[i] = sequences[i] with { ExtraTokens = KeyIds.Extra(all[i], tokens[i]) };
        }
        return (columns with { Sequences = sequences.ToImmutable() }, all);
    }

    private static ImmutableArray<ColumnVocabulary> Beside(RowColumns columns, LabelManifest?[] tokens) =>
        [.. columns.Sequences.Zip(tokens).Skip(1).Where(pair => pair.Second is not null).Select(pair => new ColumnVocabulary(pair.First.Name, pair.Second!))];

    // What stands beside the numbers at each step would stay.
    private void CheckAugmentation(string what)
    {
        if (options.Network.Regularization.Augmentation is { MovesSteps: true })
        {
            throw new OptionChecks("Network.Regularization").Refused(nameof(RegularizationOptions.Augmentation),
                $"moves numbers to other steps (TimeFlip, TimeWarp, WindowSlice), but {what}, which would stay where they are: leave these out.");
        }
    }

    protected override Head CreateHead(Network network)
    {
        options.Join(_head, network);
        return _head;
    }

    protected override void Start(Network network, Head head, bool isNew)
    {
        if (!isNew) return;
        if (network.Ngrams is { } path) _examples.StartNgrams(path, Description.Ngrams!.Length, _train);
        if (!Description.Standardize) return;
        if (Description.Features > 0) Standardize(network, "input", _examples.FeatureMoments(_train));
        if (Description.Statics > 0) Standardize(network, "static", _examples.StaticMoments(_train));
    }

    protected override ModelManifest Finish(Network network, Head head, TrainingChannel channel)
    {
        // What training did not see is no random vector. An initial model knows more than the data.
        if (options.Network.Initialization.Model is null) network.Inputs.FillUnknown(_examples.SeenBeside(_train));
        if (Validation is { } held) options.Complete(network, head, held, channel);
        return Manifest;
    }

    protected override bool[]? RareTokens(RecurrentTrainerOptions options) =>
        options.Network.Regularization.Augmentation is { RareTokenDropout: > 0 } && Description.Vocabulary > 0
            ? [.. _examples.CountTokens(_train, Description.Vocabulary).Select(count => count == 1)]
            : null;
}
