using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Tensors;

namespace Microsoft.ML.Recurrent.Optimizers;

/// <summary>Changes parameters by their gradients. Its state is a fixed number of tensors for each parameter and the number of steps done.</summary>
internal abstract class Optimizer : IDisposable
{
    private readonly Dictionary<Parameter, Tensor[]> _slots = [];

    /// <summary>Steps done so far.</summary>
    public long Steps { get; set; }

    /// <summary>Names of the tensors kept for each parameter, as checkpoints call them.</summary>
    public abstract IReadOnlyList<string> SlotNames { get; }

    public static Optimizer Create(OptimizerKind kind, float momentum = 0) => kind switch
    {
        OptimizerKind.Sgd => new Sgd { Momentum = momentum },
        OptimizerKind.Adam => new Adam(),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "There is no such optimizer."),
    };

    /// <summary>One step over all trainable parameters.</summary>
    /// <param name="parameters">All parameters, with the gradients of this step.</param>
    /// <param name="learningRate">Of this step.</param>
    /// <param name="gradientScale">What gradients are multiplied by first: the factor of clipping.</param>
    public void Step(IReadOnlyList<Parameter> parameters, float learningRate, float gradientScale = 1)
    {
        Steps++;
        for (var i = 0; i < parameters.Count; i++)
        {
            if (parameters[i].Trainable) Update(parameters[i], Slots(parameters[i]), learningRate, gradientScale);
        }
    }

    /// <summary>The state kept for a parameter, zeros before its first step.</summary>
    public Tensor[] Slots(Parameter parameter)
    {
        if (_slots.TryGetValue(parameter, out var slots)) return slots;
        slots = new Tensor[SlotNames.Count];
        for (var i = 0; i < slots.Length; i++) slots[i] = Tensor.Zeros(parameter.Shape);
        return _slots[parameter] = slots;
    }

    public void Dispose()
    {
        foreach (var slots in _slots.Values)
        {
            foreach (var slot in slots) slot.Dispose();
        }

        _slots.Clear();
    }

    /// <summary>Changes one parameter; <see cref="Steps"/> is the number of this step, from 1.</summary>
    protected abstract void Update(Parameter parameter, Tensor[] slots, float learningRate, float gradientScale);
}
