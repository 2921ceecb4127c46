using System.Runtime.CompilerServices;
using Microsoft.ML.Recurrent.Kernels.Recurrent;

namespace Microsoft.ML.Recurrent.Kernels.Simd;

/// <summary>
/// The kernels, written once over <see cref="ISimd{TVector}"/>; this part holds the element-wise ones. Every loop is compiled with full optimization from the
/// start, since tier 0 neither inlines the vector operations nor keeps vectors in registers.
/// </summary>
internal sealed unsafe partial class SimdKernels<S, V> : CpuKernels
    where S : struct, ISimd<V>
    where V : struct
{
    private const MethodImplOptions Hot = MethodImplOptions.AggressiveOptimization;

    public override string Name => S.Name;
    public override int VectorWidth => S.Width;
    internal override int Accumulators => S.Accumulators;
    internal override RecurrentSteps Steps(CellDescriptor cell, Activation activation, bool resetBefore) => cell.Steps<S, V>(activation, resetBefore);

    [MethodImpl(Hot)]
    public override void Fill(float value, float* destination, nint count)
    {
        var v = S.Create(value);
        nint i = 0;
        for (; i <= count - S.Width; i += S.Width)
            S.Store(destination + i, v);
        if (i < count)
            S.StorePartial(destination + i, v, (int)(count - i));
    }

    [MethodImpl(Hot)]
    public override void Add(float* a, float* b, float* destination, nint count)
    {
        nint i = 0;
        for (; i <= count - S.Width; i += S.Width)
            S.Store(destination + i, S.Add(S.Load(a + i), S.Load(b + i)));
        if (i < count)
            S.StorePartial(destination + i, S.Add(S.LoadPartial(a + i, (int)(count - i)), S.LoadPartial(b + i, (int)(count - i))), (int)(count - i));
    }

    [MethodImpl(Hot)]
    public override void Subtract(float* a, float* b, float* destination, nint count)
    {
        nint i = 0;
        for (; i <= count - S.Width; i += S.Width)
            S.Store(destination + i, S.Subtract(S.Load(a + i), S.Load(b + i)));
        if (i < count)
            S.StorePartial(destination + i, S.Subtract(S.LoadPartial(a + i, (int)(count - i)), S.LoadPartial(b + i, (int)(count - i))), (int)(count - i));
    }

    [MethodImpl(Hot)]
    public override void Multiply(float* a, float* b, float* destination, nint count)
    {
        nint i = 0;
        for (; i <= count - S.Width; i += S.Width)
            S.Store(destination + i, S.Multiply(S.Load(a + i), S.Load(b + i)));
        if (i < count)
            S.StorePartial(destination + i, S.Multiply(S.LoadPartial(a + i, (int)(count - i)), S.LoadPartial(b + i, (int)(count - i))), (int)(count - i));
    }

    [MethodImpl(Hot)]
    public override void Axpy(float scale, float* a, float* destination, nint count)
    {
        var s = S.Create(scale);
        nint i = 0;
        for (; i <= count - S.Width; i += S.Width)
            S.Store(destination + i, S.MultiplyAdd(s, S.Load(a + i), S.Load(destination + i)));
        if (i < count)
        {
            var rest = (int)(count - i);
            S.StorePartial(destination + i, S.MultiplyAdd(s, S.LoadPartial(a + i, rest), S.LoadPartial(destination + i, rest)), rest);
        }
    }

    [MethodImpl(Hot)]
    public override void MultiplyAdd(float* a, float* b, float* destination, nint count)
    {
        nint i = 0;
        for (; i <= count - S.Width; i += S.Width)
            S.Store(destination + i, S.MultiplyAdd(S.Load(a + i), S.Load(b + i), S.Load(destination + i)));
        if (i < count)
        {
            var rest = (int)(count - i);
            S.StorePartial(destination + i, S.MultiplyAdd(S.LoadPartial(a + i, rest), S.LoadPartial(b + i, rest), S.LoadPartial(destination + i, rest)), rest);
        }
    }

    [MethodImpl(Hot)]
    public override void Blend(float weightA, float* a, float weightB, float* b, float* destination, nint count)
    {
        V x = S.Create(weightA), y = S.Create(weightB);
        nint i = 0;
        for (; i <= count - S.Width; i += S.Width)
            S.Store(destination + i, S.MultiplyAdd(x, S.Load(a + i), S.Multiply(y, S.Load(b + i))));
        if (i < count)
        {
            var rest = (int)(count - i);
            S.StorePartial(destination + i, S.MultiplyAdd(x, S.LoadPartial(a + i, rest), S.Multiply(y, S.LoadPartial(b + i, rest))), rest);
        }
    }

    public override void Scale(float* a, float scale, float* destination, nint count) => Map<ScaleOperation>(scale, a, destination, count);

    public override void Activate(Activation activation, float alpha, float* x, float* destination, nint count)
    {
        switch (activation)
        {
            case Activation.Tanh: Map<TanhActivation>(alpha, x, destination, count); break;
            case Activation.Sigmoid: Map<SigmoidActivation>(alpha, x, destination, count); break;
            case Activation.Relu: Map<ReluActivation>(alpha, x, destination, count); break;
            case Activation.LeakyRelu: Map<LeakyReluActivation>(alpha, x, destination, count); break;
            case Activation.Elu: Map<EluActivation>(alpha, x, destination, count); break;
            case Activation.Gelu: Map<GeluActivation>(alpha, x, destination, count); break;
            case Activation.Silu: Map<SiluActivation>(alpha, x, destination, count); break;
            case Activation.Softplus: Map<SoftplusActivation>(alpha, x, destination, count); break;
            default: throw new ArgumentOutOfRangeException(nameof(activation), activation, "Unknown activation.");
        }
    }

    public override void ActivateBackward(Activation activation, float alpha, float* x, float* y, float* dy, float* dx, nint count)
    {
        // If only one of x and y is read, the other may be null: the loop gets the former for both.
        var input = activation is Activation.Gelu or Activation.Silu or Activation.Softplus ? x : y;
        switch (activation)
        {
            case Activation.Tanh: MapBackward<TanhActivation>(alpha, input, dy, dx, count); break;
            case Activation.Sigmoid: MapBackward<SigmoidActivation>(alpha, input, dy, dx, count); break;
            case Activation.Relu: MapBackward<ReluActivation>(alpha, input, dy, dx, count); break;
            case Activation.LeakyRelu: MapBackward<LeakyReluActivation>(alpha, input, dy, dx, count); break;
            case Activation.Elu: MapBackward<EluActivation>(alpha, input, dy, dx, count); break;
            case Activation.Gelu: MapBackward<GeluActivation>(alpha, input, dy, dx, count); break;
            case Activation.Silu: MapBackward<SiluActivation>(alpha, input, dy, dx, count); break;
            case Activation.Softplus: MapBackward<SoftplusActivation>(alpha, input, dy, dx, count); break;
            default: throw new ArgumentOutOfRangeException(nameof(activation), activation, "Unknown activation.");
        }
    }

    [MethodImpl(Hot)]
    private static void Map<TOperation>(float alpha, float* a, float* destination, nint count)
        where TOperation : struct, IUnaryOperation
    {
        var constant = S.Create(alpha);
        nint i = 0;
        for (; i <= count - S.Width; i += S.Width)
            S.Store(destination + i, TOperation.Apply<S, V>(S.Load(a + i), constant));
        if (i < count)
        {
            var rest = (int)(count - i);
            S.StorePartial(destination + i, TOperation.Apply<S, V>(S.LoadPartial(a + i, rest), constant), rest);
        }
    }

    [MethodImpl(Hot)]
    private static void MapBackward<TActivation>(float alpha, float* input, float* dy, float* dx, nint count)
        where TActivation : struct, IActivation
    {
        var constant = S.Create(alpha);
        nint i = 0;
        for (; i <= count - S.Width; i += S.Width)
        {
            var v = S.Load(input + i);
            S.Store(dx + i, S.MultiplyAdd(S.Load(dy + i), TActivation.Derivative<S, V>(v, v, constant), S.Load(dx + i)));
        }
        if (i < count)
        {
            var rest = (int)(count - i);
            var v = S.LoadPartial(input + i, rest);
            var sum = S.MultiplyAdd(S.LoadPartial(dy + i, rest), TActivation.Derivative<S, V>(v, v, constant), S.LoadPartial(dx + i, rest));
            S.StorePartial(dx + i, sum, rest);
        }
    }
}
