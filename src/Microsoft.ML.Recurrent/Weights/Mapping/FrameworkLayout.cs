using Microsoft.ML.Recurrent.Kernels.Recurrent;
using Microsoft.ML.Recurrent.Layers;
using Microsoft.ML.Recurrent.Weights.Files;

namespace Microsoft.ML.Recurrent.Weights.Mapping;

/// <summary>How a framework names, orients and orders the weights of a layer.</summary>
internal abstract class FrameworkLayout
{
    private readonly RecurrentWeightsOptions _options;

    protected FrameworkLayout(RecurrentWeightsOptions options) => _options = options;

    /// <summary>The layout of a file, or that of the options.</summary>
    public static FrameworkLayout For(WeightsFile file, RecurrentWeightsOptions options) =>
        options.Layout is WeightsLayout.Keras || options.Layout is null && file.IsKeras ? new KerasLayout(options) : new TorchLayout(options);

    /// <summary>Added to variances, where the options do not say otherwise.</summary>
    public abstract float NormalizationEpsilon { get; }

    /// <summary>The layers of a file.</summary>
    public abstract IReadOnlyList<WeightModule> Modules(WeightsFile file, IReadOnlyList<StoredTensor> tensors);

    /// <summary>Whether the layers of a file have the order of the model.</summary>
    public virtual bool IsOrdered(WeightsFile file, IReadOnlyList<WeightModule> modules) => file.IsOrdered;

    /// <summary>Features that a module takes as a layer; for an embedding the size of its vocabulary. Null if it cannot be such a layer.</summary>
    public int? InputsOf(WeightModule module, LayerDescription layer)
    {
        var shape = Find(module, layer, layer is RecurrentDescription ? "weight_ih" : "weight")?.Shape;
        var inputs = (layer, shape) switch
        {
            (RecurrentDescription recurrent, [var rows, var columns]) when rows == recurrent.Descriptor.Gates * (long)recurrent.HiddenSize => columns,
            (DenseDescription dense, [var rows, var columns]) when rows == dense.Units => columns,
            (ConvolutionDescription convolution, [var rows, var columns, _]) when rows == convolution.Filters => columns,
            (EmbeddingDescription embedding, [var words, var size]) when size == embedding.Size => words,
            (LayerNormDescription or BatchNormDescription, [var features]) => features,
            _ => 0,
        };
        return inputs is > 0 and <= int.MaxValue ? (int)inputs : null;
    }

    /// <summary>The source of a parameter; null if the module has none.</summary>
    /// <param name="module">The module.</param>
    /// <param name="layer">The layer of the network.</param>
    /// <param name="parameter">The name of the parameter without that of the layer.</param>
    public ParameterSource? Find(WeightModule module, LayerDescription layer, string parameter)
    {
        var source = Source(module, layer, parameter);
        return source is not null && layer is RecurrentDescription recurrent && IsGated(parameter) && Order(recurrent) is { } order
            && source.Shape[0] % order.Length == 0 ? source.Ordered(order) : source;
    }

    protected abstract ParameterSource? Source(WeightModule module, LayerDescription layer, string parameter);

    /// <summary>The letters of the gates of a cell in the order of the framework.</summary>
    protected abstract string Gates(CellDescriptor cell);

    private int[]? Order(RecurrentDescription layer)
    {
        var own = layer.Descriptor.GateLetters;
        var gates = _options.Gates.TryGetValue(layer.Cell, out var given) ? given : Gates(layer.Descriptor);
        return gates == own ? null : [.. gates.Select(gate => own.IndexOf(gate, StringComparison.Ordinal))];
    }

    private static bool IsGated(string parameter) =>
        parameter.StartsWith("weight_ih", StringComparison.Ordinal) || parameter.StartsWith("weight_hh", StringComparison.Ordinal)
            || parameter.StartsWith("bias_ih", StringComparison.Ordinal) || parameter.StartsWith("bias_hh", StringComparison.Ordinal);
}
