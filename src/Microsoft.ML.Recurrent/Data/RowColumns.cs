using System.Collections.Immutable;
using Microsoft.ML.Data;

namespace Microsoft.ML.Recurrent.Data;

/// <summary>The checked training columns of a row-wise task: each row holds one whole sequence and its label.</summary>
internal sealed record RowColumns
{
    /// <summary>The sequence columns, of equal length: one, or several, of numbers (channels) and of tokens.</summary>
    public required ImmutableArray<SequenceColumn> Sequences { get; init; }

    public required ImmutableArray<(DataViewSchema.Column Column, int Size)> Statics { get; init; }

    /// <summary>The label; not set if <see cref="LabelRole"/> is None.</summary>
    public required DataViewSchema.Column Label { get; init; }

    public required LabelRole LabelRole { get; init; }

    public DataViewSchema.Column? Weight { get; init; }

    /// <summary>Beside a label per step: the label of the whole sequence, a key; null for none.</summary>
    public DataViewSchema.Column? SequenceLabel { get; init; }

    /// <summary>The texts of the tokens, whose letters are read; null for none.</summary>
    public LetterColumn? Letters { get; init; }

    /// <summary>Label values per row, or per step; 0 for a class label.</summary>
    public int TargetSize => OwnTargets + (LabelRole is LabelRole.LabelSet ? ExtraClasses : 0);

    private int OwnTargets { get; init; }

    public int? Time => Sequences[0].Time;

    /// <summary>Numbers per step over all channels; 0 for none.</summary>
    public int Features { get; private init; }

    /// <summary>Classes of an initial model that the data lack; they follow those of the data.</summary>
    public int ExtraClasses { get; init; }

    /// <summary>Sequence labels of an initial model that the data lack.</summary>
    public int ExtraSequenceClasses { get; init; }

    /// <summary>The ids of the tokens of the first column; 0 if it holds numbers.</summary>
    public int Vocabulary => Sequences[0].Tokens;

    /// <summary>The columns of tokens beside the first one.</summary>
    public IEnumerable<SequenceColumn> TokensBeside => Sequences.Skip(1).Where(column => column.IsTokens);

    public int StaticSize { get; private init; }

    /// <summary>Whether some numbers may be more than Singles.</summary>
    public bool HasWideNumbers { get; private init; }

    /// <summary>
    /// By number of the sequences, then of the statics: what is subtracted in Double from those that are more than Singles; NaN for others. Empty before the
    /// training rows were read.
    /// </summary>
    public ImmutableArray<float> Origins { get; init; } = [];

    public static RowColumns Resolve(DataViewSchema schema, RowColumnNames names)
    {
        var sequences = names.Sequences.Select(name => SequenceColumn.Resolve(schema, name)).ToImmutableArray();
        var first = sequences[0];
        foreach (var other in sequences.Skip(1))
        {
            if (other.Time != first.Time)
                throw ColumnErrors.Mismatch("feature", other.Name, $"as many steps as the column '{first.Name}' ({schema[first.Name].Type})",
                    schema[other.Name].Type.ToString()!, "Columns of one sequence must have the same length.");
        }
        if (names.Statics.Contains(names.Label, StringComparer.Ordinal))
        {
            throw new ArgumentException(
                $"The label column '{names.Label}' is also a static feature (Features.StaticColumnNames): the model would only copy it. Leave it "
                + "out of the features.", "Features.StaticColumnNames");
        }
        var statics = names.Statics.Select(name => Columns.Numbers(schema, name, "static")).ToImmutableArray();
        var label = names.LabelRole is LabelRole.None ? default : LabelReader.Resolve(schema, names.Label, names.LabelRole, names.LabelPerStep);
        var role = LabelReader.RoleOf(label, names.LabelRole, names.LabelPerStep);
        var steps = role is LabelRole.StepNumbers ? SequenceColumn.Resolve(label, "label") : null;
        if (steps?.Time is { } labels && first.Time is { } time && labels != time)
        {
            throw ColumnErrors.Mismatch("label", names.Label, $"numbers for each of the {time} steps of the column '{first.Name}'", label.Type.ToString()!,
                "There must be a label for each step.");
        }
        return new()
        {
            Sequences = sequences,
            Features = sequences.Sum(column => column.Features),
            Statics = statics,
            StaticSize = statics.Sum(column => column.Size),
            HasWideNumbers = sequences.Any(column => !column.IsTokens)
                && sequences.Where(column => !column.IsTokens).Select(column => schema[column.Name]).Concat(statics.Select(column => column.Column))
                    .Any(column => Columns.ItemType(column.Type).RawType != typeof(float)),
            Label = label,
            OwnTargets = steps?.Features ?? (role is LabelRole.LabelSet ? LabelSetReader.Count(label)
                : role is LabelRole.Number or LabelRole.Numbers ? (label.Type as VectorDataViewType)?.Size ?? 1 : 0),
            LabelRole = role,
            SequenceLabel = names.SequenceLabel is { } whole ? Columns.Key(schema, whole, "sequence label").Column : null,
            Letters = names.Letters is { } texts ? new(LetterColumn.Check(schema, texts).Name, names.MaximumLetters, new()) : null,
            Weight = names.Weight is null ? null : Columns.Scalar(schema, names.Weight, "example weight", NumberDataViewType.Single),
        };
    }

