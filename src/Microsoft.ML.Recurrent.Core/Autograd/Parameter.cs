using System.Diagnostics.CodeAnalysis;
using Microsoft.ML.Recurrent.Tensors;

namespace Microsoft.ML.Recurrent.Autograd;

/// <summary>
/// A named tensor that outlives the steps: a trainable weight or a constant of the model (such as the mean of an input). Its name is the initializer name in
/// the ONNX graph.
/// </summary>
internal sealed class Parameter : IDisposable
{
    public Parameter(string name, Shape shape, bool trainable = true)
    {
        (Name, Value) = (name, Tensor.Zeros(shape));
        Trainable = trainable;
    }

    /// <summary>Unique within its network: <c>lstm_1.weight_ih</c>.</summary>
    public string Name { get; }

    /// <summary>The values, owned by the parameter.</summary>
    public Tensor Value { get; }

    public Shape Shape => Value.Shape;

    /// <summary>Whether gradients are computed and the optimizer updates it. False for constants and frozen layers.</summary>
    public bool Trainable
    {
        get => Value.RequiresGradient;
        set => Value.RequiresGradient = value;
    }

    /// <summary>
    /// The gradient of the last backward pass (the sum of several passes if <see cref="ZeroGradient"/> was not called in between); zero if the loss does not
    /// depend on the parameter.
    /// </summary>
    public Tensor Gradient
    {
        get
        {
            if (Value.HasGradient) Value.GradientRows?.Widen();
            return GradientToRead;
        }
    }

    /// <summary>The gradient for reading only: the set of nonzero rows stays valid.</summary>
    public Tensor GradientToRead
    {
        get
        {
            Value.Gradient ??= Tensor.Rent(Shape);
            if (!Value.HasGradient)
            {
                Value.GradientRows?.Widen();
                Value.Gradient.Span.Clear();
                Value.HasGradient = true;
            }

            return Value.Gradient;
        }
    }

    /// <summary>
    /// Gets the gradient if only some rows can be nonzero, such as the words read by a step. False if any row may be nonzero; then, or to change the gradient,
    /// use <see cref="Gradient"/>.
    /// </summary>
    public bool TryGetRows([NotNullWhen(true)] out Tensor? gradient, out ReadOnlySpan<int> rows)
    {
        gradient = Value is { HasGradient: true, GradientRows.IsPartial: true } ? Value.Gradient : null;
        rows = gradient is null ? default : Value.GradientRows!.Rows;
        return gradient is not null;
    }

    /// <summary>Discards the gradient. The next backward pass overwrites it, so nothing is cleared now.</summary>
    public void ZeroGradient() => Value.HasGradient = false;

    public void Dispose() => Value.Dispose();

    public override string ToString() => $"{Name} {Shape}";
}
