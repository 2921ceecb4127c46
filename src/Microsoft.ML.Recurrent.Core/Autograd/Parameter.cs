using System.Diagnostics.CodeAnalysis;
using Microsoft.ML.Recurrent.Tensors;

namespace Microsoft.ML.Recurrent.Autograd;

/// <summary>
/// A named tensor that outlives the steps: a weight to be learned, or a fixed figure of the model (an input's mean, say). Its name is its initializer's name in
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

    /// <summary>The numbers themselves, owned by the parameter.</summary>
    public Tensor Value { get; }

    public Shape Shape => Value.Shape;

    /// <summary>Whether gradients are computed and the optimizer changes it. Fixed figures of a model and frozen layers are not trainable.</summary>
    public bool Trainable
    {
        get => Value.RequiresGradient;
        set => Value.RequiresGradient = value;
    }

    /// <summary>
    /// The gradient of the last backward pass (the sum of several, if <see cref="ZeroGradient"/> was not called in between); zero where the loss does not
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

    /// <summary>The same, for readers alone: what is known of its rows stays known.</summary>
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
    /// The gradient, if it is known to be zero but for some rows: the words that a step read, of a table. False where it may be anything; then, and to change
    /// it, use <see cref="Gradient"/>.
    /// </summary>
    public bool TryGetRows([NotNullWhen(true)] out Tensor? gradient, out ReadOnlySpan<int> rows)
    {
        gradient = Value is { HasGradient: true, GradientRows.IsPartial: true } ? Value.Gradient : null;
        rows = gradient is null ? default : Value.GradientRows!.Rows;
        return gradient is not null;
    }

    /// <summary>Forgets the gradient. The next backward pass writes over it, which costs nothing now.</summary>
    public void ZeroGradient() => Value.HasGradient = false;

    public void Dispose() => Value.Dispose();

    public override string ToString() => $"{Name} {Shape}";
}
