using System.Collections.Immutable;
using Microsoft.ML.Recurrent.Layers;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Onnx.Format;
using Microsoft.ML.Recurrent.Onnx.Layers;

namespace Microsoft.ML.Recurrent.Onnx;

/// <summary>Exports a network and its head as an ONNX model: raw columns in, predictions out.</summary>
internal static class NetworkExporter
{
    /// <summary>The names of the dynamic axes of the graph.</summary>
    public const string BatchAxis = "batch", TimeAxis = "time", SeriesAxis = "series";

    /// <summary>Exports a trained network. The head must be an <see cref="IOnnxHead"/>.</summary>
    public static RecurrentModel ToModel(Network network, Head head, ModelManifest manifest, TrainingHistory history, long limit = ModelBytes.Limit) =>
        RecurrentModel.Create(Export(network, head, manifest), new(manifest with { MarksUnanswered = true }, network.Description, history), limit);

    public static ModelProto Export(Network network, Head head, ModelManifest manifest)
    {
        if (network.Description.Decoder is { Vocabulary: > 0 }) return GreedyGraph.Create(network, manifest);
        if (head is not IOnnxHead onnxHead) throw new ArgumentException($"The head {head.GetType().Name} cannot be exported to ONNX.", nameof(head));
        Check(network.Description, manifest);
        var graph = new OnnxModelBuilder(OnnxExportOptions.DefaultOpset, OnnxExportOptions.DefaultGraphName,
            [ModelManifest.LengthInput, ModelManifest.NoiseInput, .. manifest.Inputs.Select(input => input.Name),
            .. manifest.Outputs.Select(output => output.Name), .. manifest.States?.SelectMany(state => new[] { state.Input, state.Output }) ?? [],
            .. network.Parameters.Select(parameter => parameter.Name),
            .. head.Parameters.Select(parameter => parameter.Name)]);
        Declare(graph, manifest);
        foreach (var state in manifest.States ?? []) graph.Input(state.Input, OnnxType.Single, 1, SeriesAxis, state.Size);
        if (manifest.NoiseSize > 0) graph.Input(ModelManifest.NoiseInput, OnnxType.Single, BatchAxis, manifest.NoiseSize);

        var (output, unanswered, origin, ends) = Body(graph, network, manifest);
        var answers = onnxHead.Export(graph, output with { Noise = manifest.NoiseSize > 0 ? ModelManifest.NoiseInput : null });
        if (answers.Count != manifest.Outputs.Length)
            throw new InvalidOperationException($"The head {head.GetType().Name} wrote {answers.Count} outputs; the manifest has {manifest.Outputs.Length}.");
        var missing = unanswered is null ? null : new MissingAnswers(graph, unanswered);
        for (var i = 0; i < answers.Count; i++)
        {
            var column = manifest.Outputs[i];
            object[] shape = column.PerStep ? [BatchAxis, manifest.Inputs[0].Time is int steps ? steps : TimeAxis, column.Size] : [BatchAxis, column.Size];
            var answer = column.Kind is OutputKind.Double ? OriginsExporter.Add(graph, answers[i], origin!, manifest.Forecast!, column.Size) : answers[i];
            graph.Output(column.Name, missing?.Apply(answer, column) ?? answer, column.Kind switch
            {
                OutputKind.Single => OnnxType.Single,
                OutputKind.Double => OnnxType.Double,
                OutputKind.Boolean => OnnxType.Boolean,
                _ => OnnxType.Int64,
            }, shape);
        }
        if (manifest.CarriesState) CarriedStates.End(graph, ends!, manifest);
        return graph.Model;
    }

    /// <summary>The layers of an encoder, on which a decoder of tokens goes on, and the rows without an answer, as in <see cref="MissingAnswers"/>.</summary>
    public static (Flow Flow, string? Unanswered) Encode(OnnxGraphBuilder graph, Network network, ModelManifest manifest, WeightWriter weights)
    {
        var inputs = new InputsExporter(graph, network, manifest, weights);
        var flow = inputs.Sequence();
        flow.Ends = [];
        Layers(flow, network.Description, manifest, weights, inputs.BesideTokens(flow.Lengths));
        return (flow, inputs.Unanswered);
    }

    private static void Layers(Flow flow, NetworkDescription description, ModelManifest manifest, WeightWriter weights, string? beside)
    {
        var graph = flow.Graph;
        foreach (var layer in description.Layers)
        {
            // The states of all steps are those of as many rows.
            if (description.CarriesState && layer is PoolingDescription) flow.Vector(graph.Reshape(flow.Tensor, -1, flow.Features), flow.Features);
            else LayerExporter.Export(flow, layer, weights);
            if (layer == description.Layers[0] && description.Letters is { } letters)
                LettersExporter.Join(flow, letters, manifest.Inputs.First(input => input.Kind is InputKind.Letters).Name, weights);
            if (layer == description.Layers[0] && beside is not null)
                flow.Sequence(graph.Concat(2, flow.Tensor, beside), flow.Features + description.WidthBesideTokens);
        }
    }

