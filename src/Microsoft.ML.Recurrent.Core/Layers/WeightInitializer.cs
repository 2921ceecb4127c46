using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Layers;

namespace Microsoft.ML.Recurrent;

/// <summary>Initialization of a weight matrix, per gate for gated layers. All initializers draw from the seed of the run only.</summary>
public abstract class WeightInitializer
{
    private protected WeightInitializer()
    {
    }

    /// <summary>U(-a, a) with a = sqrt(6 / (fan in + fan out)) (Glorot and Bengio 2010). The default except for recurrent weights.</summary>
    public static WeightInitializer GlorotUniform() =>
        new Drawn((nameof(GlorotUniform), []), (weights, fanIn, fanOut, random) => Initializer.GlorotUniform(weights, fanIn, fanOut, random));

    /// <summary>N(0, 2 / (fan in + fan out)) (Glorot and Bengio 2010).</summary>
    public static WeightInitializer GlorotNormal() =>
        new Drawn((nameof(GlorotNormal), []), (weights, fanIn, fanOut, random) => Initializer.Normal(weights, Math.Sqrt(2.0 / (fanIn + fanOut)), random));

    /// <summary>U(-a, a) with a = sqrt(6 / fan in), for layers before a ReLU (He et al. 2015).</summary>
    public static WeightInitializer HeUniform() =>
        new Drawn((nameof(HeUniform), []), (weights, fanIn, _, random) => Initializer.Uniform(weights, Math.Sqrt(6.0 / fanIn), random));

    /// <summary>N(0, 2 / fan in), for layers before a ReLU (He et al. 2015).</summary>
    public static WeightInitializer HeNormal() =>
        new Drawn((nameof(HeNormal), []), (weights, fanIn, _, random) => Initializer.Normal(weights, Math.Sqrt(2.0 / fanIn), random));

    /// <summary>U(-<paramref name="bound"/>, <paramref name="bound"/>).</summary>
    /// <param name="bound">Greater than 0.</param>
    public static WeightInitializer Uniform(float bound)
    {
        Check(bound, nameof(bound));
        return new Drawn((nameof(Uniform), [bound]), (weights, _, _, random) => Initializer.Uniform(weights, bound, random));
    }

    /// <summary>N(0, <paramref name="deviation"/>^2).</summary>
    /// <param name="deviation">Greater than 0.</param>
    public static WeightInitializer Normal(float deviation)
    {
        Check(deviation, nameof(deviation));
        return new Drawn((nameof(Normal), [deviation]), (weights, _, _, random) => Initializer.Normal(weights, deviation, random));
    }

    /// <summary>
    /// N(0, (<paramref name="deviation"/> / sqrt(2 <paramref name="layers"/>))^2): keeps the scale of the sum of residual layers independent of their number
    /// (Radford et al. 2019).
    /// </summary>
    /// <param name="layers">Residual layers, at least 1.</param>
    /// <param name="deviation">Greater than 0.</param>
    public static WeightInitializer ResidualScaled(int layers, float deviation = 0.02f)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(layers, 1);
        return Normal(deviation / MathF.Sqrt(2 * layers));
    }

    /// <summary>A uniformly random orthogonal matrix times <paramref name="gain"/> (Saxe et al. 2014). The default for recurrent weights.</summary>
    /// <param name="gain">Greater than 0.</param>
    public static WeightInitializer Orthogonal(float gain = 1)
    {
        Check(gain, nameof(gain));
        return new Drawn((nameof(Orthogonal), [gain]), (weights, columns, rows, random) =>
        {
            Initializer.Orthogonal(weights, rows, columns, random);
            foreach (ref var weight in weights) weight *= gain;
        });
    }

    /// <summary>
    /// The identity times <paramref name="gain"/>, so that a ReLU network initially keeps its state (Le et al. 2015). Zeros off the diagonal if the matrix is
    /// not square.
    /// </summary>
    /// <param name="gain">Greater than 0.</param>
    public static WeightInitializer Identity(float gain = 1)
    {
        Check(gain, nameof(gain));
        return new Drawn((nameof(Identity), [gain]), (weights, columns, rows, _) =>
        {
            weights.Clear();
            for (var i = 0; i < Math.Min(rows, columns); i++) weights[i * columns + i] = gain;
        });
    }

    /// <summary>The method above that makes this, and its arguments, for code that makes it again.</summary>
    internal abstract (string Method, object[] Arguments) Made { get; }

    /// <summary>Fills [fan out, fan in].</summary>
    internal abstract void Fill(Span<float> weights, int fanIn, int fanOut, RandomStream random);

    private static void Check(float value, string name)
    {
        if (!(value > 0 && float.IsFinite(value))) throw new ArgumentOutOfRangeException(name, value, "The value must be greater than zero.");
    }

    private delegate void Draw(Span<float> weights, int fanIn, int fanOut, RandomStream random);

    private sealed class Drawn((string Method, object[] Arguments) made, Draw draw) : WeightInitializer
    {
        internal override (string Method, object[] Arguments) Made => made;

        internal override void Fill(Span<float> weights, int fanIn, int fanOut, RandomStream random) => draw(weights, fanIn, fanOut, random);
    }
}
