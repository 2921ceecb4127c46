using Microsoft.ML.Recurrent.Layers;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Onnx;
using Microsoft.ML.Recurrent.Onnx.Import;

namespace Microsoft.ML.Recurrent.States;

/// <summary>Cuts a trained network at a layer: a model whose answer is the vector of that layer.</summary>
internal static class StatesModel
{
    /// <param name="model">The trained model.</param>
    /// <param name="output">The name of the vector.</param>
    /// <param name="pooling">How the states of the steps become one vector.</param>
    /// <param name="layerName">The layer; null for the last one that has a state at each step.</param>
    /// <exception cref="ArgumentException">The model or the layer has no such states.</exception>
    public static RecurrentModel Create(RecurrentModel model, string output, SequencePooling pooling, string? layerName)
    {
        if (model.Metadata.Network is not { } known)
            throw new ArgumentException(
                "The model is the graph of another framework, whose layers are not known: load it by mlContext.Model.LoadRecurrentOnnx.", nameof(model));
        if (pooling is SequencePooling.Attention || !Enum.IsDefined(pooling))
            throw new ArgumentOutOfRangeException(nameof(pooling), pooling, "The states are pooled by Last, Mean or Max: attention would have to be learned.");
        if (known.CarriesState && pooling is not SequencePooling.Last)
            throw new ArgumentException("The model carries its states along a series: those of a row are pooled by Last.", nameof(pooling));
        if (known.Decoder is { IsRecursive: true } && known.FutureWidth > 0)
            throw new ArgumentException(
                "The layers of a recursive forecaster with future covariates read the covariates of the next step: it has no states of its own.",
                nameof(model));
        using var source = model.ToNetwork();
        var layers = source.Layers;
        var last = layerName is null
            ? layers.Select((layer, i) => (layer, i)).LastOrDefault(pair => pair.layer.Output.Sequence, (null!, -1)).i
            : Enumerable.Range(0, layers.Count).FirstOrDefault(i => layers[i].Name == layerName, -1);
        if (last < 0)
        {
            throw new ArgumentException($"The network has no layer '{layerName}'. It has {string.Join(", ", layers.Select(layer => layer.Name))}.",
                nameof(layerName));
        }
        // What joins the vectors of tokens comes after the first layer.
        var size = layers[last].Output.Features + (last == 0 && known.Vocabulary > 0 ? (source.Letters?.Size ?? 0) + known.WidthBesideTokens : 0);
        var pooled = layers[last].Output.Sequence ? [new PoolingDescription("states", pooling)] : Array.Empty<LayerDescription>();
        using var network = new Network(known with
        {
            Layers = [.. known.Layers.Take(last + 1), .. pooled],
            Outputs = size,
            PerStep = false,
            TieHead = false,
            AdaptiveSoftmax = null,
            Crf = false,
            SequenceOutputs = 0,
            Decoder = null,
            DynamicRegression = null,
            LinearSkip = null,
            Latent = null,
            Ngrams = null,
        }, seed: 0);
        foreach (var parameter in network.Parameters)
            if (!parameter.Name.StartsWith("head.", StringComparison.Ordinal)) source[parameter.Name].Value.Span.CopyTo(parameter.Value.Span);
        // The linear map of every network, here the identity on the states: statics and what is known ahead do not reach it.
        var width = network["head.weight"].Shape.Columns;
        var weight = network["head.weight"].Value.Span;
        weight.Clear();
        network["head.bias"].Value.Span.Clear();
        for (var i = 0; i < size; i++) weight[i * width + i] = 1;
        using var head = new ImportedHead(size);
        var manifest = Manifest(model, new(output, OutputKind.Single, size));
        if (known.CarriesState) manifest = manifest with { States = CarriedStates.Create(network.Description.Layers) };
        return NetworkExporter.ToModel(network, head, manifest, model.History);
    }

    /// <summary>A model whose answers are the weights of the steps in an attention pooling.</summary>
    /// <param name="model">The trained model.</param>
    /// <param name="output">The name of the weights.</param>
    /// <param name="layerName">The pooling; null for the only one.</param>
    /// <exception cref="ArgumentException">The model has no such layer.</exception>
    public static RecurrentModel CreateAttention(RecurrentModel model, string output, string? layerName)
    {
        var layers = model.Metadata.Network?.Layers ?? [];
        if (layers.OfType<PoolingDescription>().FirstOrDefault(layer => layer.Pooling is SequencePooling.Attention && layer.Name == (layerName ?? layer.Name))
            is not { } pooling || model.Manifest.Forecast is not null)
        {
            throw new ArgumentException($"The model has no attention over its steps{(layerName is null ? "" : $" named '{layerName}'")}: train a classifier or "
                + "a regression with Network.Pooling = SequencePooling.Attention.", nameof(model));
        }
        using var source = model.ToNetwork();
        // The scores of the steps are a dense layer of the pooling's own weights, and a map to one number.
        using var network = new Network(source.Description with
        {
            Layers = [.. layers.TakeWhile(layer => layer != pooling),
                new DenseDescription(pooling.Name, source[pooling.Name + ".score"].Shape.Columns, DenseActivation.Tanh)],
            Outputs = 1,
            PerStep = true,
            Statics = 0,
            Ngrams = null,
        }, seed: 0);
        foreach (var parameter in network.Parameters.Where(parameter => !parameter.Name.StartsWith("head.", StringComparison.Ordinal)))
            source[parameter.Name].Value.Span.CopyTo(parameter.Value.Span);
        source[pooling.Name + ".score"].Value.Span.CopyTo(network["head.weight"].Value.Span);
        network["head.bias"].Value.Span.Clear();
        var manifest = Manifest(model, new(output, OutputKind.Single) { PerStep = true });
        using var head = new AttentionWeightsHead();
        return NetworkExporter.ToModel(network, head, manifest with { Inputs = [.. manifest.Inputs.Where(input => input.IsSequence)] }, model.History);
    }

    private static ModelManifest Manifest(RecurrentModel model, OutputColumn output) => model.Manifest with
    {
        Task = ModelTask.States,
        StatesOf = model.Manifest.StatesOf ?? model.Manifest.Task,
        Outputs = [output],
        Columns = null,
        Translation = null,
        Label = null,
        SequenceLabel = null,
        Language = null,
        Forecast = model.Manifest.Forecast is { } forecast ? forecast with { NumberOfSamples = 0, HasDoubleColumns = false } : null,
    };
}
