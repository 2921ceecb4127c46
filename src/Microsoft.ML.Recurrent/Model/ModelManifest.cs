using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Microsoft.ML.Recurrent.Model;

/// <summary>
/// The description of a model besides its graph: the task, the input and output columns, and the saved state of the task. Stored as JSON in the metadata of the
/// ONNX file.
/// </summary>
internal sealed record ModelManifest
{
    /// <summary>The format version written; files of later versions are rejected.</summary>
    public const int CurrentVersion = 1;

    /// <summary>The sequence-length input, int64 [batch], present if <see cref="HasLengths"/>.</summary>
    public const string LengthInput = "sequence_length";

    /// <summary>
    /// The noise input, from which the paths of a forecaster are drawn, standard normal, float [batch, <see cref="NoiseSize"/>]; present if it draws paths.
    /// </summary>
    public const string NoiseInput = "sample_noise";

    /// <summary>Format version of the manifest.</summary>
    public int Version { get; init; } = CurrentVersion;

    public required ModelTask Task { get; init; }

    /// <summary>
    /// The inputs of the graph, one per source column and of the same name: sequences first (concatenated along features in this order), then statics (also
    /// concatenated), then future covariates (concatenated step by step).
    /// </summary>
    public required ImmutableArray<InputColumn> Inputs { get; init; }

    /// <summary>The outputs of the graph, in order.</summary>
    public required ImmutableArray<OutputColumn> Outputs { get; init; }

    /// <summary>
    /// The columns that are added, where the task's own scorer makes them of the outputs of its graphs; null where they are <see cref="Outputs"/>.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ImmutableArray<OutputColumn>? Columns { get; init; }

    /// <summary>The columns that are added.</summary>
    [JsonIgnore]
    public ImmutableArray<OutputColumn> AddedColumns => Columns ?? Outputs;

    /// <summary>The part for a forecaster.</summary>
    public ForecastManifest? Forecast { get; init; }

    /// <summary>For a classifier: the values of its classes.</summary>
    public LabelManifest? Label { get; init; }

    /// <summary>For a model whose first column holds tokens: the key values, from key 1 on; null for none.</summary>
    public LabelManifest? Vocabulary { get; init; }

    /// <summary>The key values of further columns of tokens (<see cref="TokensBeside"/>), of those that have some; null for none.</summary>
    public ImmutableArray<ColumnVocabulary>? VocabulariesBeside { get; init; }

    /// <summary>For a tagger that classifies whole sequences as well: the values of their classes.</summary>
    public LabelManifest? SequenceLabel { get; init; }

    /// <summary>For a model that reads the letters of tokens: the letters with an id of their own (see <see cref="Data.LetterColumn"/>).</summary>
    public ImmutableArray<string>? Alphabet { get; init; }

    /// <summary>The part for a language model.</summary>
    public LanguageManifest? Language { get; init; }

    /// <summary>The part for a translation.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public TranslationManifest? Translation { get; init; }

    /// <summary>The layers that kept the weights of the initial model in training; null for none.</summary>
    public ImmutableArray<string>? FrozenLayers { get; init; }

    /// <summary>For a model that gives the states of a layer: the task that the layers were trained for, whose rows it reads.</summary>
    public ModelTask? StatesOf { get; init; }

    /// <summary>What began as parameters of a model of another task; null for none.</summary>
    public TransferReport? Transfer { get; init; }

    /// <summary>Whether the graph is from another framework and scored unchanged.</summary>
    public bool IsForeignGraph { get; init; }

    /// <summary>For a foreign graph that was exported by this library: the task that its outputs are answers of; null for none.</summary>
    public ModelTask? AnswersOf { get; init; }

    /// <summary>Whether the graph itself marks rows without an output. For graphs written before, they are found row by row during scoring.</summary>
    public bool MarksUnanswered { get; init; }

    /// <summary>
    /// The states that the model carries along a series, layer by layer: the rows of a run of its graph are steps of as many series as the states have rows,
    /// row by row of all series; null for none.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ImmutableArray<StateColumn>? States { get; init; }

    /// <summary>For a foreign graph that carries states along the rows of series: the columns that tell them; null for none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ImmutableArray<string>? StateSeries { get; init; }

    /// <summary>For the network of a foreign step model: the state inputs of its file; null for any other.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ImmutableArray<string>? StepStates { get; init; }

    /// <summary>Whether the model carries states along a series.</summary>
    [JsonIgnore]
    public bool CarriesState => States is not null;

    /// <summary>Numbers of all states of a series.</summary>
    [JsonIgnore]
    public int StateSize => States?.Sum(state => state.Size) ?? 0;

    /// <summary>The shape of a state of some series in the graph.</summary>
    public long[] StateShape(int series, int size) => IsForeignGraph ? [series, size] : [1, series, size];

    /// <summary>For a foreign graph: its fixed batch size; null if dynamic.</summary>
    public int? FixedBatch { get; init; }

    /// <summary>For a foreign graph without lengths: whether rows of different length must not share a batch.</summary>
    public bool SeparateLengths { get; init; }

    /// <summary>The input with the series id of each row, if series have their own scaling statistics; null for none.</summary>
    [JsonIgnore]
    public InputColumn? SeriesInput => Inputs.FirstOrDefault(input => input.IsSeries);

    /// <summary>The columns of tokens beside the first column, whose vectors join it at each step, in the order of the network's categories.</summary>
    [JsonIgnore]
    public IEnumerable<InputColumn> TokensBeside => Inputs.Skip(1).Where(input => input.Kind is InputKind.Tokens);

    /// <summary>The key values of a column of tokens; null for none.</summary>
    public LabelManifest? VocabularyOf(InputColumn tokens) => tokens.Name == Inputs[0].Name ? Vocabulary
        : VocabulariesBeside?.FirstOrDefault(vocabulary => vocabulary.Column == tokens.Name)?.Keys;

    /// <summary>Whether sequences vary in length.</summary>
    [JsonIgnore]
    public bool VariesInLength => Inputs.Any(input => input.IsSequence && input.Time is null);

    /// <summary>Whether the graph has the input <see cref="LengthInput"/>, because sequences vary in length.</summary>
    [JsonIgnore]
    public bool HasLengths => VariesInLength && !IsForeignGraph;

    /// <summary>Noise values per row: one for each path, step and target; 0 if no paths are drawn.</summary>
    [JsonIgnore]
    public int NoiseSize => Forecast is { NumberOfSamples: > 0 } forecast ? checked(forecast.NumberOfSamples * forecast.Horizon * forecast.Targets.Length) : 0;

    /// <summary>Validates the assumptions of the graph; called by estimators through <see cref="RecurrentModel"/>.</summary>
    public void Validate()
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        if (HasLengths) names.Add(LengthInput);
        if (NoiseSize > 0) names.Add(NoiseInput);
        // Columns that are made of the outputs of a graph may have their names.
        var added = Outputs.Select(output => output.Name).Union(AddedColumns.Select(output => output.Name)).Concat(
            AddedColumns.GroupBy(output => output.Name).Where(same => same.Count() > 1).Select(same => same.Key));
        foreach (var name in Inputs.Select(input => input.Name).Concat(added)
            .Concat(States?.SelectMany(state => new[] { state.Input, state.Output }) ?? []))
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
