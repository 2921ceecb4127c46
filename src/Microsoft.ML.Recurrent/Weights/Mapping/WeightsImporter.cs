using System.Collections.Immutable;
using Microsoft.ML.Recurrent.Layers;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Weights.Files;

namespace Microsoft.ML.Recurrent.Weights.Mapping;

/// <summary>Builds a described network with the weights of a file. The linear layer that no layer of the network takes is the head.</summary>
internal sealed class WeightsImporter
{
    // Of models of this library: constants beside the layers.
    private static readonly string[] s_constants = [WeightNames.InputMean, WeightNames.InputScale, WeightNames.TargetMean, WeightNames.TargetScale];

    private readonly WeightsFile _file;
    private readonly RecurrentWeightsOptions _options;
    private readonly FrameworkLayout _layout;

    private WeightsImporter(WeightsFile file, RecurrentWeightsOptions options) =>
        (_file, _options, _layout) = (file, options, FrameworkLayout.For(file, options));

    /// <summary>The network, and the activation of its outputs.</summary>
    /// <exception cref="ArgumentException">The file and the network do not match; the message lists what is left on both sides.</exception>
    public static (Network Network, OutputActivation Activation) Import(WeightsFile file, SequenceNetwork network, RecurrentWeightsOptions options)
    {
        var importer = new WeightsImporter(file, options);
        var layers = options.OutputPerStep ? network.StepLayers() : importer.IsOwn(network) ? network.Layers() : Pooled(network);
        var match = importer.Match(layers);
        // A linear layer that is described as the last one is the head.
        if (match.Head is null && network.Listed is [.., DenseDescription { Activation: DenseActivation.Identity } last])
            match = importer.Match(layers.Remove(last));
        importer.Check(match);
        var settings = KerasSettings.Read(match);
        var built = importer.Build(match, settings);
        return (built, options.OutputActivation ?? settings.Activation);
    }

    // The names of a file that this library wrote are those of the layers: the states are pooled where the trainers do.
    private bool IsOwn(SequenceNetwork network)
    {
        var names = _file.Tensors.Select(tensor => tensor.Name.Split('.')[0]).ToHashSet();
        return network.Listed.All(layer => names.Contains(layer.Name) || layer is DropoutDescription or ActivationDescription)
            && names.Contains(WeightNames.Head);
    }

    // The last states stand after the last layer over time, as in the frameworks. A layer after it would mix the last state of one direction with another one
    // of the other.
    private static ImmutableArray<LayerDescription> Pooled(SequenceNetwork network)
    {
        var (listed, layers) = (network.Listed, network.Layers());
        var last = listed.ToList().FindLastIndex(layer => layer is RecurrentDescription or ConvolutionDescription or SelfAttentionDescription);
        return listed.Length == layers.Length || last < 0 ? layers : listed.Insert(last + 1, layers[^1]);
    }

    private WeightsMatch Match(ImmutableArray<LayerDescription> layers)
    {
        if (layers.FirstOrDefault(layer => layer is not (DropoutDescription or ActivationDescription)) is not { } first || first is PoolingDescription)
            throw new ArgumentException("The network has no layer with weights: describe the layers whose weights the file has.", "network");
        var named = NamedModules.Create(_file, _layout, _options, s_constants, layers.Select(layer => layer.Name).Append(WeightNames.Head));
        WeightsMatch? best = null;
        foreach (var inputs in Matcher().Inputs(first))
        {
            var tokens = first is EmbeddingDescription;
            using var body = new Network(new()
            {
                Features = tokens ? 0 : inputs, Vocabulary = tokens ? inputs : 0, Time = _options.TimeSteps, Standardize = false, Layers = layers,
                PerStep = _options.OutputPerStep, Outputs = 1,
            }, seed: 0);
            var match = new WeightsMatch(_layout, Matcher(), body);
            if (best is null || match.Left < best.Left) best = match;
            if (best.Left == 0) break;
        }
        return best ?? throw new ArgumentException(
            $"The file '{_file.Path}' has no tensors for the layer '{first.Name}', the first one of the network. It has {List(named.Modules)}.", "network");

        WeightMatcher Matcher() => new(_layout, named.Modules, named.IsOrdered, named.Pinned);
    }

