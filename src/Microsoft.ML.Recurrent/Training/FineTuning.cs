using Microsoft.ML.Recurrent.Layers;
using Microsoft.ML.Recurrent.Networks;

namespace Microsoft.ML.Recurrent.Training;

/// <summary>Starts a run from a model that was trained before: its layers, its weights, and the figures by which it standardises.</summary>
internal static class FineTuning
{
    private const string ModelOption = "Network.Initialization.Model";

    /// <summary>
    /// The initial model's network for the new data. Its vocabulary, its classes and the values of its categories may be others: what the initial model knows
    /// by its value keeps its weights, what is new begins at random, and of categories as what is unknown.
    /// </summary>
    /// <param name="initial">The initial model.</param>
    /// <param name="wanted">The network that the data need.</param>
    /// <param name="manifest">What its keys stand for.</param>
    /// <param name="seed">Of what is new.</param>
    /// <param name="tell">Told how much of the vocabulary and of the classes is known, where that is not all.</param>
    /// <exception cref="ArgumentException">The model takes or gives something else; the message says what.</exception>
    public static Network CreateNetwork(RecurrentModel initial, NetworkDescription wanted, ModelManifest manifest, ulong seed, Action<string> tell)
    {
        var (known, old) = (initial.Description, initial.Manifest);
        if (known.PerStep != wanted.PerStep)
        {
            if (wanted.PerStep)
                throw Refused("a network that answers once a sequence, but this trainer needs one that answers at every step.");
            // Of a model that answers at every step, the answer at the last one.
            known = known with { PerStep = false,
                Layers = known.Layers.Add(new PoolingDescription("last_step", SequencePooling.Last) { ReverseAtLastStep = true }) };
        }
        Same("numbers in a step", known.Features, wanted.Features);
        Same("static numbers", known.Statics, wanted.Statics);
        Same("numbers that are known ahead of a step", known.FutureFeatures, wanted.FutureFeatures);
        Same("categories beside its numbers", known.Categories.Length, wanted.Categories.Length);
        Same("logarithms", (int)known.Transform, (int)wanted.Transform);
        Same("masks of missing numbers", known.MasksMissing ? 1 : 0, wanted.MasksMissing ? 1 : 0);
        Same("masks of numbers that are known ahead", known.FutureMasks, wanted.FutureMasks);
        Same("lags", known.Lags.Length, wanted.Lags.Length);
        if (known.SeriesScaling is null != wanted.SeriesScaling is null)
            throw Refused(
                $"a forecaster that was trained with Normalization.Scope "
                    + $"= {(known.SeriesScaling is null ? NormalizationScope.Window : NormalizationScope.Series)}: leave that option out, or choose the same.");
        if (known.SeriesScaling?.HasIds != wanted.SeriesScaling?.HasIds)
            throw Refused($"a forecaster that scales series by figures of their own and was "
                    + $"trained {(known.SeriesScaling!.HasIds ? "with" : "without")} a series column, but these data "
                    + $"come {(known.SeriesScaling.HasIds ? "without" : "with")} one.");
        // Layers are the initial model's, whatever the options say; what a decoder does with them is not.
        if (Plain(known.Decoder) != Plain(wanted.Decoder))
            throw Refused(
                "a forecaster of another strategy, horizon, season length or likelihood, or with attention of another kind: choose those that it was trained "
                    + "with.");
        if (known.Vocabulary > 0 != wanted.Vocabulary > 0) Same("tokens in its vocabulary", known.Vocabulary, wanted.Vocabulary);
        var tokens = wanted.Vocabulary == 0 ? null : KeyMap.Find("tokens of the vocabulary", known.Vocabulary, wanted.Vocabulary, old.Vocabulary,
            manifest.Vocabulary, 1, old.Language?.EndOfSentence, manifest.Language?.EndOfSentence);
        if (tokens is { KnowsNone: true })
            throw Refused(
                $"a model of another vocabulary: it knows none of the {wanted.Vocabulary - 1} tokens of these data. Cut and map the texts as for its own "
                    + $"training.");
        var outputs = RecurrentTask.Find(manifest).MapOutputs(known.Outputs, wanted.Outputs, old, manifest, tokens);
        if (outputs is null) Same("outputs (classes, or steps that are forecast)", known.Outputs, wanted.Outputs);
        foreach (var map in new[] { tokens, outputs }.Distinct())
            if (map?.Tell() is { } text) tell(text);
        // Values that the initial model knows come first, and have their numbers.
        for (var i = 0; i < known.Categories.Length; i++)
        {
            var fresh = wanted.Categories[i].Vocabulary - known.Categories[i].Vocabulary;
            if (fresh > 0)
                tell($"The initial model does not know {fresh} of {wanted.Categories[i].Vocabulary - 1} values of the category "
                    + $"'{manifest.Forecast!.Categories[i].Column}'; they begin as what is unknown.");
        }

        using var source = initial.ToNetwork();
        var network =
            new Network(known with { Time = wanted.Time, Vocabulary = wanted.Vocabulary, Outputs = wanted.Outputs, SeriesScaling = wanted.SeriesScaling,
            Categories = [.. known.Categories.Zip(wanted.Categories, (there, here) => there with { Vocabulary = here.Vocabulary })] }, seed);
        var categories = known.Categories.Select(category => category.Name + ".weight").ToHashSet();
        var embeddings = known.Layers.OfType<EmbeddingDescription>().Select(layer => layer.Name + ".weight").ToHashSet();
        foreach (var parameter in network.Parameters)
        {
            var map = embeddings.Contains(parameter.Name) ? tokens : parameter.Name is "head.weight" or "head.bias" ? outputs : null;
            if (categories.Contains(parameter.Name)) Widen(source[parameter.Name].Value.Span, parameter.Value.Span, parameter.Shape[1]);
            else if (parameter.Name == LinearSkip.WeightName) LinearSkip.CopyWeight(source[parameter.Name].Value, parameter.Value);
            else if (map is null) source[parameter.Name].Value.Span.CopyTo(parameter.Value.Span);
            else map.CopyRows(source[parameter.Name].Value.Span, parameter.Value.Span);
        }
        return network;

        static (bool, DecoderDescription?) Plain(DecoderDescription? decoder) =>
            (decoder?.IsRecursive ?? false, decoder is null ? null : decoder with { Layers = [] });

        static void Same(string what, int known, int wanted)
        {
            if (known != wanted)
                throw Refused($"a network of {known} {what}, but these data need {wanted}.");
        }
    }

