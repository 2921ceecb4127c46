using Microsoft.ML.Recurrent.Autograd;

namespace Microsoft.ML.Recurrent.Text;

/// <summary>
/// Draws tokens from log-probabilities: temperature, then the likeliest k, then the nucleus of probability p. Its buffers are used again; for one thread at a
/// time.
/// </summary>
internal sealed class TokenSampler(int vocabulary, TextGenerationOptions options, ulong seed)
{
    private readonly RandomStream _random = new(seed, "generation");
    private readonly int[] _tokens = new int[vocabulary];
    private readonly double[] _probabilities = new double[vocabulary];

    /// <summary>The next token, none of the excluded ones.</summary>
    /// <param name="logProbabilities">[vocabulary], natural logarithms.</param>
    /// <param name="excluded">[vocabulary]: which tokens are out of the question.</param>
    public int Draw(ReadOnlySpan<float> logProbabilities, ReadOnlySpan<bool> excluded)
    {
        var best = -1;
        for (var token = 0; token < vocabulary; token++)
            if (!excluded[token] && (best < 0 || logProbabilities[token] > logProbabilities[best])) best = token;
        if (options.Temperature == 0 || options.TopK == 1) return best;

        // Relative to the likeliest, so that nothing overflows.
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
        // Together, all that are rarer than this have less than what may be left out: they need no sorting.
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

    // The likeliest first; equally likely ones by their numbers, so that the result does not depend on the sort.
    private void Sort(int count)
    {
        var keys = new (double, int)[count];
        for (var i = 0; i < count; i++) keys[i] = (-_probabilities[i], _tokens[i]);
        Array.Sort(keys);
        for (var i = 0; i < count; i++) (_probabilities[i], _tokens[i]) = (-keys[i].Item1, keys[i].Item2);
    }
}
