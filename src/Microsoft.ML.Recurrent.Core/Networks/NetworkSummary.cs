using System.Globalization;
using System.Text;
using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Layers;
using Microsoft.ML.Recurrent.Networks.Inputs;

namespace Microsoft.ML.Recurrent.Networks;

/// <summary>A network summary as a table.</summary>
internal static class NetworkSummary
{
    /// <summary>The whole network, including input and head.</summary>
    public static string Create(Network network)
    {
        var description = network.Description;
        List<(string, string, long)> rows =
            [("input (" + (description.Vocabulary > 0 ? "Tokens" : "Sequence") + ")", Network.InputShape(description).ToString(), 0)];
        rows.AddRange(network.Layers.Select(Row));
        if (network.Letters is { } letters)
            rows.InsertRange(1,
                [.. letters.Layers.Select(
                    layer => Row(layer) with { Shape = layer.Output.ToString().Replace("(None", "(None, None", StringComparison.Ordinal) })]);
        foreach (var category in description.Categories)
            rows.Insert(rows.Count - network.Layers.Count,
                ($"{category.Name} ({category.Place} category{Frozen(network.ParametersOf(category.Name))})", $"(None, {category.Size})",
                    (long)category.Vocabulary * category.Size));
        if (description.SeriesScaling is { } scaling)
            rows.Insert(1, ($"series ({description.WindowNormalization} by series)", $"({(scaling.HasIds ? scaling.Series - 1 : 1)}, {description.Features})",
                (long)scaling.Series * description.Features * (SeriesScaling.HasLevel(description.WindowNormalization) ? 2 : 1)));
        if (network.Decoder is { } decoder) rows.AddRange(DecoderRows(decoder));
        if (network.Decoder is null && description.StaticWidth > 0)
            rows.Add(("statics (Concat)", $"(None, {network.Layers[^1].Output.Features + description.StaticWidth})", 0));
        if (network.Regression is { } regression)
            rows.AddRange(regression.Layers.Select(Row));
        else if (network.Decoder is null && description.FutureWidth > 0)
            rows.Add(("future (Concat)",
                $"(None, {network.Layers[^1].Output.Features + description.StaticWidth + description.Horizon * description.FutureWidth})", 0));
        rows.Add(Row(network.HeadLayer));
        rows.AddRange(network.AllLayers.SkipWhile(layer => layer != network.HeadLayer).Skip(1).Select(Row));
        if (network.Latent is { } latent) rows.Add(("decoder_output (Scales)", $"({description.Features})", latent.LogScale.Shape.Length));
        if (description.AdaptiveSoftmax is { } softmax)
            rows.Add(($"head (Adaptive softmax, cutoffs {string.Join(", ", softmax.Cutoffs)})", $"(None, None, {description.Outputs})",
                Count(network.AdaptiveSoftmax!.Parameters)));
        if (network.Crf is { } crf) rows.Add(($"{CrfWeights.Name} (Conditional random field{Frozen(crf.Parameters)})", rows[^1].Item2, Count(crf.Parameters)));
        if (description.LinearSkip is not null)
            rows.Add(("linear skip (Add)", $"(None, {description.Outputs})",
                Count(network.Parameters.Where(parameter => parameter.Name is LinearSkip.WeightName or LinearSkip.BiasName))));
        if (network.Ngrams is { } ngrams)
            rows.Add(($"{NgramPath.Name} (N-grams of up to {description.Ngrams!.Length}{Frozen([ngrams.Weight])})", $"(None, {description.Outputs})",
                ngrams.Weight.Shape.Length));
        return Table(rows, network.Parameters);
    }

    /// <summary>Layers only.</summary>
    public static string Create(LayerShape input, IReadOnlyList<Layer> layers) =>
        Table([("input (" + (input.Vocabulary > 0 ? "Tokens" : "Sequence") + ")", input.ToString(), 0), .. layers.Select(Row)],
            [.. layers.SelectMany(layer => layer.Parameters)]);

    private static IEnumerable<(string, string, long)> DecoderRows(Decoding.Decoder decoder)
    {
        var own = decoder.OwnLayers.ToArray();
        var attention = Count(decoder.Parameters.Except(own.SelectMany(layer => layer.Parameters)));
        var what = decoder.Description.IsRecursive ? "the layers above, once more" : decoder.Description.Attention is { } form
            ? $"Attention {form}"
            : "Decoder";
        return [.. own.Select(Row), ($"decoder ({what})", $"(None, {decoder.Description.Steps}, {decoder.Output.Features})", attention)];
    }

    private static (string Layer, string Shape, long Count) Row(Layer layer) =>
        ($"{layer.Name} ({KindOf(layer.Description)}{Frozen(layer.Parameters)})", layer.Output.ToString(), Count(layer.Parameters));

    private static string Frozen(IEnumerable<Parameter> parameters) => parameters.Any() && !parameters.Any(parameter => parameter.Trainable) ? ", frozen" : "";

    private static string KindOf(LayerDescription description) => description switch
    {
        RecurrentDescription { Bidirectional: true } recurrent => $"Bidirectional {recurrent.Cell}",
        RecurrentDescription recurrent => recurrent.Cell.ToString(),
        BatchNormDescription { FixedStatistics: true } => "BatchNorm, fixed statistics",
        SelfAttentionDescription attention => $"Self-attention {attention.Heads}",
        AttentionDescription attention => $"Attention {attention.Form}",
        ActivationDescription activation => activation.Activation.ToString(),
        ConvolutionDescription convolution => $"Convolution {convolution.KernelSize}",
        PoolingDescription pooling => $"Pool {pooling.Pooling}",
        DropoutDescription dropout => string.Create(CultureInfo.InvariantCulture, $"Dropout {dropout.Rate}"),
        _ => description.GetType().Name.Replace("Description", "", StringComparison.Ordinal),
    };

    private static long Count(IEnumerable<Parameter> parameters) => parameters.Sum(parameter => (long)parameter.Shape.Length);

    private static string Table(List<(string Layer, string Shape, long Count)> rows, IReadOnlyList<Parameter> parameters)
    {
        var (first, second) = (Math.Max(20, rows.Max(row => row.Layer.Length)), Math.Max(14, rows.Max(row => row.Shape.Length)));
        var text = new StringBuilder();
        var rule = new string('-', first + second + 20);
        text.AppendLine(Line("Layer (type)", "Output shape", "Param #")).AppendLine(rule);
        foreach (var (layer, shape, count) in rows) text.AppendLine(Line(layer, shape, Number(count)));
        var trainable = Count(parameters.Where(parameter => parameter.Trainable));
        text.AppendLine(rule).AppendLine($"Trainable parameters: {Number(trainable)}").Append($"Fixed parameters: {Number(Count(parameters) - trainable)}");
        return text.ToString();

        string Line(string a, string b, string c) => $"{a.PadRight(first + 2)}{b.PadRight(second + 2)}{c,16}";
    }

    private static string Number(long count) => count.ToString("N0", CultureInfo.InvariantCulture);
}
