using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Networks;

namespace Microsoft.ML.Recurrent.Explanations;

/// <summary>Copies a row that was collected for scoring to a batch of a network, once or several times.</summary>
internal static class RowBatches
{
    /// <param name="source">A batch with one row.</param>
    /// <param name="target">Takes the copies.</param>
    /// <param name="copies">Rows of the target.</param>
    /// <param name="isBaseline">Whether tokens and letters are those of padding.</param>
    public static void Fill(ScoringBatch source, SequenceBatch target, int copies, bool isBaseline = false)
    {
        var inputs = source.Manifest.Inputs;
        var (time, features) = (source.Time(0), inputs.Where(input => input.Kind is InputKind.Sequence).Sum(input => input.Features));
        var statics = inputs.Where(input => input.Kind is InputKind.Static).Sum(input => input.Features);
        target.Resize(copies, time, features, tokens: features == 0, lengths: source.Manifest.VariesInLength, statics: statics);
        if (target.Lengths is { } lengths) Array.Fill(lengths, time, 0, copies);
        var letters = Array.FindIndex([.. inputs], input => input.Kind is InputKind.Letters);
        target.ResizeLetters(letters < 0 ? 0 : inputs[letters].Features);
        var (feature, number) = (0, 0);
        for (var i = 0; i < inputs.Length; i++)
        {
            if (inputs[i].Kind is InputKind.Tokens && !isBaseline)
            {
                for (var t = 0; t < time; t++) Array.Fill(target.Tokens!, (int)source.Tokens(0, i)[t], t * copies, copies);
            }
            else if (inputs[i].Kind is InputKind.Letters && !isBaseline) FillLetters(source.Tokens(0, i), target, inputs[i].Features);
            else if (inputs[i].Kind is InputKind.Sequence) Copy(i, target.Values!.Span, features, ref feature, time);
            else if (inputs[i].Kind is InputKind.Static) Copy(i, target.Statics!.Span, statics, ref number, 1);
        }

        // [time, rows, width], from a column's own [time, numbers].
        void Copy(int input, Span<float> to, int width, ref int place, int steps)
        {
            var column = inputs[input];
            for (var t = 0; t < steps; t++)
            {
                for (var j = 0; j < column.Features; j++)
                {
                    var value = column.Origins.IsEmpty ? source.Values(0, input)[t * column.Features + j]
                        : (float)(source.Doubles(0, input)[t * column.Features + j] - column.Origins[j]);
                    for (var copy = 0; copy < copies; copy++) to[(t * copies + copy) * width + place + j] = value;
                }
            }
            place += column.Features;
        }
    }

    private static void FillLetters(ReadOnlySpan<long> ids, SequenceBatch target, int size)
    {
        for (var step = 0; step < target.Time; step++)
        {
            var token = ids.Slice(step * size, size);
            var length = Math.Max(1, token.IndexOf(0) is >= 0 and var end ? end : size);
            for (var copy = 0; copy < target.Rows; copy++)
            {
                var place = step * target.Rows + copy;
                target.LetterLengths![place] = length;
                for (var i = 0; i < length; i++) target.Letters![i * target.Time * target.Rows + place] = (int)token[i];
            }
        }
    }
}
