using Microsoft.ML.Data;
using Microsoft.ML.Model.OnnxConverter;
using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Onnx;

namespace Microsoft.ML.Recurrent.Hosting;

/// <summary>Exports a model as one step of a pipeline for ML.NET's <c>ConvertToOnnx</c>: copies its graph among the nodes of the other steps.</summary>
internal static class PipelineOnnx
{
    // ML.NET writes opset 12 by default; the forms of opset 11 are valid from there on.
    private const int Opset = 11;

    // The ONNX type number that ML.NET's exporter uses for a key.
    private const long UInt32 = 12;

    /// <summary>Adds the nodes and the variables of the columns that the mapping adds.</summary>
    /// <exception cref="NotSupportedException">The size of a column varies, or the output of a row depends on previous rows.</exception>
    public static void Write(OnnxContext context, ScoringMapping mapping)
    {
        var transformer = mapping.Transformer;
        Check(mapping);
        context.CheckOpSetVersion(Opset, transformer.GetType().Name);
        var graph = new PipelineGraphBuilder(context, Opset);
        var manifest = transformer.Model.Manifest;
        var inputs = manifest.Inputs.ToDictionary(input => input.Name, input => Input(context, graph, manifest, input, mapping.InputSchema));
        if (manifest.HasLengths)
        {
            // All columns of tokens have the same lengths.
            foreach (var tokens in manifest.Inputs.Where(input => input.Kind is InputKind.Tokens))
                (inputs[tokens.Name], inputs[ModelManifest.LengthInput]) = Unpad(graph, inputs[tokens.Name], tokens.Vocabulary - tokens.ExtraTokens);
        }
        var answers = OnnxTranscriber.Write(transformer.Model.Proto(), graph, inputs);
        for (var i = 0; i < manifest.Outputs.Length; i++)
        {
            var output = manifest.Outputs[i];
            var variable = context.AddIntermediateVariable(mapping.Added[i].Type, output.Name);
            if (output.Kind is OutputKind.Key) graph.NodeTo(variable, "Cast", [answers[output.Name]], ("to", UInt32));
            else if (output.Kind is OutputKind.Double or OutputKind.Single)
                graph.NodeTo(variable, "Cast", [answers[output.Name]],
                    ("to", (long)(mapping.Added[i].Type.GetItemType() == NumberDataViewType.Double ? OnnxType.Double : OnnxType.Single)));
            else graph.NodeTo(variable, "Identity", [answers[output.Name]]);
        }
    }

    // Columns of a pipeline are [batch, n]; the model's inputs have a separate axis for steps.
    private static string Input(OnnxContext context, PipelineGraphBuilder graph, ModelManifest manifest, InputColumn input, DataViewSchema schema)
    {
        // ML.NET silently drops the columns of steps that it cannot export.
        if (!context.ContainsColumn(input.Column))
            throw new NotSupportedException(
                $"The column '{input.Column}' comes from a step of the pipeline that ML.NET's ONNX export does not support. Use another step instead, or "
                    + $"export the network alone by ExportToOnnx of the transformer's Model.");
        var variable = context.GetVariableName(input.Column);
        // One column may hold a window and the future covariates of the steps after it.
        var parts = manifest.Inputs.Where(part => part.Column == input.Column).ToArray();
        int steps = parts.Sum(part => part.Time ?? 1), first = parts.TakeWhile(part => part != input).Sum(part => part.Time ?? 1);
        if (input.Kind is InputKind.Tokens && KeyIds.Find(schema[input.Column], manifest.VocabularyOf(input)) is not null)
            throw new NotSupportedException($"The column '{input.Column}' has other keys, or numbers them differently, than the model: export it with the key "
                + "mapping of its training.");
        if (input.IsCategory)
            return Steps(graph.Encode(graph.Reshape(variable, -1, steps), manifest.Forecast!.Categories.First(category => category.Column == input.Column)));
        return input.Kind switch
        {
            InputKind.Sequence or InputKind.Future => Steps(graph.Reshape(Number(variable), -1, steps, input.Features)),
            // Of varying length they are [batch, steps of the longest row] already.
            InputKind.Tokens => graph.Cast(input.Time is { } time ? graph.Reshape(variable, -1, time) : variable, OnnxType.Int64),
            _ => graph.Reshape(Number(variable), -1, input.Features),
        };

        string Steps(string values) => parts.Length == 1 ? values : graph.Slice(values, first, first + input.Time!.Value, 1);

        // Numbers of other types are converted.
        string Number(string values)
        {
            var (type, to) = input.Origins.IsEmpty ? (NumberDataViewType.Single, OnnxType.Single) : (NumberDataViewType.Double, OnnxType.Double);
            return schema[input.Column].Type.GetItemType() == type ? values : graph.Cast(values, to);
        }
    }

    // Rows of fewer tokens than others of their batch end in padding. The transforms of this library write it; those of ML.NET pad with text that no vocabulary
    // holds, which becomes an unknown token: their rows must have one length per batch.
    private static (string Tokens, string Lengths) Unpad(PipelineGraphBuilder graph, string tokens, int vocabulary)
    {
        var isToken = graph.Less(tokens, graph.Scalar(TokenPadding.Key));
        // Keys that the model does not know are unknown tokens, as in the pipeline.
        var lengths = graph.ReduceSum(graph.Cast(isToken, OnnxType.Int64), 1);
        return (TokenSequences.Trim(graph, graph.Where(graph.Less(tokens, graph.Scalar((long)vocabulary)), tokens, graph.Scalar(0L)), lengths), lengths);
    }

    private static void Check(ScoringMapping mapping)
    {
        const string remedy = "Export the network alone by ExportToOnnx of the transformer's Model";
        var manifest = mapping.Transformer.Model.Manifest;
        if (mapping.Transformer.Model.File().HasWeightsApart)
            throw new NotSupportedException(
                $"The model exceeds the 2 GiB limit of one ONNX file, and ML.NET's ONNX export does not support external data. {remedy}.");
        if (!mapping.Transformer.IsRowWise)
            throw new NotSupportedException(
                $"The column '{manifest.Outputs[0].Name}' depends on previous rows, which an ONNX pipeline cannot read. {remedy}; it takes whole "
                    + $"windows of '{manifest.Inputs[0].Name}'.");
        if (manifest.NoiseSize > 0)
            throw new NotSupportedException(
                $"The samples in '{manifest.Outputs[^1].Name}' need noise as an input of the graph ({ModelManifest.NoiseInput}), which no "
                    + $"column of a pipeline provides. {remedy}, or train without Output.SamplesColumnName.");
        if (manifest.Inputs.FirstOrDefault(input => input.Kind is InputKind.Letters) is { } letters)
            throw new NotSupportedException(
                $"The model reads the letters of the column '{letters.Name}', and no ONNX operator of ML.NET's export makes ids of letters. {remedy}; it takes "
                    + "ids of letters as integers.");
        foreach (var input in manifest.Inputs)
        {
            if (input.Kind is InputKind.Tokens) continue;
            var varies = input.Kind is not InputKind.Static && input.Time is null;
            if (varies || mapping.InputSchema[input.Column].Type is VectorDataViewType { IsKnownSize: false })
                throw new NotSupportedException(
                    $"The column '{input.Column}' has sequences of numbers of varying length, which ML.NET's ONNX export does not support. {remedy}, or "
                        + $"train on a "
                        + $"column of fixed size.");
        }
    }
}
