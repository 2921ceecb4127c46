using Microsoft.ML.Recurrent.Autograd;

namespace Microsoft.ML.Recurrent.Text;

/// <summary>Samples tokens from log-probabilities: temperature, then top-k, then top-p. Reuses its buffers; not thread-safe.</summary>
internal sealed class TokenSampler(int vocabulary, TextGenerationOptions options, ulong seed)
{
    private readonly RandomStream _random = new(seed, "generation");
    private readonly int[] _tokens = new int[vocabulary];
    private readonly double[] _probabilities = new double[vocabulary];

    /// <summary>Draws the next token, never an excluded one.</summary>
    /// <param name="logProbabilities">[vocabulary], natural logarithms.</param>
    /// <param name="excluded">[vocabulary]: true for tokens that are never drawn.</param>
    public int Draw(ReadOnlySpan<float> logProbabilities, ReadOnlySpan<bool> excluded)
    {
        var best = -1;
        for (var token = 0; token < vocabulary; token++)
            if (!excluded[token] && (best < 0 || logProbabilities[token] > logProbabilities[best])) best = token;
        if (options.Temperature == 0 || options.TopK == 1) return best;

        // Relative to the most likely token, so that nothing overflows.
        double sum = 0;
        var count = 0;
        for (var token = 0; token < vocabulary; token++)
        {
            if (excluded[token]) continue;
            var probability = Math.Exp((logProbabilities[token] - logProbabilities[best]) / (double)options.Temperature);
            if (probability == 0) continue;
            (_tokens[count], _probabilities[count++]) = (token, probability);
            sum += probability;
        }

        if (options.TopK > 0 && options.TopK < count)
        {
            Sort(count);
            count = options.TopK;
            sum = 0;
            for (var i = 0; i < count; i++) sum += _probabilities[i];
        }

        if (options.TopP < 1) (count, sum) = Nucleus(count, sum);
        var drawn = _random.NextDouble() * sum;
        for (var i = 0; i < count - 1; i++)
            if ((drawn -= _probabilities[i]) < 0) return _tokens[i];
        return _tokens[count - 1];
    }

    private (int Count, double Sum) Nucleus(int count, double sum)
    {
        // All tokens rarer than this add up to less than the excluded mass: they need no sorting.
        var (least, kept) = ((1 - options.TopP) * sum / count, 0);
        for (var i = 0; i < count; i++)
        {
            if (_probabilities[i] < least) continue;
            (_tokens[kept], _probabilities[kept++]) = (_tokens[i], _probabilities[i]);
        }

        Sort(kept);
        var (wanted, total, taken) = (options.TopP * sum, 0.0, 0);
        while (taken < kept && (taken == 0 || total < wanted)) total += _probabilities[taken++];
        return (taken, total);
    }

    // Most likely first; ties by id, so that the result does not depend on the sort algorithm.
    private void Sort(int count)
    {
        var keys = new (double, int)[count];
        for (var i = 0; i < count; i++) keys[i] = (-_probabilities[i], _tokens[i]);
        Array.Sort(keys);
        for (var i = 0; i < count; i++) (_probabilities[i], _tokens[i]) = (-keys[i].Item1, keys[i].Item2);
    }
}