    // The vectors of a category's further values are that of the unknown one, the first.
    private static void Widen(ReadOnlySpan<float> known, Span<float> table, int size)
    {
        known.CopyTo(table);
        for (var at = known.Length; at < table.Length; at += size) known[..size].CopyTo(table[at..]);
    }

    /// <summary>Gives the head the initial model's figures, under which its weights were learned.</summary>
    public static void CopyHead(RecurrentModel initial, Head head, RecurrentTask task)
    {
        var known = RecurrentTask.Find(initial.Manifest);
        if (known.IsKnown && known != task)
            throw Refused($"a model for {known.Name}, but this trainer is for {task.Name}.");
        if (!task.KeepsHead) return;
        foreach (var parameter in head.Parameters)
        {
            if (known.IsKnown) initial.HeadParameter(parameter.Name).CopyTo(parameter.Value.Span);
            // Such a model answers in the label's own unit.
            else parameter.Value.Span.Fill(parameter.Name.EndsWith("scale", StringComparison.Ordinal) ? 1 : 0);
        }
    }

    /// <summary>Keeps the layers of these names as they are.</summary>
    public static void Freeze(Network network, string[] names)
    {
        foreach (var name in names)
        {
            var parameters = network.Parameters.Where(parameter => parameter.Name.StartsWith(name + ".", StringComparison.Ordinal)).ToArray();
            if (parameters.Length == 0)
            {
                var layers = network.Parameters.Select(parameter => parameter.Name[..parameter.Name.LastIndexOf('.')])
                    .Except(["input", "static", "future", "series"]).Distinct();
                throw new ArgumentException(
                    $"The option Network.Initialization.FrozenLayers names '{name}', but the network's layers with weights are {string.Join(", ", layers)}.",
                    "Network.Initialization.FrozenLayers");
            }
            foreach (var parameter in parameters) parameter.Trainable = false;
        }
    }

    /// <summary>An error that says what the initial model holds, and why that does not fit.</summary>
    private static ArgumentException Refused(string content) => new($"The option {ModelOption} holds {content}", ModelOption);
}
