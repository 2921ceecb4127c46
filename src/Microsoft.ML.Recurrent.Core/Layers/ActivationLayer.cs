using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Autograd.Operations;
using Microsoft.ML.Recurrent.Kernels;
using Microsoft.ML.Recurrent.Tensors;

namespace Microsoft.ML.Recurrent.Layers;

/// <summary>An element-wise activation as a layer.</summary>
internal sealed class ActivationLayer(ActivationDescription description, LayerShape input) : Layer(description, Check(description, input))
{
    public override Signal Forward(Tape tape, in Signal input) => input with { Values = Apply(tape, input.Numbers, description.Activation), LastStates = null };

    /// <summary>The activation of a tensor; the tensor itself for <see cref="DenseActivation.Identity"/>.</summary>
    public static Tensor Apply(Tape tape, Tensor x, DenseActivation activation) =>
        activation == DenseActivation.Identity ? x : ActivationOperation.Apply(tape, x, Kernel(activation));

    private static Activation Kernel(DenseActivation activation) => activation switch
    {
        DenseActivation.Relu => Activation.Relu,
        DenseActivation.Tanh => Activation.Tanh,
        DenseActivation.Sigmoid => Activation.Sigmoid,
        DenseActivation.LeakyRelu => Activation.LeakyRelu,
        DenseActivation.Elu => Activation.Elu,
        DenseActivation.Gelu => Activation.Gelu,
        DenseActivation.Silu => Activation.Silu,
        DenseActivation.Softplus => Activation.Softplus,
        _ => throw new ArgumentOutOfRangeException(nameof(activation), activation, "Unknown activation."),
    };

    private static LayerShape Check(ActivationDescription description, LayerShape input)
    {
        RequireNumbers(description, input);
        return new LayerShape(input.Sequence, input.Features, input.Time);
    }
}
