using System.Runtime.CompilerServices;

namespace Microsoft.ML.Recurrent.Kernels.Simd;

/// <content>Layer normalization and optimizer updates.</content>
internal sealed unsafe partial class SimdKernels<S, V>
{
    [MethodImpl(Hot)]
    public override void LayerNorm(float* x, float* gain, float* bias, float epsilon, float* y, float* means, float* inverseDeviations, int rows, int columns)
    {
        for (var r = 0; r < rows; r++, x += columns, y += columns)
        {
            var mean = Sum(x, columns) / columns;
            V m = S.Create(mean), squares = S.Zero;
            float rest = 0;
            for (var i = 0; i < columns; i += S.Width)
            {
                var d = S.Subtract(LoadUpTo(x + i, columns - i), m);
                if (columns - i >= S.Width)
                    squares = S.MultiplyAdd(d, d, squares);
                else
                    rest = SumFirst(S.Multiply(d, d), columns - i);
            }
            var inverse = 1 / MathF.Sqrt(((S.Sum(squares) + rest) / columns) + epsilon);
            (means[r], inverseDeviations[r]) = (mean, inverse);
            var scale = S.Create(inverse);
            for (var i = 0; i < columns; i += S.Width)
            {
                var n = columns - i;
                var value = S.Multiply(S.Subtract(LoadUpTo(x + i, n), m), scale);
                if (gain != null)
                    value = S.Multiply(value, LoadUpTo(gain + i, n));
                if (bias != null)
                    value = S.Add(value, LoadUpTo(bias + i, n));
                StoreUpTo(y + i, value, n);
            }
        }
    }

    [MethodImpl(Hot)]
    public override void LayerNormBackward(
        float* x, float* gain, float* means, float* inverseDeviations, float* dy, float* dx, float* dgain, float* dbias, int rows, int columns)
    {
        for (var r = 0; r < rows; r++, x += columns, dy += columns)
        {
            V mean = S.Create(means[r]), scale = S.Create(inverseDeviations[r]), sum = S.Zero, product = S.Zero;
            for (var i = 0; i < columns; i += S.Width)
            {
                var n = columns - i;
                V d = LoadUpTo(dy + i, n), normal = S.Multiply(S.Subtract(LoadUpTo(x + i, n), mean), scale);
                if (dgain != null)
                    StoreUpTo(dgain + i, S.MultiplyAdd(d, normal, LoadUpTo(dgain + i, n)), n);
                if (dbias != null)
                    StoreUpTo(dbias + i, S.Add(d, LoadUpTo(dbias + i, n)), n);
                if (gain != null)
                    d = S.Multiply(d, LoadUpTo(gain + i, n));
                sum = S.Add(sum, d);
                product = S.MultiplyAdd(d, normal, product);
            }
            if (dx == null)
                continue;
            V meanOfD = S.Create(S.Sum(sum) / columns), meanOfProduct = S.Create(S.Sum(product) / columns);
            var to = dx + ((nint)r * columns);
            for (var i = 0; i < columns; i += S.Width)
            {
                var n = columns - i;
                V d = LoadUpTo(dy + i, n), normal = S.Multiply(S.Subtract(LoadUpTo(x + i, n), mean), scale);
                if (gain != null)
                    d = S.Multiply(d, LoadUpTo(gain + i, n));
                d = S.MultiplyAddNegated(normal, meanOfProduct, S.Subtract(d, meanOfD));
                StoreUpTo(to + i, S.MultiplyAdd(d, scale, LoadUpTo(to + i, n)), n);
            }
        }
    }

    [MethodImpl(Hot)]
    protected override void AdamPart(in AdamStep step, float* parameter, float* gradient, float* firstMoment, float* secondMoment, nint count)
    {
        var begin = KernelProfile.Begin();
        double correction1 = 1 - Math.Pow(step.Beta1, step.Step), correction2 = 1 - Math.Pow(step.Beta2, step.Step);
        V beta1 = S.Create(step.Beta1), beta2 = S.Create(step.Beta2), rest1 = S.Create(1 - step.Beta1), rest2 = S.Create(1 - step.Beta2);
        V scale = S.Create(step.GradientScale), rate = S.Create((float)(step.LearningRate / correction1));
        V inverseRoot = S.Create((float)(1 / Math.Sqrt(correction2))), epsilon = S.Create(step.Epsilon);
        var added = S.Create(step.Decoupled ? 0 : step.WeightDecay);
        var kept = S.Create(step.Decoupled ? 1 - (step.LearningRate * step.WeightDecay) : 1);
        for (nint i = 0; i < count; i += S.Width)
        {
            var n = count - i;
            var w = LoadUpTo(parameter + i, n);
            var g = S.MultiplyAdd(added, w, S.Multiply(scale, LoadUpTo(gradient + i, n)));
            var m = S.MultiplyAdd(beta1, LoadUpTo(firstMoment + i, n), S.Multiply(rest1, g));
            var v = S.MultiplyAdd(beta2, LoadUpTo(secondMoment + i, n), S.Multiply(S.Multiply(rest2, g), g));
            StoreUpTo(firstMoment + i, m, n);
            StoreUpTo(secondMoment + i, v, n);
            var denominator = S.MultiplyAdd(S.Sqrt(v), inverseRoot, epsilon);
            StoreUpTo(parameter + i, S.MultiplyAddNegated(rate, S.Divide(m, denominator), S.Multiply(kept, w)), n);
        }
        KernelProfile.End(KernelPart.Optimizer, begin);
    }

    [MethodImpl(Hot)]
    protected override void SgdPart(in SgdStep step, float* parameter, float* gradient, float* velocity, nint count)
    {
        var begin = KernelProfile.Begin();
        V rate = S.Create(step.LearningRate), scale = S.Create(step.GradientScale), decay = S.Create(step.WeightDecay);
        V momentum = S.Create(step.First ? 0 : step.Momentum), fresh = S.Create(step.First ? 1 : 1 - step.Dampening), ahead = S.Create(step.Momentum);
        for (nint i = 0; i < count; i += S.Width)
        {
            var n = count - i;
            var w = LoadUpTo(parameter + i, n);
            var g = S.MultiplyAdd(decay, w, S.Multiply(scale, LoadUpTo(gradient + i, n)));
            if (velocity != null)
            {
                var old = step.First ? S.Zero : LoadUpTo(velocity + i, n);
                var v = S.MultiplyAdd(momentum, old, S.Multiply(fresh, g));
                StoreUpTo(velocity + i, v, n);
                g = step.Nesterov ? S.MultiplyAdd(ahead, v, g) : v;
            }
            StoreUpTo(parameter + i, S.MultiplyAddNegated(rate, g, w), n);
        }
        KernelProfile.End(KernelPart.Optimizer, begin);
    }
}
