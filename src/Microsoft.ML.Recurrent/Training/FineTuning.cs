using Microsoft.ML.Recurrent.Layers;
using Microsoft.ML.Recurrent.Networks;

namespace Microsoft.ML.Recurrent.Training;

/// <summary>Starts training from an initial model: its layers, weights and standardization statistics.</summary>
internal static class FineTuning
{
    private const string ModelOption = "Network.Initialization.Model";

    /// <summary>
    /// Adapts the network of the initial model to the new data. Vocabulary, classes and categories may differ: known values keep their weights; new ones are
    /// initialized randomly or, for categories, with the vector of the unknown value.
    /// </summary>
    /// <param name="initial">The initial model.</param>
    /// <param name="wanted">The network required by the data.</param>
    /// <param name="manifest">The key values of the data.</param>
    /// <param name="updatesStatistics">Whether running statistics of batch normalization follow the data; null as the initial model says.</param>
    /// <param name="seed">The seed of new weights.</param>
    /// <param name="tell">Receives a message if parts of the vocabulary or the classes are new.</param>
    /// <param name="warn">Receives a message if the data lack parts of the vocabulary or the classes, which the new network then does not have.</param>
    /// <exception cref="ArgumentException">The inputs or outputs of the model do not match; the message says which.</exception>
    public static Network CreateNetwork(RecurrentModel initial, NetworkDescription wanted, ModelManifest manifest, bool? updatesStatistics, ulong seed,
        Action<string> tell, Action<string> warn)
    {
        var (known, old) = (initial.Description, initial.Manifest);
        if (known.PerStep != wanted.PerStep)
        {
            if (wanted.PerStep)
                throw Refused("a network with one output per sequence, but this trainer needs one output per step.");
            // Of a model with per-step outputs, the output of the last step.
            known = known with
            {
                PerStep = false,
                Layers = known.Layers.Add(new PoolingDescription("last_step", SequencePooling.Last) { ReverseAtLastStep = true })
            };
        }
        Inputs("numbers per step", known.Features, wanted.Features, InputKind.Sequence);
        Inputs("static numbers", known.Statics, wanted.Statics, InputKind.Static);
        Inputs("future covariates per step", known.FutureFeatures, wanted.FutureFeatures, InputKind.Future);
        Inputs("categorical inputs", known.Categories.Length, wanted.Categories.Length, null);
        Same("logarithms", (int)known.Transform, (int)wanted.Transform, "Normalization.TargetTransform");
        Same("missing-value indicators", known.MasksMissing ? 1 : 0, wanted.MasksMissing ? 1 : 0, "MissingValues.Handling");
        Same("missing-value indicators of future covariates", known.FutureMasks, wanted.FutureMasks, "MissingValues.Handling");
        Same("lags", known.Lags.Length, wanted.Lags.Length, "Input.Features.Lags");
        if (known.SeriesScaling is null != wanted.SeriesScaling is null)
            throw Refused(
                $"a forecaster that was trained with Normalization.Scope "
                    + $"= {(known.SeriesScaling is null ? NormalizationScope.Window : NormalizationScope.Series)}: omit that option, or set the same value.");
        if (known.SeriesScaling?.HasIds != wanted.SeriesScaling?.HasIds)
            throw Refused($"a forecaster with scaling statistics per series that was "
                    + $"trained {(known.SeriesScaling!.HasIds ? "with" : "without")} a series column, but these data "
                    + $"come {(known.SeriesScaling.HasIds ? "without" : "with")} one.");
        // Layers come from the initial model, whatever the options; the decoding does not.
        if (Plain(known.Decoder) != Plain(wanted.Decoder))
        {
            throw Refused(wanted.Decoder is { Vocabulary: > 0 }
                ? "a translation whose decoder attends, feeds its inputs or ties its embeddings in another way: set the options Decoder of its training."
                : "a forecaster of another strategy, horizon, season length or likelihood, or with attention of another kind: set the options of its "
                    + "training.");
        }
        Same("latent variables", known.Latent?.Size ?? 0, wanted.Latent?.Size ?? 0, "Latent.Size");
        if (known.Latent?.Scale != wanted.Latent?.Scale)
            throw Refused($"an autoencoder whose likelihood has {(known.Latent!.Scale is null ? "a learned scale" : "another scale, or a fixed one")}: set the "
                + "option Reconstruction.Scale of its training.");
        Same("character features", known.Letters is null ? 0 : 1, wanted.Letters is null ? 0 : 1, "Characters.TextColumnName");
        if (known.Vocabulary > 0 != wanted.Vocabulary > 0) Same("tokens in its vocabulary", known.Vocabulary, wanted.Vocabulary);
        var tokens = wanted.Vocabulary == 0 ? null : KeyMap.Find("tokens of the vocabulary", known.Vocabulary, wanted.Vocabulary, old.Vocabulary,
            manifest.Vocabulary, 1, old.Language?.EndOfSentence, manifest.Language?.EndOfSentence);
        if (tokens is { KnowsNone: true })
            throw Refused(
                $"a model with another vocabulary: it knows none of the {wanted.Vocabulary - 1} tokens of these data. Tokenize and map the texts as in its "
                    + $"training.");
        var outputs = RecurrentTask.Find(manifest).MapOutputs(known.Outputs, wanted.Outputs, old, manifest, tokens);
        if (outputs is null) Same("outputs (classes, or forecast steps)", known.Outputs, wanted.Outputs);
        var sequences = known.SequenceOutputs == 0 || wanted.SequenceOutputs == 0 ? null : KeyMap.Find("classes of whole sequences", known.SequenceOutputs,
            wanted.SequenceOutputs, old.SequenceLabel, manifest.SequenceLabel);
        KeyMap[] beside = [.. manifest.TokensBeside.Zip(old.TokensBeside, (here, there) => KeyMap.Find($"tokens of the column '{here.Name}'", there.Vocabulary,
            here.Vocabulary, old.VocabularyOf(there), manifest.VocabularyOf(here), 1))];
        foreach (var map in ((KeyMap?[])[tokens, outputs, sequences, .. beside]).Distinct())
        {
            if (map?.Tell() is { } text) tell(text);
            if (map?.TellDropped() is { } dropped) warn(dropped);
        }
        // Values known to the initial model come first, with the same ids.
        for (var i = 0; i < known.Categories.Length && beside.Length == 0; i++)
        {
            var fresh = wanted.Categories[i].Vocabulary - known.Categories[i].Vocabulary;
            if (fresh > 0)
                tell($"The initial model does not know {fresh} of {wanted.Categories[i].Vocabulary - 1} values of the category "
                    + $"'{manifest.Forecast!.Categories[i].Column}'; they start with the vector of the unknown value.");
        }

        using var source = initial.ToNetwork();
        var network =
            new Network(known with
            {
                Layers = updatesStatistics is { } updates ? [.. known.Layers.Select(layer => WithStatistics(layer, updates))] : known.Layers,
                Time = wanted.Time,
                Vocabulary = wanted.Vocabulary,
                Outputs = wanted.Outputs,
                Crf = wanted.Crf,
                SequenceOutputs = wanted.SequenceOutputs,
                AdaptiveSoftmax = source.AdaptiveSoftmax is null ? null : AdaptiveSoftmax.Continue(source, outputs!.Sources),
                SeriesScaling = wanted.SeriesScaling,
                Decoder = wanted.Decoder is { Vocabulary: > 0 } texts ? texts with
                {
                    Layers = known.Decoder!.Layers,
                    Projection = known.Decoder.Projection,
                    AttentionUnits = known.Decoder.AttentionUnits,
                } : known.Decoder,
                Categories = [.. known.Categories.Zip(wanted.Categories, (there, here) => there with { Vocabulary = here.Vocabulary })]
            }, seed);
        var categories = known.Categories.Select(category => category.Name + ".weight").ToHashSet();
        var tables = known.Categories.Select(category => category.Name + ".weight").Zip(beside).ToDictionary();
        var embeddings = known.Layers.OfType<EmbeddingDescription>().Select(layer => layer.Name + ".weight").ToHashSet();
        var written = known.Decoder?.Layers.OfType<EmbeddingDescription>().Select(layer => layer.Name + ".weight").ToHashSet() ?? [];
        foreach (var parameter in network.Parameters)
        {
            var map = written.Contains(parameter.Name) ? outputs
                : embeddings.Contains(parameter.Name) ? tokens : tables.GetValueOrDefault(parameter.Name) is { } own ? own
                : parameter.Name is "head.weight" or "head.bias" || parameter.Name.StartsWith(CrfWeights.Name + ".", StringComparison.Ordinal) ? outputs
                : parameter.Name.StartsWith("sequence_head.", StringComparison.Ordinal) ? sequences : null;
            if (network.Ngrams?.Parameters.Contains(parameter) is true) continue;
            if (network.AdaptiveSoftmax is not null && parameter.Name.StartsWith("head.", StringComparison.Ordinal)) continue;
            // What the initial model lacks begins at random.
            if (source.Parameters.All(there => there.Name != parameter.Name)) continue;
            if (map is not null && parameter.Name == network.Crf?.Transitions.Name) map.CopySquare(source[parameter.Name].Value.Span, parameter.Value.Span);
            else if (map is null && categories.Contains(parameter.Name)) Widen(source[parameter.Name].Value.Span, parameter.Value.Span, parameter.Shape[1]);
            else if (parameter.Name == LinearSkip.WeightName) LinearSkip.CopyWeight(source[parameter.Name].Value, parameter.Value);
            else if (map is null) source[parameter.Name].Value.Span.CopyTo(parameter.Value.Span);
            else map.CopyRows(source[parameter.Name].Value.Span, parameter.Value.Span);
        }
        if (source.Ngrams is { } ngrams) network.Ngrams!.CopyFrom(ngrams, tokens is null ? [] : tokens.Sources, outputs is null ? [] : outputs.Sources);
        network.AdaptiveSoftmax?.CopyFrom(source, outputs!.Sources);
        return network;

        static (bool, DecoderDescription?) Plain(DecoderDescription? decoder)
        {
            if (decoder is null) return (false, null);
            // The tokens that a decoder writes may differ.
            return (decoder.IsRecursive, decoder.Vocabulary == 0 ? decoder with { Layers = [] }
                : new() { Steps = 0, Targets = 0, Attention = decoder.Attention, InputFeeding = decoder.InputFeeding });
        }

        void Inputs(string what, int known, int wanted, InputKind? kind)
        {
            if (known == wanted) return;
            // Of categories, which may be of any kind, those of the window stand for those of the horizon.
            var (there, here) = (Of(old), Of(manifest));
            throw Refused($"a network of {known} {what}, but these data need {wanted}." + Only("the initial model", there, here)
                + Only("these data", here, there) + " Set the options of its training.");

            InputColumn[] Of(ModelManifest one) =>
                [.. one.Inputs.Where(input => kind is null ? input.IsCategory || one.TokensBeside.Contains(input) : input.Kind == kind && !input.IsCategory)];
        }

        static string Only(string who, InputColumn[] here, InputColumn[] there)
        {
            string[] only = [.. here.Where(input => !there.Any(other => (other.Name, other.Features) == (input.Name, input.Features))).Select(Describe)];
            return only.Length == 0 ? "" : $" Only {who} {(only.Length == 1 && who[^1] == 'l' ? "has" : "have")} {string.Join(", ", only)}.";
        }

        static string Describe(InputColumn input) => input.Calendar is not CalendarFeatures.None
            ? $"the option Input.CalendarFeatures of '{input.Column}' ({input.Features} numbers)"
            : $"the {(input.Kind is InputKind.Static ? "static" : input.Kind is InputKind.Future ? "future covariate" : "sequence")} column "
                + $"'{input.Column}' ({(input.IsCategory ? "a category" : input.Features)})";

        static void Same(string what, int known, int wanted, string? option = null)
        {
            if (known != wanted)
                throw Refused(
                    $"a network of {known} {what}, but these data need {wanted}.{(option is null ? "" : $" Set the option {option} of its training.")}");
        }
    }

