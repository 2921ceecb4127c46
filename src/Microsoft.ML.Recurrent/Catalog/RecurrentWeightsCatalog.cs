using Microsoft.ML.Recurrent;
using Microsoft.ML.Recurrent.Onnx.Import;
using Microsoft.ML.Recurrent.Weights;
using Microsoft.ML.Recurrent.Weights.Mapping;

namespace Microsoft.ML;

/// <summary>Adds reading and writing of weights files to <c>mlContext.Model</c> and to models.</summary>
public static class RecurrentWeightsCatalog
{
    /// <summary>
    /// Loads the weights of PyTorch, Keras, TorchSharp or this library into a network that is described here, for scoring or further training.
    /// </summary>
    /// <remarks>
    /// Formats, told by the first bytes: safetensors; state dicts and training checkpoints of PyTorch (<c>torch.save</c>); <c>.keras</c> and
    /// <c>.weights.h5</c> of Keras 3 and HDF5 files of Keras 2; <c>.dat</c> of TorchSharp's <c>module.save</c>; ONNX models. Of a pickle nothing but tensors,
    /// dictionaries, numbers and texts is read, and any other name in it is refused before anything is built. Each layer of the network takes the layer of the
    /// file that has its name or, in the order of the file, its shapes; the linear layer that is left is the head. Weights that are left on either side are an
    /// error that lists them. The model goes into a trainer's option <see cref="InitializationOptions.Model"/>, or is exported and scored as it is.
    /// <code>
    /// var initial = mlContext.Model.LoadRecurrentWeights("model.pt", SequenceNetwork.Create().Lstm(64).Lstm(64));
    /// var trainer = mlContext.Regression.Trainers.RecurrentNetwork(new() { Network = { Initialization = { Model = initial } } });
    /// </code>
    /// </remarks>
    /// <param name="catalog">The catalog.</param>
    /// <param name="weightsFile">The path of the file.</param>
    /// <param name="network">The layers, without the last linear layer: its outputs are those of the file. A stack of layers is described layer by
    /// layer.</param>
    /// <param name="options">The options; null for the defaults.</param>
    /// <exception cref="ArgumentException">The network and the file do not match; the message lists what is left on both sides, with shapes.</exception>
    /// <exception cref="InvalidDataException">The file is of no known format, holds anything but weights, or is truncated or changed.</exception>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    public static RecurrentModel LoadRecurrentWeights(this ModelOperationsCatalog catalog, string weightsFile, SequenceNetwork network,
        RecurrentWeightsOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentException.ThrowIfNullOrWhiteSpace(weightsFile);
        ArgumentNullException.ThrowIfNull(network);
        options ??= new();
        options.Check();
        using var file = WeightsReader.Open(weightsFile, options.Section);
        var (built, activation) = WeightsImporter.Import(file, network, options);
        using (built) return ModelImporter.ToModel(new(built, options.InputColumnName, activation, []));
    }

    /// <summary>
    /// Writes the weights of a model for PyTorch: safetensors, or a state dict that <c>torch.load(path, weights_only=True)</c> reads.
    /// </summary>
    /// <remarks>
    /// Each layer is a module of PyTorch of the same name: <c>lstm_1.weight_ih_l0</c>, <c>lstm_1.bias_hh_l0_reverse</c>, <c>embedding_1.weight</c>,
    /// <c>layer_norm_1.bias</c>; <c>head.weight</c> and <c>head.bias</c> are the last linear layer. Where the model standardizes, <c>input.mean</c> and
    /// <c>input.scale</c> are those of its features, and <c>head.target_mean</c> and <c>head.target_scale</c> map the outputs of a regression to the unit of
    /// the label.
    /// </remarks>
    /// <param name="model">The model.</param>
    /// <param name="path">
    /// The file to write: <c>.safetensors</c>, or <c>.pt</c> or <c>.pth</c> for a state dict. It is written to a temporary file and renamed, so a failed export
    /// leaves an existing file unchanged.
    /// </param>
    /// <param name="names">
    /// Names of modules by the names of layers; null for those of the layers. Recurrent layers that share a name become a stack: <c>rnn.weight_ih_l0</c>,
    /// <c>rnn.weight_ih_l1</c>.
    /// </param>
    /// <exception cref="ArgumentException">The extension is another one, a name is that of no layer, or two tensors would have the same name.</exception>
    /// <exception cref="InvalidOperationException">The model is a foreign graph that is scored unchanged.</exception>
    public static void ExportWeights(this RecurrentModel model, string path, IReadOnlyDictionary<string, string>? names = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        WeightsWriter.Write(model, path, names ?? new Dictionary<string, string>());
    }
}
