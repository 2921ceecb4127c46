using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Microsoft.ML.Recurrent.Kernels.Simd;

namespace Microsoft.ML.Recurrent.Core.Tests.Kernels;

/// <summary>
/// Kernels that compute one function of <see cref="VectorMath{S, V}"/> for each element: the product's kernels use the functions inside of others.
/// </summary>
internal abstract unsafe class VectorFunctions
{
    /// <summary>The functions of a path, by its name.</summary>
    public static VectorFunctions Get(string path) => path switch
    {
        "avx512" => new Of<Avx512Simd, Vector512<float>>(),
        "avx2" => new Of<Avx2Simd, Vector256<float>>(),
        "advsimd" => new Of<AdvSimdSimd, Vector128<float>>(),
        "portable" => new Of<PortableSimd, Vector<float>>(),
        _ => throw new ArgumentOutOfRangeException(nameof(path), path, "No such path."),
    };

    public abstract void Exp(float* x, float* y, nint count);

    public abstract void Log(float* x, float* y, nint count);

    public abstract void Erf(float* x, float* y, nint count);

    private sealed class Of<S, V> : VectorFunctions
        where S : struct, ISimd<V>
        where V : struct
    {
        public override void Exp(float* x, float* y, nint count) => Map<ExpFunction>(x, y, count);

        public override void Log(float* x, float* y, nint count) => Map<LogFunction>(x, y, count);

        public override void Erf(float* x, float* y, nint count) => Map<ErfFunction>(x, y, count);

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static void Map<T>(float* x, float* y, nint count)
            where T : struct, IUnaryOperation
        {
            for (nint i = 0; i < count; i += S.Width)
            {
                var rest = (int)Math.Min(count - i, S.Width);
                S.StorePartial(y + i, T.Apply<S, V>(S.LoadPartial(x + i, rest), S.Zero), rest);
            }
        }
    }

    private readonly struct ExpFunction : IUnaryOperation
    {
        public static V Apply<S, V>(V x, V alpha) where S : struct, ISimd<V> where V : struct => VectorMath<S, V>.Exp(x);
    }

    private readonly struct LogFunction : IUnaryOperation
    {
        public static V Apply<S, V>(V x, V alpha) where S : struct, ISimd<V> where V : struct => VectorMath<S, V>.Log(x);
    }

    private readonly struct ErfFunction : IUnaryOperation
    {
        public static V Apply<S, V>(V x, V alpha) where S : struct, ISimd<V> where V : struct => VectorMath<S, V>.Erf(x);
    }
}