    private static (OnnxNetworkOutput Output, string? Unanswered, string? Origin, Dictionary<string, (RecurrentNode?, RecurrentEnd)>? Ends) Body(
        OnnxGraphBuilder graph, Network network, ModelManifest manifest)
    {
        var description = network.Description;
        var weights = new WeightWriter(graph, network);
        var inputs = new InputsExporter(graph, network, manifest, weights);
        var flow = inputs.Sequence();
        var future = inputs.Future();
        if (description.Decoder is { } decoder)
        {
            flow.Ends = [];
            if (decoder.IsRecursive && future is not null)
                flow.Sequence(DecoderExporter.ShiftFutureFeatures(graph, description, flow.Tensor, future), description.SequenceWidth);
        }
        if (description.CarriesState) (flow.Ends, flow.Begins) = ([], CarriedStates.Begin);
        Layers(flow, description, manifest, weights, inputs.BesideTokens(flow.Lengths));
        if (description.Decoder is not null)
        {
            var space = new OnnxNetworkOutput("", inputs.Level, inputs.Spread, inputs.Mean, inputs.Scale) { Window = inputs.Window, Future = future };
            var (decoded, draw) = DecoderExporter.Export(flow, network, weights, space, future, inputs.Statics());
            return (space with { Values = decoded, Draw = draw }, Named(inputs.Unanswered), inputs.Origin, null);
        }

        var values = flow.Tensor;
        if (inputs.Statics() is { } statics) values = graph.Concat(1, values, statics);
        var body = values;
        if (description.FlatFutureWidth > 0) values = graph.Concat(1, values, graph.Reshape(future!, -1, description.FlatFutureWidth));
        // Per-step outputs: transpose the states to batch first before the head expands them.
        var answers = description.AdaptiveSoftmax is { } softmax
            ? AdaptiveSoftmaxExporter.Export(graph, graph.Transpose(values, 1, 0, 2), softmax, weights)
            : LinearHead();
        string? explained = null;
        if (description.DynamicRegression is not null)
        {
            (var ahead, explained) = DynamicRegressionExporter.Export(graph, network, weights, body, inputs.Covariates(future!));
            answers = graph.Add(answers, ahead);
        }
        if (description.LinearSkip is { } path)
            answers = AddLinearPath(graph, answers, inputs.Window!, explained, weights.Write(LinearSkip.WeightName), description, path);
        if (description.Ngrams is { } ngrams)
            answers = NgramsExporter.Add(graph, answers, inputs.Tokens!, manifest.HasLengths ? ModelManifest.LengthInput : null, ngrams, weights);
        return (new(answers, inputs.Level, inputs.Spread, inputs.Mean, inputs.Scale)
        {
            Window = inputs.Window, Future = future, Lengths = flow.HasLengths ? flow.Lengths : null,
            Tokens = inputs.Tokens, Sequence = description.SequenceOutputs > 0 ? SequenceHead() : null,
            Decode = description.Latent is null ? null
                : latent => LatentDecoderExporter.Export(graph, description, latent, inputs.Window!, manifest.HasLengths, weights)
        }, Named(inputs.Unanswered), inputs.Origin, flow.Ends);

        string LinearHead()
        {
            string weight = description.TieHead ? weights.Write(description.Layers[0].Name + ".weight") : weights.Write("head.weight"),
                bias = weights.Write("head.bias");
            return description.PerStep
                ? graph.Add(graph.MatMul(graph.Transpose(values, 1, 0, 2), graph.Transpose(weight, 1, 0)), bias)
                : graph.Gemm(values, weight, bias);
        }

        string SequenceHead()
        {
            PoolingExporter.Export(flow, new("sequence_pooling", SequencePooling.Max));
            return weights.Gemm(flow.Tensor, "sequence_head");
        }

        // The form of single steps finds it by its name.
        string? Named(string? unanswered)
        {
            if (unanswered is null) return null;
            var name = graph.NewName(MissingAnswers.TensorName);
            graph.NodeTo(name, "Identity", [unanswered]);
            return name;
        }
    }