    private void Check(WeightsMatch match)
    {
        var (missing, unused) = (match.Missing.Count > 0 && !_options.IgnoreMissingParameters, match.Unused.Count > 0 && !_options.IgnoreUnusedTensors);
        if (!missing && !unused) return;
        throw new ArgumentException($"The network and the file '{_file.Path}' do not match."
            + (match.Missing.Count == 0 ? "" : $" Parameters of the network without a tensor: {string.Join(", ", match.Missing)}.")
            + (match.Unused.Count == 0 ? "" : $" Tensors without a layer of the network: {List(match.Unused)}.")
            + " Describe the network as the file has it, or say by the option Names which layer is which. "
            + (unused ? nameof(RecurrentWeightsOptions.IgnoreUnusedTensors) : nameof(RecurrentWeightsOptions.IgnoreMissingParameters)) + " passes over them.",
                "network");
    }

    private Network Build(WeightsMatch match, KerasSettings settings)
    {
        float[]? Constant(string name) => _file.Tensors.FirstOrDefault(tensor => tensor.Name == name)?.Read();
        var (mean, scale) = (Constant(WeightNames.InputMean), Constant(WeightNames.InputScale));
        var network = new Network(match.Body with
        {
            Outputs = match.Head is null ? match.Width : match.Outputs,
            Standardize = mean is not null && scale is not null,
            Layers = [.. match.Body.Layers.Select(layer => WithEpsilon(layer, settings))],
        }, seed: 0);
        try
        {
            foreach (var layer in network.AllLayers)
                if (match.Find(layer.Name) is { } found)
                    foreach (var parameter in layer.Parameters)
                        Fill(parameter.Value.Span, _layout.Find(found.Module, found.Layer, parameter.Name[(layer.Name.Length + 1)..]));
            if (match.Head is null) Identity(network);
            Copy(mean, WeightNames.InputMean);
            Copy(scale, WeightNames.InputScale);
            Unstandardize(network.HeadLayer, Constant(WeightNames.TargetMean), Constant(WeightNames.TargetScale));
            return network;
        }
        catch
        {
            network.Dispose();
            throw;
        }

        void Copy(float[]? values, string name)
        {
            if (!network.Description.Standardize) return;
            var constant = network[name].Value.Span;
            if (values!.Length != constant.Length)
                throw new InvalidDataException($"The file '{_file.Path}' has {values.Length} numbers in the tensor '{name}' for {constant.Length} features.");
            values.CopyTo(constant);
        }
    }

    private static void Fill(Span<float> parameter, ParameterSource? source)
    {
        if (source is null) parameter.Clear();
        else source.Read().CopyTo(parameter);
    }

    private static void Identity(Network network)
    {
        var weight = network.HeadLayer.Weight.Value.Span;
        var width = network.Description.Outputs;
        weight.Clear();
        for (var i = 0; i < width; i++) weight[i * width + i] = 1;
        network.HeadLayer.Bias.Value.Span.Clear();
    }

    // Answers in the unit of the label: the head of a model of this library has that of the standardized one.
    private void Unstandardize(DenseLayer head, float[]? mean, float[]? scale)
    {
        if (mean is null || scale is null) return;
        var weight = head.Weight.Value.Span;
        var bias = head.Bias.Value.Span;
        if (mean.Length != bias.Length || scale.Length != bias.Length)
            throw new InvalidDataException(
                $"The file '{_file.Path}' does not have {bias.Length} numbers in each of the tensors '{WeightNames.TargetMean}' and "
                    + $"'{WeightNames.TargetScale}'.");
        var inputs = weight.Length / bias.Length;
        for (var i = 0; i < bias.Length; i++)
        {
            foreach (ref var number in weight.Slice(i * inputs, inputs)) number *= scale[i];
            bias[i] = bias[i] * scale[i] + mean[i];
        }
    }

    private LayerDescription WithEpsilon(LayerDescription layer, KerasSettings settings)
    {
        var epsilon = _options.NormalizationEpsilon ?? settings.Epsilon(layer.Name) ?? _layout.NormalizationEpsilon;
        return layer is LayerNormDescription norm ? norm with { Epsilon = epsilon }
            : layer is BatchNormDescription batch ? batch with { Epsilon = epsilon }
            : layer;
    }

    private static string List(IEnumerable<WeightModule> modules) => string.Join(", ", modules.SelectMany(module => module.Tensors.Values));
}
