using System.Collections.Immutable;

namespace Microsoft.ML.Recurrent.Data;

/// <summary>Writes examples from rows that hold a whole sequence each.</summary>
internal static class RowFiller
{
    /// <summary>Writes one example.</summary>
    /// <param name="target">The batch.</param>
    /// <param name="example">The example's row in the batch.</param>
    /// <param name="inputs">The graph's inputs.</param>
    /// <param name="steps">Steps of the sequence.</param>
    /// <param name="values">Its numbers, step by step: those of all inputs side by side. Empty for tokens.</param>
    /// <param name="tokens">Its tokens; empty for numbers.</param>
    /// <param name="statics">The numbers of all static inputs side by side.</param>
    public static void Fill(IExampleTarget target, int example, ImmutableArray<InputColumn> inputs, int steps,
        ReadOnlySpan<float> values, ReadOnlySpan<int> tokens, ReadOnlySpan<float> statics)
    {
        var width = values.Length / steps;
        for (var i = 0; i < inputs.Length; i++)
        {
            var input = inputs[i];
            if (input.Kind is InputKind.Tokens) target.Write(example, i, tokens);
            else if (input.Kind is InputKind.Static)
            {
                target.Write(example, i, 0, statics, statics.Length);
                statics = statics[input.Features..];
            }
            else
            {
                target.Write(example, i, 0, values, width);
                values = values[input.Features..];
            }
        }
    }
}
