namespace Microsoft.ML.Recurrent.Data;

/// <content>Labels per step, and the letters of tokens.</content>
internal sealed partial class RowExamples
{
    private ReadOnlySpan<int> StepLabels(int example) => _stepLabels.Get(_stepPlaces[example], _lengths[example]);

    private ReadOnlySpan<int> Letters(int example) => _letters.Get(_letterPlaces[example], _lengths[example] * _columns.Letters!.Length);

    private void AddStepLabels(ReadOnlySpan<int> labels, int steps, long position)
    {
        if (labels.Length != steps)
        {
            throw ColumnErrors.Value("label", _columns.Label.Name, position,
                $"{ColumnErrors.Holds(labels.Length, "labels")}, but the column '{_columns.Sequences[0].Name}' holds {steps} steps: there must be a label for "
                    + "each step.");
        }
        _stepPlaces.Add(_stepLabels.Append(labels));
    }

    private int LongestToken(ReadOnlySpan<int> examples)
    {
        var longest = 1;
        foreach (var example in examples) longest = Math.Max(longest, LetterRows.Longest(Letters(example), _columns.Letters!.Length));
        return longest;
    }
}