    // The windows of the targets [time, batch, features], less what a regression explains of them [batch, targets, time], times the weight [horizon, time],
    // added to the location parameters of the head.
    private static string AddLinearPath(OnnxGraphBuilder graph, string values, string window, string? explained, string weight,
        NetworkDescription description, LinearSkipDescription path)
    {
        int steps = description.Horizon * path.Targets, parameters = description.Outputs / steps;
        var series = graph.Transpose(graph.Slice(window, 0, path.Targets, 2), 1, 2, 0);
        if (explained is not null) series = graph.Subtract(series, explained);
        var forecasts = graph.Reshape(graph.Transpose(graph.MatMul(series, graph.Transpose(weight, 1, 0)), 0, 2, 1), -1, steps);
        if (parameters == 1) return graph.Add(values, forecasts);
        return graph.Concat(1, [.. Enumerable.Range(0, parameters).Select(parameter =>
        {
            var part = graph.Slice(values, parameter * steps, (parameter + 1) * steps, 1);
            return parameter >= path.First && parameter < path.First + path.Count ? graph.Add(part, forecasts) : part;
        })]);
    }

    /// <summary>Declares the columns and the lengths.</summary>
    public static void Declare(OnnxModelBuilder graph, ModelManifest manifest)
    {
        foreach (var input in manifest.Inputs) Declare(graph, input);
        if (manifest.HasLengths) graph.Input(ModelManifest.LengthInput, OnnxType.Int64, BatchAxis);
    }

    private static void Declare(OnnxModelBuilder graph, InputColumn input)
    {
        object time = input.Time is int steps ? steps : TimeAxis;
        var number = input.Origins.IsEmpty ? OnnxType.Single : OnnxType.Double;
        if (input.IsCategory && input.Kind is InputKind.Static) graph.Input(input.Name, OnnxType.Int64, BatchAxis, 1);
        else if (input.IsCategory) graph.Input(input.Name, OnnxType.Int64, BatchAxis, time);
        else if (input.Kind is InputKind.Sequence or InputKind.Future) graph.Input(input.Name, number, BatchAxis, time, input.Features);
        else if (input.Kind is InputKind.Letters) graph.Input(input.Name, OnnxType.Int64, BatchAxis, time, input.Features);
        else if (input.Kind is InputKind.Tokens) graph.Input(input.Name, OnnxType.Int64, BatchAxis, time);
        else graph.Input(input.Name, number, BatchAxis, input.Features);
    }

    /// <summary>Checks that a manifest is that of a network.</summary>
    public static void Check(NetworkDescription network, ModelManifest manifest)
    {
        manifest.Validate();
        int Sum(InputKind kind) => manifest.Inputs.Where(input => input.Kind == kind && !input.IsCategory).Sum(input => input.Features);
        if ((manifest.Inputs[0].Kind is InputKind.Tokens ? manifest.Inputs[0].Vocabulary : 0) != network.Vocabulary
            || Sum(InputKind.Sequence) != network.Features)
            throw new ArgumentException("The manifest's sequence columns do not have the features (or the vocabulary) of the network.", nameof(manifest));
        if (Sum(InputKind.Static) != network.Statics)
            throw new ArgumentException("The manifest's static columns do not have the width of the network's input.", nameof(manifest));
        if (Sum(InputKind.Future) != network.FutureFeatures || manifest.Inputs.Any(input => input.Kind is InputKind.Future && input.Time != network.Horizon))
            throw new ArgumentException("The manifest's future covariates do not have the width, or the steps, of the network's input.",
                nameof(manifest));
        if (manifest.SeriesInput?.Vocabulary != (network.SeriesScaling is { HasIds: true } scaling ? scaling.Series : null))
            throw new ArgumentException("The manifest's series are not those whose statistics the network uses.", nameof(manifest));
        var ids = manifest.Inputs.Where(input => input is { IsCategory: true, IsSeries: false } && input.Kind is not InputKind.Future)
            .Concat(manifest.TokensBeside).Select(input => (input.Vocabulary, input.Kind is InputKind.Static));
        if (!ids.SequenceEqual(network.Categories.Select(category => (category.Vocabulary, category.Place is CategoryPlace.Static))))
            throw new ArgumentException("The manifest's categorical columns are not those of the network.", nameof(manifest));
        if (network.PerStep && network.Layers.FirstOrDefault(
            layer => layer is ConvolutionDescription { Stride: > 1 } or ConvolutionDescription { Padding: ConvolutionPadding.Valid }) is { } shortening)
            throw new NotSupportedException(
                $"A model with per-step outputs must keep all steps, but the layer '{shortening.Name}' shortens the sequence: use a stride of 1 and padding "
                    + $"that "
                    + $"is Same or Causal.");
        if (network.Time is null != manifest.HasLengths)
            throw new ArgumentException("The manifest and the network differ in whether sequences vary in length.", nameof(manifest));
    }
}
