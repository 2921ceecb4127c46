using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Tensors;

namespace Microsoft.ML.Recurrent.Optimizers;

/// <summary>Consecutive elements of a parameter (all, or one row) with their gradients and optimizer state.</summary>
internal readonly unsafe struct ParameterPart(Parameter parameter, Tensor gradient, Tensor[] slots, int start, int count)
{
    public Parameter Parameter => parameter;

    /// <summary>The number of elements.</summary>
    public int Count => count;

    public float* Weights => parameter.Value.Pointer + start;

    public float* Gradient => gradient.Pointer + start;

    /// <summary>A state tensor of the optimizer, or null if there is none with this index.</summary>
    public float* Slot(int slot) => slot < slots.Length ? slots[slot].Pointer + start : null;
}
