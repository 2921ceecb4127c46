using Microsoft.ML.Recurrent.Tensors;

namespace Microsoft.ML.Recurrent.Likelihoods;

/// <summary>The parameters of steps, by index, as output by the network.</summary>
internal interface IStepParameters<T>
{
    T this[int parameter] { get; }
}

/// <summary>Parameters created on demand, so that a graph has no unused nodes.</summary>
/// <param name="at">Creates a parameter; called once per use.</param>
internal sealed class StepParameters<T>(Func<int, T> at) : IStepParameters<T>
{
    public T this[int parameter] => at(parameter);
}

/// <summary>The parameters of one forecast value, read from the output of a network.</summary>
/// <param name="values">The output.</param>
/// <param name="stride">The distance between two parameters.</param>
internal sealed class ScalarParameters(Tensor values, int stride) : IStepParameters<double>
{
    /// <summary>The position of the first parameter.</summary>
    public int Start { get; set; }

    public double this[int parameter] => values[Start + parameter * stride];
}
