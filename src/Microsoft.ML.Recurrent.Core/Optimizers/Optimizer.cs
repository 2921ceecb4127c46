using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Tensors;

namespace Microsoft.ML.Recurrent.Optimizers;

/// <summary>Updates parameters by their gradients. The state is a fixed number of tensors per parameter and the number of steps taken.</summary>
internal abstract class Optimizer : IDisposable
{
    private readonly Dictionary<Parameter, Tensor[]> _slots = [];

    /// <summary>Steps taken so far.</summary>
    public long Steps { get; set; }

    /// <summary>Names of the state tensors of each parameter, as used in checkpoints.</summary>
    public abstract IReadOnlyList<string> SlotNames { get; }

    /// <summary>Weight decay: an L2 penalty added to the gradient or, for AdamW, subtracted from the weights directly.</summary>
    public float WeightDecay { get; set; }

    /// <summary>Whether biases and other vectors decay too, as in PyTorch; otherwise matrices only.</summary>
    public bool DecayVectors { get; set; } = true;

    /// <summary>Creates an optimizer. Omitted arguments take PyTorch's defaults.</summary>
    public static Optimizer Create(OptimizerKind kind, float momentum = 0, float weightDecay = 0, bool decayVectors = true,
        OptimizerConstants constants = default)
    {
        var (beta1, beta2, epsilon) = (constants.Beta1 ?? 0.9f, constants.Beta2 ?? 0.999f, constants.Epsilon ?? 1e-8f);
        Optimizer optimizer = kind switch
        {
            OptimizerKind.Sgd => new Sgd { Momentum = momentum },
            OptimizerKind.Nesterov => new Sgd { Momentum = momentum, Nesterov = true },
            OptimizerKind.Adam => new Adam { Beta1 = beta1, Beta2 = beta2, Epsilon = epsilon },
            OptimizerKind.AdamW => new Adam { Beta1 = beta1, Beta2 = beta2, Epsilon = epsilon, Decoupled = true },
            OptimizerKind.AmsGrad => new AmsGrad { Beta1 = beta1, Beta2 = beta2, Epsilon = epsilon },
            OptimizerKind.NAdam => new NAdam { Beta1 = beta1, Beta2 = beta2, Epsilon = epsilon },
            OptimizerKind.Adamax => new Adamax { Beta1 = beta1, Beta2 = beta2, Epsilon = epsilon },
            OptimizerKind.Adagrad => new Adagrad { Epsilon = constants.Epsilon ?? 1e-10f },
            OptimizerKind.RmsProp or OptimizerKind.CenteredRmsProp => new RmsProp
            {
                Alpha = constants.Beta2 ?? 0.99f, Epsilon = epsilon, Momentum = momentum, Centered = kind is OptimizerKind.CenteredRmsProp,
            },
            OptimizerKind.Adadelta => new Adadelta { Rho = constants.Beta2 ?? 0.9f, Epsilon = constants.Epsilon ?? 1e-6f },
            _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "Unknown optimizer."),
        };
        (optimizer.WeightDecay, optimizer.DecayVectors) = (weightDecay, decayVectors);
        return optimizer;
    }

    /// <summary>Takes one step over all trainable parameters.</summary>
    /// <param name="parameters">All parameters, with the gradients of this step.</param>
    /// <param name="learningRate">The learning rate of this step.</param>
    /// <param name="gradientScale">A factor for the gradients, from clipping.</param>
    public void Step(IReadOnlyList<Parameter> parameters, float learningRate, float gradientScale = 1)
    {
        Steps++;
        for (var i = 0; i < parameters.Count; i++)
        {
            if (parameters[i].Trainable) Update(parameters[i], learningRate, gradientScale);
        }
    }

    /// <summary>The state of a parameter; zeros before its first step.</summary>
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

    /// <summary>The weight decay of a parameter.</summary>
    protected float DecayOf(Parameter parameter) => DecayVectors || parameter.Shape.Rank > 1 ? WeightDecay : 0;

    /// <summary>
    /// Whether a weight with zero gradient and its state stay unchanged to the bit. If so, only the rows of a table touched by a step are visited.
    /// </summary>
    protected virtual bool LeavesZerosAlone(Parameter parameter) => false;

    /// <summary>Updates a part of a parameter; <see cref="Steps"/> is the number of this step, from 1.</summary>
    protected abstract void Update(in ParameterPart part, float learningRate, float gradientScale);

    private void Update(Parameter parameter, float learningRate, float gradientScale)
    {
        var slots = Slots(parameter);
        if (LeavesZerosAlone(parameter) && parameter.TryGetRows(out var gradient, out var rows))
        {
            var columns = gradient.Length / gradient.Shape[0];
            foreach (var row in rows) Update(new ParameterPart(parameter, gradient, slots, row * columns, columns), learningRate, gradientScale);
        }
        else Update(new ParameterPart(parameter, parameter.GradientToRead, slots, 0, parameter.Value.Length), learningRate, gradientScale);
    }
}
