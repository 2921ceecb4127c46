using Microsoft.ML.Recurrent.Tensors;

namespace Microsoft.ML.Recurrent.Likelihoods;

/// <summary>The parameters of steps as the network gives them, by number.</summary>
internal interface IStepParameters<T>
{
    T this[int parameter] { get; }
}

/// <summary>Parameters that are made where they are asked for, so that a graph has no node that nothing reads.</summary>
/// <param name="at">Makes one; asked once for each use.</param>
internal sealed class StepParameters<T>(Func<int, T> at) : IStepParameters<T>
{
    public T this[int parameter] => at(parameter);
}

/// <summary>The parameters of one number that is forecast, read from a network's output.</summary>
/// <param name="values">The output.</param>
/// <param name="stride">Numbers from one parameter to the next.</param>
internal sealed class ScalarParameters(Tensor values, int stride) : IStepParameters<double>
{
    /// <summary>Where the first parameter is.</summary>
    public int Start { get; set; }

    public double this[int parameter] => values[Start + parameter * stride];
}
