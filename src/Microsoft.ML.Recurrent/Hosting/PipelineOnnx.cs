using Microsoft.ML.Data;
using Microsoft.ML.Model.OnnxConverter;
using Microsoft.ML.Recurrent.Onnx;

namespace Microsoft.ML.Recurrent.Hosting;

/// <summary>
/// A model as one step of a pipeline that ML.NET's <c>ConvertToOnnx</c> writes: its graph is written again among the nodes of the other steps.
/// </summary>
internal static class PipelineOnnx
{
    // ML.NET writes opset 12 unless the caller asks for another; the forms of 11 are valid from there on.
    private const int Opset = 11;

    // ONNX's number of the type that ML.NET's exporter gives a key.
    private const long UInt32 = 12;

    /// <summary>Adds the nodes and the variables of the columns that the mapping adds.</summary>
    /// <exception cref="NotSupportedException">A column's size varies, or a row's answer depends on rows before.</exception>
    public static void Write(OnnxContext context, ScoringMapping mapping)
    {
        var transformer = mapping.Transformer;
        Check(mapping);
        context.CheckOpSetVersion(Opset, transformer.GetType().Name);
        var graph = new PipelineGraphBuilder(context, Opset);
        var manifest = transformer.Model.Manifest;
        var answers = OnnxTranscriber.Write(transformer.Model.Proto(), graph,
            manifest.Inputs.ToDictionary(input => input.Name, input => Input(context, graph, manifest, input, mapping.InputSchema)));
        for (var i = 0; i < manifest.Outputs.Length; i++)
        {
            var output = manifest.Outputs[i];
            var variable = context.AddIntermediateVariable(mapping.Added[i].Type, output.Name);
            if (output.Kind is OutputKind.Key) graph.NodeTo(variable, "Cast", [answers[output.Name]], ("to", UInt32));
            else graph.NodeTo(variable, "Identity", [answers[output.Name]]);
        }
    }

    // A pipeline's columns are [batch, n]; the model's inputs have their steps apart.
    private static string Input(OnnxContext context, PipelineGraphBuilder graph, ModelManifest manifest, InputColumn input, DataViewSchema schema)
    {
        // ML.NET drops the columns of steps that it cannot write, and goes on.
        if (!context.ContainsColumn(input.Column))
            throw new NotSupportedException(
                $"The column '{input.Column}' comes from a step of the pipeline that ML.NET's ONNX export cannot write. Use another step in its place, or "
                    + $"write the network alone by ExportToOnnx of the transformer's Model.");
        var variable = context.GetVariableName(input.Column);
        // One column may hold a window and what is known ahead of the steps after it.
        var parts = manifest.Inputs.Where(part => part.Column == input.Column).ToArray();
        int steps = parts.Sum(part => part.Time ?? 1), first = parts.TakeWhile(part => part != input).Sum(part => part.Time ?? 1);
        if (input.IsCategory)
            return Steps(graph.Encode(graph.Reshape(variable, -1, steps), manifest.Forecast!.Categories.First(category => category.Column == input.Column)));
        return input.Kind switch
        {
            InputKind.Sequence or InputKind.Future => Steps(graph.Reshape(Number(variable), -1, steps, input.Features)),
            InputKind.Tokens => graph.Cast(graph.Reshape(variable, -1, input.Time!.Value), OnnxType.Int64),
            _ => graph.Reshape(Number(variable), -1, input.Features),
        };

        string Steps(string values) => parts.Length == 1 ? values : graph.Slice(values, first, first + input.Time!.Value, 1);

        // Numbers of other types are read as Single.
        string Number(string values) => schema[input.Column].Type.GetItemType() == NumberDataViewType.Single ? values : graph.Cast(values, OnnxType.Single);
    }

    private static void Check(ScoringMapping mapping)
    {
        const string remedy = "Write the network alone by ExportToOnnx of the transformer's Model";
        var manifest = mapping.Transformer.Model.Manifest;
        if (mapping.Transformer.Model.File().HasWeightsApart)
            throw new NotSupportedException(
                $"The model takes more than the 2 GiB that one ONNX file holds, and ML.NET's ONNX export knows no second file. {remedy}.");
        if (!mapping.Transformer.IsRowWise)
            throw new NotSupportedException(
                $"The column '{manifest.Outputs[0].Name}' depends on rows before its own, which a pipeline in ONNX cannot look at. {remedy}; it takes whole "
                    + $"windows of '{manifest.Inputs[0].Name}'.");
        if (manifest.NoiseSize > 0)
            throw new NotSupportedException(
                $"The samples in '{manifest.Outputs[^1].Name}' are drawn from noise, which is an input of the graph ({ModelManifest.NoiseInput}) that no "
                    + $"column of a pipeline holds. {remedy}, or train without Output.SamplesColumnName.");
        if (manifest.Language is not null)
            throw new NotSupportedException(
                $"The column '{manifest.Inputs[0].Name}' of a language model holds rows of any length, which ML.NET's ONNX export does not know. {remedy}; "
                    + $"it takes the numbers of the keys.");
        foreach (var input in manifest.Inputs)
        {
            var varies = input.Kind is not InputKind.Static && input.Time is null;
            if (varies || mapping.InputSchema[input.Column].Type is VectorDataViewType { IsKnownSize: false })
                throw new NotSupportedException(
                    $"The column '{input.Column}' holds sequences of varying length, which ML.NET's ONNX export does not know. {remedy}, or train on a "
                        + $"column of fixed size.");
        }
    }
}
