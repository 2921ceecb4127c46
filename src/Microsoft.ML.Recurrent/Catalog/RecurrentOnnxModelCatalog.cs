using Microsoft.ML.Recurrent;
using Microsoft.ML.Recurrent.Onnx.Import;

namespace Microsoft.ML;

/// <summary>Reads ONNX files in <c>mlContext.Model</c>.</summary>
public static class RecurrentOnnxModelCatalog
{
    /// <summary>
    /// Reads a recurrent network from an ONNX file, to be trained further: a file that
    /// <see cref="RecurrentModelExport.ExportToOnnx(RecurrentModel, string, OnnxExportOptions?)"/> wrote, or one that PyTorch, Keras or another framework
    /// wrote, where its graph names the recurrent cells (LSTM, GRU and RNN nodes).
    /// </summary>
    /// <remarks>
    /// The model goes into a trainer's option <see cref="InitializationOptions.Model"/>. A foreign model whose last layer is linear suits any task
    /// with as many outputs; one that ends in a soft-max or a sigmoid suits classification. To score a model as it is, use
    /// <c>mlContext.Transforms.ApplyRecurrentOnnx</c>.
    /// <code>
    /// var initial = mlContext.Model.LoadRecurrentOnnx("pytorch.onnx");
    /// var trainer = mlContext.MulticlassClassification.Trainers.RecurrentNetwork(new() { Network = { Initialization = { Model = initial } } });
    /// </code>
    /// </remarks>
    /// <param name="catalog">The catalog.</param>
    /// <param name="modelFile">The file.</param>
    /// <exception cref="NotSupportedException">The graph does something that the layers here do not; the message names the node.</exception>
    /// <exception cref="InvalidDataException">The file is no ONNX model, or corrupt or truncated.</exception>
    public static RecurrentModel LoadRecurrentOnnx(this ModelOperationsCatalog catalog, string modelFile)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentException.ThrowIfNullOrWhiteSpace(modelFile);
        return ModelImporter.Load(modelFile);
    }
}
