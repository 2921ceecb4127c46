using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Microsoft.ML.Recurrent.Model;

/// <summary>
/// What a model is beside its graph: the task, the columns that go in and come out, and what the task needs to know again when the model is loaded. Kept as
/// JSON in the metadata of the ONNX file.
/// </summary>
internal sealed record ModelManifest
{
    /// <summary>The format that this version writes; a file of a later one is refused.</summary>
    public const int CurrentVersion = 1;

    /// <summary>The input with each row's number of steps, int64 [batch]; there where <see cref="HasLengths"/>.</summary>
    public const string LengthInput = "sequence_length";

    /// <summary>
    /// The input with the normal scores from which a forecaster's paths are drawn, float [batch, <see cref="NoiseSize"/>]; there where it draws some.
    /// </summary>
    public const string NoiseInput = "sample_noise";

    /// <summary>Version of the manifest's format.</summary>
    public int Version { get; init; } = CurrentVersion;

    public required ModelTask Task { get; init; }

    /// <summary>
    /// The graph's inputs, one a source column and named like it: sequences first (joined along features in this order), then statics (joined as well), then
    /// what is known ahead (joined step by step).
    /// </summary>
    public required ImmutableArray<InputColumn> Inputs { get; init; }

    /// <summary>The graph's outputs, in order.</summary>
    public required ImmutableArray<OutputColumn> Outputs { get; init; }

    /// <summary>Of a forecaster.</summary>
    public ForecastManifest? Forecast { get; init; }

    /// <summary>Of a classifier: what its classes stand for.</summary>
    public LabelManifest? Label { get; init; }

    /// <summary>Of a model that reads or writes tokens: what the keys stand for, from key 1 on; null where the data do not say.</summary>
    public LabelManifest? Vocabulary { get; init; }

    /// <summary>Of a language model.</summary>
    public LanguageManifest? Language { get; init; }

    /// <summary>Whether the graph is another framework's, scored as it is.</summary>
    public bool IsForeignGraph { get; init; }

    /// <summary>Whether the graph itself says which rows have no answer. Graphs written before it did are told row by row when they are scored.</summary>
    public bool MarksUnanswered { get; init; }

    /// <summary>Of a foreign graph: the number of rows that it takes, no more and no fewer; null where any number will do.</summary>
    public int? FixedBatch { get; init; }

    /// <summary>Of a foreign graph without lengths: whether rows of different length must not run together.</summary>
    public bool SeparateLengths { get; init; }

    /// <summary>The input with each row's series, where series are scaled by figures of their own; null for none.</summary>
    [JsonIgnore]
    public InputColumn? SeriesInput => Inputs.FirstOrDefault(input => input.IsSeries);

    /// <summary>Whether sequences vary in length.</summary>
    [JsonIgnore]
    public bool VariesInLength => Inputs.Any(input => input.IsSequence && input.Time is null);

    /// <summary>Whether the graph has the further input <see cref="LengthInput"/>, since sequences vary in length.</summary>
    [JsonIgnore]
    public bool HasLengths => VariesInLength && !IsForeignGraph;

    /// <summary>Normal scores that the graph takes a row: one for each path, step and target; 0 where it draws nothing.</summary>
    [JsonIgnore]
    public int NoiseSize => Forecast is { NumberOfSamples: > 0 } forecast ? checked(forecast.NumberOfSamples * forecast.Horizon * forecast.Targets.Length) : 0;

    /// <summary>Checks what the graph relies on; the tasks' estimators call it through <see cref="RecurrentModel"/>.</summary>
    public void Validate()
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        if (HasLengths) names.Add(LengthInput);
        if (NoiseSize > 0) names.Add(NoiseInput);
        foreach (var name in Inputs.Select(input => input.Name).Concat(Outputs.Select(output => output.Name)))
            if (!names.Add(name))
                throw new ArgumentException(name == NoiseInput
                    ? $"No column of a model that draws samples may be called '{NoiseInput}': its graph has an input of that name. Rename the column."
                    : name == LengthInput
                    ? $"No column of a model for sequences of varying length may be called '{LengthInput}': its graph has an input of that name. Rename the "
                        + $"column."
                    : $"The column '{name}' is used twice: a model's inputs and outputs must have different names. Rename one of them.");
        if (IsForeignGraph) return;
        var times = Inputs.Where(input => input.IsSequence).Select(input => input.Time).Distinct().ToArray();
        if (times.Length != 1)
            throw new ArgumentException(times.Length == 0
                ? "A model needs at least one sequence column."
                : "All sequence columns of a model must have the same number of steps.");
    }
}
