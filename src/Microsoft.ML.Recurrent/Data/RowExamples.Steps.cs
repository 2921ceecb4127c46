using Microsoft.ML.Recurrent.Networks;

namespace Microsoft.ML.Recurrent.Data;

/// <content>Labels and numbers per step, columns of tokens, and their letters.</content>
internal sealed partial class RowExamples
{
    private ReadOnlySpan<int> StepLabels(int example) => _stepLabels.Get(_stepPlaces[example], _lengths[example]);

    private ReadOnlySpan<float> StepTargets(int example) => _stepTargets.Get(_stepPlaces[example], _lengths[example] * _columns.TargetSize);

    private bool HasStepLabels => _columns.LabelRole is LabelRole.StepKeys;

    private bool HasStepTargets => _columns.LabelRole is LabelRole.StepNumbers;

    private ReadOnlySpan<int> Letters(int example) => _letters.Get(_letterPlaces[example], _lengths[example] * _columns.Letters!.Length);

    /// <summary>Of each column of tokens beside the first one: the ids that some of the examples have.</summary>
    public bool[][] SeenBeside(ReadOnlySpan<int> examples)
    {
        bool[][] seen = [.. _columns.TokensBeside.Select(column => new bool[column.Tokens])];
        foreach (var example in examples)
            for (var i = 0; i < seen.Length; i++)
                foreach (var id in TokensBeside(i, example)) seen[i][id] = true;
        return seen;
    }

    /// <summary>How often each token of the first column comes in the examples.</summary>
    public int[] CountTokens(ReadOnlySpan<int> examples, int tokens)
    {
        var counts = new int[tokens];
        foreach (var example in examples)
            foreach (var id in TokensOf(_tokenPlaces[0].Places, example)) counts[id]++;
        return counts;
    }

    private ReadOnlySpan<int> TokensOf(List<long> places, int example) => _tokens.Get(places[example], _lengths[example]);

    private ReadOnlySpan<int> TokensBeside(int place, int example) =>
        TokensOf(_tokenPlaces[place + (_columns.Vocabulary > 0 ? 1 : 0)].Places, example);

    private void ClearTokensBeside(SequenceBatch batch)
    {
        var size = batch.Time * batch.Rows;
        for (var i = _tokenPlaces.Length - (_columns.Vocabulary > 0 ? 2 : 1); i >= 0; i--) Array.Clear(batch.Categories(i, size), 0, size);
    }

    private void WriteTokens(SequenceBatch batch, int row, int example)
    {
        var place = 0;
        foreach (var (column, places) in _tokenPlaces)
        {
            var ids = TokensOf(places, example);
            // The first column is what the first layer reads; those beside it are categories.
            if (column == 0) _target.Write(row, 2, ids);
            else StepCopy.Ids(ids, 1, batch.Categories(place++).AsSpan(row), batch.Rows);
        }
    }

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
