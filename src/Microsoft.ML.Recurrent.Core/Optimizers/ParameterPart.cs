using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Tensors;

namespace Microsoft.ML.Recurrent.Optimizers;

/// <summary>Some consecutive elements of a parameter with their gradients and the optimizer's state: all of it, or a row.</summary>
internal readonly unsafe struct ParameterPart(Parameter parameter, Tensor gradient, Tensor[] slots, int start, int count)
{
    public Parameter Parameter => parameter;

    /// <summary>How many elements.</summary>
    public int Count => count;

    public float* Weights => parameter.Value.Pointer + start;

    public float* Gradient => gradient.Pointer + start;

    /// <summary>A tensor of the optimizer's state, or null where it has no such one.</summary>
    public float* Slot(int slot) => slot < slots.Length ? slots[slot].Pointer + start : null;
}
