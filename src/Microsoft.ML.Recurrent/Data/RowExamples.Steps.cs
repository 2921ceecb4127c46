namespace Microsoft.ML.Recurrent.Data;

/// <content>Labels and numbers per step, and the letters of tokens.</content>
internal sealed partial class RowExamples
{
    private ReadOnlySpan<int> StepLabels(int example) => _stepLabels.Get(_stepPlaces[example], _lengths[example]);

    private ReadOnlySpan<float> StepTargets(int example) => _stepTargets.Get(_stepPlaces[example], _lengths[example] * _columns.TargetSize);

    private bool HasStepLabels => _columns.LabelRole is LabelRole.StepKeys;

    private bool HasStepTargets => _columns.LabelRole is LabelRole.StepNumbers;

    private ReadOnlySpan<int> Letters(int example) => _letters.Get(_letterPlaces[example], _lengths[example] * _columns.Letters!.Length);

    private void AddStepLabels(ReadOnlySpan<int> labels, int steps, long position)
    {
        CheckSteps(labels.Length, steps, position);
        _stepPlaces.Add(_stepLabels.Append(labels));
    }

    private void AddStepTargets(NumberVector label, int steps, long position)
    {
        CheckSteps(label.Read(), steps * _columns.TargetSize, position);
        var values = label.Values;
        foreach (var value in values)
            if (float.IsInfinity(value)) Finite(value, "label", _columns.Label, position);
        _stepPlaces.Add(_stepTargets.Append(values));
    }

    private void CheckSteps(int labels, int expected, long position)
    {
        if (labels == expected) return;
        var steps = expected / Math.Max(1, _columns.TargetSize);
        throw ColumnErrors.Value("label", _columns.Label.Name, position,
            $"{ColumnErrors.Holds(labels, "labels")}, but the column '{_columns.Sequences[0].Name}' holds {steps} steps: there must be "
                + $"{(expected == steps ? "a label" : $"{_columns.TargetSize} numbers")} for each step.");
    }

    private int LongestToken(ReadOnlySpan<int> examples)
    {
        var longest = 1;
        foreach (var example in examples) longest = Math.Max(longest, LetterRows.Longest(Letters(example), _columns.Letters!.Length));
        return longest;
    }
}
