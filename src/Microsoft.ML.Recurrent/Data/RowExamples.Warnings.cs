using System.Globalization;

namespace Microsoft.ML.Recurrent.Data;

/// <content>What the examples give reason to warn of.</content>
internal sealed partial class RowExamples
{
    /// <summary>Describes the label of the training part if all its rows have the same; else null.</summary>
    public string? DescribeOnlyLabel(int[] examples) => examples.Length < 2 || OnlyLabel(examples) is not { } label ? null
        : $"All {examples.Length} training rows have the label {label} (column '{_columns.Label.Name}'): there is nothing to learn but that answer. Check the "
            + "file and the filters before the trainer.";

    private string? OnlyLabel(int[] examples)
    {
        if (HasStepLabels) return OnlyTag(examples);
        if (_labels.Count > 0)
        {
            var only = _labels[examples[0]];
            if (examples.Any(example => _labels[example] != only)) return null;
            return _columns.LabelRole is LabelRole.Boolean ? only == 1 ? "True" : "False"
                : KeyText(only);
        }
        ReadNumbers read = HasStepTargets ? static (all, example) => all.StepTargets(example) : static (all, example) => all.Targets(example);
        var first = read(this, examples[0])[.._columns.TargetSize].ToArray();
        foreach (var example in examples)
        {
            var targets = read(this, example);
            for (var i = 0; i < targets.Length; i++)
                if (!targets[i].Equals(first[i % first.Length])) return null;
        }
        return string.Join(", ", first.Select(value => value.ToString(CultureInfo.InvariantCulture))) + (HasStepTargets ? " at every step" : "");
    }

    private string? OnlyTag(int[] examples)
    {
        var only = -1;
        foreach (var example in examples)
        {
            foreach (var label in StepLabels(example))
            {
                if (label < 0 || label == only) continue;
                if (only >= 0) return null;
                only = label;
            }
        }
        return only < 0 ? null : $"{KeyText(only)} at every step";
    }

    private string KeyText(int key) => LabelReader.KeyValues(_columns.Label) is { } keys ? $"'{keys.Values[key]}'" : $"{key + 1} (a key)";

    /// <summary>Describes a value of the training part that ruins the scale of its column; null for none.</summary>
    public string? DescribeOutlier(int[] examples)
    {
        var feature = 0;
        foreach (var column in _columns.Sequences.Where(column => !column.IsTokens))
        {
            if (OfSteps(column.Name, column.Features, feature, _columns.Features, static (all, example) => all.Values(example), Origin) is { } text)
                return text;
            feature += column.Features;
        }
        var offset = 0;
        foreach (var (column, size) in _columns.Statics)
        {
            if (Find(column.Name, size, offset, static (all, example) => all.Statics(example), _columns.Features) is { } text) return text;
            offset += size;
        }
        return HasStepTargets
            ? OfSteps(_columns.Label.Name, _columns.TargetSize, 0, _columns.TargetSize, static (all, example) => all.StepTargets(example),
                static _ => float.NaN)
            : Find(_columns.Label.Name, _columns.TargetSize, 0, static (all, example) => all.Targets(example));

        float Origin(int number) => Columns.Origins.IsEmpty ? float.NaN : Columns.Origins[number];

        string? OfSteps(string name, int size, int first, int width, ReadNumbers read, Func<int, float> origin)
        {
            for (var number = first; number < first + size; number++)
            {
                var finder = new OutlierFinder();
                foreach (var example in examples)
                {
                    var values = read(this, example);
                    for (var step = 0; step < values.Length / width; step++) finder.Add(values[step * width + number], (long)example << 32 | (uint)step);
                }
                if (finder.Find() is { } found)
                    return OutlierFinder.Describe(name, found, $"row {found.Place >> 32}, step {(int)found.Place}", origin(number));
            }
            return null;
        }

        // Targets have no origins.
        string? Find(string name, int size, int offset, ReadNumbers read, int? numbers = null)
        {
            for (var i = offset; i < offset + size; i++)
            {
                var finder = new OutlierFinder();
                foreach (var example in examples) finder.Add(read(this, example)[i], example);
                if (finder.Find() is { } found)
                    return OutlierFinder.Describe(name, found, $"row {found.Place}", numbers is { } before ? Origin(before + i) : float.NaN);
            }
            return null;
        }
    }

    private delegate ReadOnlySpan<float> ReadNumbers(RowExamples examples, int example);
}
