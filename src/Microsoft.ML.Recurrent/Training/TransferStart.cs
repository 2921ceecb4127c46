using System.Globalization;
using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Layers;
using Microsoft.ML.Recurrent.Networks;

namespace Microsoft.ML.Recurrent.Training;

/// <summary>Starts a network from the parameters of a model of another task: those that fit by name and shape.</summary>
internal static class TransferStart
{
    private const string Option = "Network.Initialization.Model";

    // What they mean belongs to the task.
    private static readonly string[] s_heads = ["head", "sequence_head", CrfWeights.Name, "linear_path", NgramPath.Name];

    /// <param name="initial">The other model.</param>
    /// <param name="network">The new network, with its first weights and the statistics of its data.</param>
    /// <param name="manifest">The columns and tokens of the data.</param>
    /// <param name="frozen">The layers that are to keep their weights.</param>
    /// <returns>What was taken.</returns>
    /// <exception cref="ArgumentException">Nothing fits, no token is known, or a layer that is to be frozen was not taken.</exception>
    public static TransferReport Apply(RecurrentModel initial, Network network, ModelManifest manifest, string[] frozen)
    {
        using var source = initial.ToNetwork();
        var (old, known, wanted) = (initial.Manifest, source.Description, network.Description);
        var tokens = known.Vocabulary == 0 || wanted.Vocabulary == 0 ? null : KeyMap.Find("tokens of the vocabulary", known.Vocabulary, wanted.Vocabulary,
            old.Vocabulary, manifest.Vocabulary, 1, old.Language?.EndOfSentence, manifest.Language?.EndOfSentence);
        if (tokens is { KnowsNone: true })
            throw Refused($"holds a model that knows none of the {wanted.Vocabulary - 1} tokens of these data. Tokenize and map the texts as in its training.");
        // Other columns of tokens, by their values too; categories of series have ids of their own model.
        var beside = manifest.TokensBeside.Select((column, i) => (Table: wanted.Categories[i].Name + ".weight", Place: i, Here: column)).Join(
            old.TokensBeside.Select((column, i) => (Place: i, There: column)), here => (here.Place, here.Here.Name), there => (there.Place, there.There.Name),
            (here, there) => (here.Table, Map: KeyMap.Find($"tokens of the column '{here.Here.Name}'", there.There.Vocabulary, here.Here.Vocabulary,
                old.VocabularyOf(there.There), manifest.VocabularyOf(here.Here), 1))).ToDictionary(pair => pair.Table, pair => pair.Map);
        List<string> taken = [], fresh = [];
        HashSet<string> used = [];
        foreach (var parameter in network.Parameters)
        {
            if (source.Parameters.FirstOrDefault(there => there.Name == parameter.Name) is not { } there || !MeansTheSame(parameter.Name)) Add(null);
            else if (IsEmbedding(parameter.Name) || wanted.Categories.Any(category => category.Name + ".weight" == parameter.Name))
            {
                var map = IsEmbedding(parameter.Name) ? tokens : beside.GetValueOrDefault(parameter.Name);
                if (map is null || there.Shape.Columns != parameter.Shape.Columns) Add(there);
                else
                {
                    map.CopyRows(there.Value.Span, parameter.Value.Span);
                    Take(parameter.Name, string.Create(CultureInfo.InvariantCulture, $" ({map.Matched} of {map.Count} tokens)"));
                }
            }
            else if (there.Shape != parameter.Shape) Add(there);
            else
            {
                there.Value.Span.CopyTo(parameter.Value.Span);
                Take(parameter.Name, "");
            }

            void Take(string name, string text)
            {
                used.Add(name);
                taken.Add(name + text);
            }

            void Add(Parameter? other)
            {
                if (IsStatistic(parameter.Name)) return;
                fresh.Add(parameter.Name + (other is null ? "" : $" ({other.Shape} there, {parameter.Shape} here)"));
            }
        }
        string[] unused = [.. source.Parameters.Select(parameter => parameter.Name).Where(name => !used.Contains(name) && !IsStatistic(name))];
        var report = new TransferReport { Task = old.Task.ToString(), Taken = [.. taken], New = [.. fresh], Unused = [.. unused] };
        if (!used.Any(name => !IsStatistic(name)))
        {
            throw Refused($"holds a model for {old.Task} of which nothing fits this network by name and shape: here are {string.Join(", ", report.New)}; there "
                + $"are {string.Join(", ", unused)}. Set the cell, HiddenSize, NumberOfLayers and EmbeddingSize of its training.");
        }
        if (frozen.FirstOrDefault(layer => !used.Any(name => name.StartsWith(layer + ".", StringComparison.Ordinal))
            && network.ParametersOf(layer).Any()) is { } random)
        {
            throw new ArgumentException($"The option Network.Initialization.FrozenLayers names '{random}', of which the initial model for {old.Task} gives "
                + "nothing: random weights that stay as they are learn nothing.", "Network.Initialization.FrozenLayers");
        }
        return report;

        bool IsEmbedding(string name) => wanted.Layers.OfType<EmbeddingDescription>().Any(layer => layer.Name + ".weight" == name);

        // Of numbers, the layers know the scale of the same columns only.
        bool MeansTheSame(string name) => IsStatistic(name)
            ? known.Standardize && wanted.Standardize && Columns(old, name).SequenceEqual(Columns(manifest, name))
            : !s_heads.Contains(Layer(name));
    }

    private static IEnumerable<(string, int)> Columns(ModelManifest manifest, string statistic) => manifest.Inputs
        .Where(input => Layer(statistic) == (input.Kind is InputKind.Sequence ? "input" : input.Kind is InputKind.Static ? "static" : ""))
        .Select(input => (input.Column, input.Features));

    private static bool IsStatistic(string name) => Layer(name) is "input" or "static" or "future" or "series";

    private static string Layer(string parameter) => parameter[..parameter.IndexOf('.')];

    private static ArgumentException Refused(string fault) => new($"The option {Option} {fault}", Option);
}
