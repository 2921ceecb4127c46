using Microsoft.ML.Recurrent.Networks;

namespace Microsoft.ML.Recurrent.Data;

/// <summary>Copies rows that were collected for scoring to a batch of the network, padded to the longest of them. For models of whole sequences.</summary>
/// <param name="manifest">The model's columns.</param>
internal sealed class NetworkRows(ModelManifest manifest)
{
    private readonly TrainingTarget _target = new(manifest.Inputs);
    private float[] _rounded = [];

    /// <summary>Copies the given rows; a row may be given several times.</summary>
    public void Fill(ScoringBatch source, ReadOnlySpan<int> rows, SequenceBatch target)
    {
        var (shortest, time) = (int.MaxValue, 0);
        foreach (var row in rows) (shortest, time) = (Math.Min(shortest, source.Time(row)), Math.Max(time, source.Time(row)));
        _target.Begin(target, rows.Length, time, targets: 0, lengths: shortest < time);
        for (var example = 0; example < rows.Length && shortest < time; example++) target.Lengths![example] = source.Time(rows[example]);
        var beside = 0;
        for (var input = 0; input < manifest.Inputs.Length; input++)
        {
            switch (manifest.Inputs[input].Kind)
            {
                case InputKind.Tokens when input == 0:
                    CopyIds(source, input, rows, target.Tokens!);
                    break;
                case InputKind.Tokens:
                    // Further columns of tokens join the vectors of the first column.
                    var ids = target.Categories(beside++, time * rows.Length);
                    Array.Clear(ids, 0, time * rows.Length);
                    CopyIds(source, input, rows, ids);
                    break;
                case InputKind.Letters:
                    CopyLetters(source, input, rows, target);
                    break;
                default:
                    for (var example = 0; example < rows.Length; example++)
                        _target.Write(example, input, 0, Numbers(source, input, rows[example]), manifest.Inputs[input].Features);
                    break;
            }
        }
    }

    private static void CopyIds(ScoringBatch source, int input, ReadOnlySpan<int> rows, int[] target)
    {
        for (var example = 0; example < rows.Length; example++)
            StepCopy.Ids(source.Tokens(rows[example], input), 1, target.AsSpan(example), rows.Length);
    }

    private void CopyLetters(ScoringBatch source, int input, ReadOnlySpan<int> rows, SequenceBatch target)
    {
        var (width, longest) = (manifest.Inputs[input].Features, 1);
        foreach (var row in rows) longest = Math.Max(longest, LetterRows.Longest<long>(source.Tokens(row, input), width));
        target.ResizeLetters(longest);
        for (var example = 0; example < rows.Length; example++) LetterRows.Write<long>(target, example, source.Tokens(rows[example], input), width);
    }

    // Numbers of more than 24 bits lose their origin first, as in the graph.
    private ReadOnlySpan<float> Numbers(ScoringBatch source, int input, int row)
    {
        var column = manifest.Inputs[input];
        if (column.Origins.IsEmpty) return source.Values(row, input);
        var numbers = source.Doubles(row, input);
        SequenceBuffers.Fit(ref _rounded, numbers.Length);
        for (var i = 0; i < numbers.Length; i++) _rounded[i] = (float)(numbers[i] - column.Origins[i % column.Features]);
        return _rounded.AsSpan(0, numbers.Length);
    }
}