    private static LayerDescription WithStatistics(LayerDescription layer, bool updates) =>
        layer is BatchNormDescription norm ? norm with { FixedStatistics = !updates } : layer;

    // New values of a category start with the vector of the unknown value, the first one.
    private static void Widen(ReadOnlySpan<float> known, Span<float> table, int size)
    {
        known.CopyTo(table);
        for (var at = known.Length; at < table.Length; at += size) known[..size].CopyTo(table[at..]);
    }

    /// <summary>Copies the fixed parameters of the initial model's head, with which its weights were learned.</summary>
    public static void CopyHead(RecurrentModel initial, Head head, RecurrentTask task)
    {
        var known = RecurrentTask.Find(initial.Manifest);
        if (!task.KeepsHead) return;
        foreach (var parameter in head.Parameters)
        {
            if (known.IsKnown) initial.HeadParameter(parameter.Name).CopyTo(parameter.Value.Span);
            // Such a model predicts in the unit of the label.
            else parameter.Value.Span.Fill(parameter.Name.EndsWith("scale", StringComparison.Ordinal) ? 1 : 0);
        }
    }

    /// <summary>Freezes the layers of these names.</summary>
    public static void Freeze(Network network, string[] names)
    {
        foreach (var name in names)
        {
            if (network.Freeze(name)) continue;
            var layers = network.Parameters.Select(parameter => parameter.Name[..parameter.Name.LastIndexOf('.')])
                .Except(["input", "static", "future", "series"]).Distinct();
            throw new ArgumentException(
                $"The option Network.Initialization.FrozenLayers names '{name}', but the layers with weights are {string.Join(", ", layers)}.",
                "Network.Initialization.FrozenLayers");
        }
    }

    /// <summary>An error with the content of the initial model and the reason for the mismatch.</summary>
    private static ArgumentException Refused(string content) => new($"The option {ModelOption} holds {content}", ModelOption);
}