    /// <summary>The column of a number of the sequences or, after them, of the statics.</summary>
    public string NameAt(int number)
    {
        foreach (var (name, size) in Sequences.Select(column => (column.Name, column.Features))
            .Concat(Statics.Select(column => (column.Column.Name, column.Size))))
        {
            if (number < size) return name;
            number -= size;
        }
        throw new ArgumentOutOfRangeException(nameof(number));
    }

    /// <summary>The columns with the origins of an initial model, if these are its columns: its statistics refer to them.</summary>
    public RowColumns WithOrigins(IReadOnlyList<InputColumn> inputs)
    {
        float[] origins = [.. inputs.Where(input => input.Kind is InputKind.Sequence or InputKind.Static)
            .SelectMany(input => input.Origins.IsEmpty ? Enumerable.Repeat(float.NaN, input.Features) : input.Origins)];
        return origins.Length == Features + StaticSize ? this with { Origins = [.. origins] } : this;
    }

    /// <summary>Checks that the columns of validation data have the types of these.</summary>
    /// <exception cref="ArgumentException">A column has another type; the message names it.</exception>
    public void CheckValidation(RowColumns validation)
    {
        for (var i = 0; i < Sequences.Length; i++)
        {
            if (Sequences[i] with { ExtraTokens = 0 } == validation.Sequences[i]) continue;
            throw new ArgumentException($"The column '{Sequences[i].Name}' of the validation data has another type than in the training data: " +
                $"expected {Sequences[i]}, found {validation.Sequences[i]}.", "validationData");
        }
        if (!Statics.Select(column => column.Size).SequenceEqual(validation.Statics.Select(column => column.Size)))
            throw new ArgumentException("The static columns of the validation data have another size than in the training data.",
                "validationData");
        if (SequenceLabel is { } whole && !whole.Type.Equals(validation.SequenceLabel!.Value.Type))
            throw new ArgumentException($"The label column '{whole.Name}' of the validation data has another type than in the training data: " +
                $"expected {whole.Type}, found {validation.SequenceLabel!.Value.Type}.", "validationData");
        if (LabelRole is LabelRole.None || Label.Type.Equals(validation.Label.Type)) return;
        throw new ArgumentException($"The label column '{Label.Name}' of the validation data has another type than in the training data: " +
            $"expected {Label.Type}, found {validation.Label.Type}.", "validationData");
    }

    /// <summary>The inputs of the graph.</summary>
    public ImmutableArray<InputColumn> Inputs()
    {
        var place = 0;
        return
        [
            .. Sequences.Select(column => column.IsTokens
                ? new InputColumn(column.Name, InputKind.Tokens, column.Time, 1, column.Tokens) { ExtraTokens = column.ExtraTokens }
                : WithOrigins(new(column.Name, InputKind.Sequence, column.Time, column.Features))),
            .. Letters is { } letters
                ? [new InputColumn(letters.Name, InputKind.Letters, Time, letters.Length, letters.Alphabet.Count)]
                : ImmutableArray<InputColumn>.Empty,
            .. Statics.Select(column => WithOrigins(new(column.Column.Name, InputKind.Static, null, column.Size))),
        ];

        // One number that is more than a Single makes Doubles of the others of its column.
        InputColumn WithOrigins(InputColumn input)
        {
            var own = Origins.IsEmpty ? [] : Origins.Slice(place, input.Features);
            place += input.Features;
            return own.All(float.IsNaN) ? input : input with { Origins = [.. own.Select(origin => float.IsNaN(origin) ? 0 : origin)] };
        }
    }
}

/// <summary>The names of those columns.</summary>
/// <param name="Sequences">The sequence columns.</param>
/// <param name="Statics">The columns of numbers of whole rows.</param>
/// <param name="Label">The label; empty if there is none.</param>
/// <param name="LabelRole">The kind of the label.</param>
/// <param name="Weight">The column of weights; null for none.</param>
internal sealed record RowColumnNames(ImmutableArray<string> Sequences, ImmutableArray<string> Statics, string Label, LabelRole LabelRole, string? Weight)
{
    /// <summary>Whether a label that is a vector of known size holds numbers per step.</summary>
    public bool LabelPerStep { get; init; }

    /// <summary>The column of the label of a whole sequence, beside a label per step; null for none.</summary>
    public string? SequenceLabel { get; init; }

    /// <summary>The column of the texts of tokens; null for none.</summary>
    public string? Letters { get; init; }

    /// <summary>The most letters of a token that are read.</summary>
    public int MaximumLetters { get; init; }

    /// <summary>Checks a schema shape before training.</summary>
    public void Check(SchemaShape schema)
    {
        foreach (var name in Sequences) SequenceColumn.Check(schema, name);
        foreach (var name in Statics) Columns.CheckNumbers(schema, name, "static");
        if (LabelRole is not LabelRole.None) LabelReader.Check(schema, Label, LabelRole, LabelPerStep);
        if (SequenceLabel is not null) Columns.CheckKey(schema, SequenceLabel, "sequence label");
        if (Letters is not null) LetterColumn.Check(schema, Letters);
        if (Weight is not null) Columns.CheckScalar(schema, Weight, "example weight", NumberDataViewType.Single);
    }
}
