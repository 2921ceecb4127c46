using Microsoft.ML.Recurrent;
using Microsoft.ML.Recurrent.Onnx.Import;

namespace Microsoft.ML;

/// <summary>Adds loading of ONNX files to <c>mlContext.Model</c>.</summary>
public static class RecurrentOnnxModelCatalog
{
    /// <summary>
    /// Loads a recurrent network from an ONNX file for further training. The file comes from
    /// <see cref="RecurrentModelExport.ExportToOnnx(RecurrentModel, string, OnnxExportOptions?)"/>, or from PyTorch, Keras or another framework if the graph
    /// uses LSTM, GRU and RNN nodes, or writes their equations out as a loop or step after step.
    /// </summary>
    /// <remarks>
    /// The model goes into a trainer's option <see cref="InitializationOptions.Model"/>. A foreign model whose last layer is linear suits any task
    /// with as many outputs; one that ends in a soft-max or a sigmoid suits classification. To score a model as it is, use
    /// <c>mlContext.Transforms.ApplyRecurrentOnnx</c>.
    /// The state inputs of a file of single steps become the states of the network, which begin at zero; <see cref="SequenceStream{TKey}"/> carries them on.
    /// <code>
    /// var initial = mlContext.Model.LoadRecurrentOnnx("pytorch.onnx");
    /// var trainer = mlContext.MulticlassClassification.Trainers.RecurrentNetwork(new() { Network = { Initialization = { Model = initial } } });
    /// </code>
    /// </remarks>
    /// <param name="catalog">The catalog.</param>
    /// <param name="modelFile">The path of the ONNX file.</param>
    /// <exception cref="NotSupportedException">The graph has a node that no layer here supports; the message names it.</exception>
    /// <exception cref="InvalidDataException">The file is not an ONNX model, or is corrupt or truncated.</exception>
    public static RecurrentModel LoadRecurrentOnnx(this ModelOperationsCatalog catalog, string modelFile)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentException.ThrowIfNullOrWhiteSpace(modelFile);
        return ModelImporter.Load(modelFile);
    }
}
