using System.Numerics;
using System.Runtime.CompilerServices;

namespace Microsoft.ML.Recurrent.Optimizers;

/// <summary>An optimizer's update rule for a vector of elements: updates the weights and up to three state tensors.</summary>
internal interface IUpdateRule
{
    void Apply(ref Vector<float> weight, Vector<float> gradient, ref Vector<float> first, ref Vector<float> second, ref Vector<float> third);
}

/// <summary>Applies a rule to a part of a parameter in one pass, vector by vector.</summary>
internal static unsafe class ElementUpdate
{
    public static void Run<TRule>(in TRule rule, in ParameterPart part, float gradientScale)
        where TRule : struct, IUpdateRule
    {
        var (count, width) = (part.Count, Vector<float>.Count);
        float* weight = part.Weights, gradient = part.Gradient, first = part.Slot(0), second = part.Slot(1), third = part.Slot(2);
        var i = 0;
        for (; i <= count - width; i += width) Step(rule, weight + i, gradient + i, At(first, i), At(second, i), At(third, i), gradientScale);
        if (i == count) return;

        // The tail is copied to local vectors: reading past the end of a buffer is allowed, writing is not.
        var rest = stackalloc float[5 * width];
        var all = stackalloc float*[] { weight, gradient, first, second, third };
        for (var k = 0; k < 5; k++)
        {
            if (all[k] != null) Unsafe.CopyBlock(rest + k * width, all[k] + i, (uint)(count - i) * sizeof(float));
        }

        Step(rule, rest, rest + width, first == null ? null : rest + 2 * width, second == null ? null : rest + 3 * width,
            third == null ? null : rest + 4 * width, gradientScale);
        for (var k = 0; k < 5; k++)
        {
            if (k != 1 && all[k] != null) Unsafe.CopyBlock(all[k] + i, rest + k * width, (uint)(count - i) * sizeof(float));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Step<TRule>(in TRule rule, float* weight, float* gradient, float* first, float* second, float* third, float scale)
        where TRule : struct, IUpdateRule
    {
        var w = Vector.Load(weight);
        var a = first == null ? default : Vector.Load(first);
        var b = second == null ? default : Vector.Load(second);
        var c = third == null ? default : Vector.Load(third);
        rule.Apply(ref w, Vector.Load(gradient) * scale, ref a, ref b, ref c);
        w.Store(weight);
        if (first != null) a.Store(first);
        if (second != null) b.Store(second);
        if (third != null) c.Store(third);
    }

    private static float* At(float* pointer, int i) => pointer == null ? null : pointer + i;
}
