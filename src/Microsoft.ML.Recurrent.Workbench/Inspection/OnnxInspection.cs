using System.Collections.Immutable;
using System.Globalization;
using Microsoft.ML.Recurrent.Model;
using Microsoft.ML.Recurrent.Onnx.Format;
using Microsoft.ML.Recurrent.Onnx.Import;

namespace Microsoft.ML.Recurrent.Workbench.Inspection;

/// <summary>Reads what ONNX files hold.</summary>
internal static class OnnxInspection
{
    public static ModelInspection Read(string path)
    {
        var model = OnnxFile.Read(path);
        var inspection = new ModelInspection
        {
            Path = path,
            Format = "ONNX",
            Producer = model.ProducerName.Length > 0 ? $"{model.ProducerName} {model.ProducerVersion}".TrimEnd() : null,
            Size = new FileInfo(path).Length,
            Steps = [.. model.Graph.Node.GroupBy(ForeignSummary.Operation).OrderByDescending(static kind => kind.Count())
                .Select(static kind => string.Create(CultureInfo.InvariantCulture, $"{kind.Key} x {kind.Count()}"))],
            Inputs = Describe(model.Graph.Input.Where(input => model.Graph.Initializer.All(tensor => tensor.Name != input.Name))),
            Outputs = Describe(model.Graph.Output),
            Parameters = model.Graph.Initializer.Sum(static tensor => tensor.Dims.Aggregate(1L, static (count, size) => count * size)),
            Opset = model.OpsetImport.FirstOrDefault(static set => set.Domain.Length == 0)?.Version,
        };
        return ModelFile.IsOurs(model) ? WithModel(inspection, ModelImporter.Load(path)) : inspection;
    }

    /// <summary>Adds what is known of a recurrent model of this project.</summary>
    public static ModelInspection WithModel(ModelInspection inspection, RecurrentModel model) => inspection with
    {
        Task = model.Manifest.Task.ToString(),
        Summary = model.Summary(),
        History = model.History.Epochs.IsEmpty ? null : model.History,
        // A pipeline saved without a schema.
        Inputs = inspection.Inputs.IsEmpty ? Describe(model.Proto().Graph.Input) : inspection.Inputs,
        Outputs = inspection.Outputs.IsEmpty ? Describe(model.Proto().Graph.Output) : inspection.Outputs,
    };

    private static ImmutableArray<GraphValue> Describe(IEnumerable<ValueInfoProto> values) => [.. values.Select(static value =>
        value.Type?.TensorType is { } tensor
            ? new GraphValue(value.Name, ((TensorProto.Types.DataType)tensor.ElemType).ToString(), [.. tensor.Shape?.Dim.Select(static dimension =>
                dimension.DimParam is { Length: > 0 } symbol ? symbol : dimension.DimValue.ToString(CultureInfo.InvariantCulture)) ?? []])
            : new GraphValue(value.Name, "sequence", []))];
}
