using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Networks;

namespace Microsoft.ML.Recurrent.Explanations;

/// <summary>Copies a row that was collected for scoring to a batch of a network, once or several times.</summary>
internal static class RowBatches
{
    /// <param name="source">A batch with one row.</param>
    /// <param name="target">Takes the copies.</param>
    /// <param name="copies">Rows of the target.</param>
    /// <param name="baseline">Of a baseline, the numbers of each step; tokens and letters are then those of padding. Null for the row itself.</param>
    public static void Fill(ScoringBatch source, SequenceBatch target, int copies, float[]? baseline = null)
    {
        new NetworkRows(source.Manifest).Fill(source, new int[copies], target);
        if (baseline is null) return;
        var inputs = source.Manifest.Inputs;
        if (target.Values is { } values)
            for (var i = 0; i < values.Length; i++) values[i] = baseline[i % values.Shape.Columns];
        if (target.Tokens is { } tokens) Array.Clear(tokens);
        for (var i = inputs.Skip(1).Count(input => input.Kind is InputKind.Tokens) - 1; i >= 0; i--) Array.Clear(target.Categories(i));
        if (target.Letters is not null) target.ResizeLetters(target.LetterTime);
    }
}
