using System.Collections.Immutable;
using System.Globalization;
using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Workbench.Tables;

namespace Microsoft.ML.Recurrent.Workbench.Scenarios.Sequences;

/// <summary>How a table holds sequences of numbers: a row a sequence, a row a step, or a file of sequences.</summary>
/// <param name="Label">The label column; empty where nothing is labelled.</param>
/// <param name="Series">The column that tells to which sequence a step belongs; null where each row is a sequence.</param>
/// <param name="Time">The column that orders steps; null for the order of the rows.</param>
/// <param name="Features">The columns of numbers: of a step, or the steps of a sequence. None in a file of sequences.</param>
internal sealed record SequenceLayout(string Label, string? Series, string? Time, ImmutableArray<string> Features)
{
    /// <summary>Options of the scenarios of sequences.</summary>
    public const string SeriesOption = "--series-col", TimeOption = "--time-col", FeatureOption = "--feature-cols";

    /// <summary>The column of sequences, as files of sequences name it.</summary>
    public const string Sequence = "Features";

    private const string FileLabel = "Label";

    /// <summary>The options where a column is to be learned.</summary>
    public static ImmutableArray<ScenarioOption> Options(string label) => [new(Scenario.LabelOption, ScenarioOptionKind.Column, label), .. Unlabeled];

    /// <summary>The options where sequences are learned without labels.</summary>
    public static ImmutableArray<ScenarioOption> Unlabeled { get; } =
    [
        new(SeriesOption, ScenarioOptionKind.Column,
            "The column that tells to which sequence a row belongs, in a table with a row a step. Default: none, each row is a sequence."),
        new(TimeOption, ScenarioOptionKind.Column, "The column that orders the steps of a sequence. Default: the order of the rows."),
        new(FeatureOption, ScenarioOptionKind.Columns,
            "The columns of numbers: those of a step, or the steps of a sequence in order. Default: all that no other option names."),
    ];

    /// <summary>Whether the table is a file of sequences.</summary>
    public bool IsFile => Features.IsEmpty;

    /// <param name="request">The tables and options.</param>
    /// <param name="isLabeled">Whether a column is to be learned.</param>
    public static SequenceLayout Read(ScenarioRequest request, bool isLabeled = true)
    {
        var table = request.Training;
        if (table.Profile is null)
        {
            var schema = table.View.Schema;
            if (schema.GetColumnOrNull(Sequence) is null || (isLabeled && schema.GetColumnOrNull(FileLabel) is null && !request.IsForPrediction))
                throw new ArgumentException(
                    $"'{table.Path}' holds no sequences{(isLabeled ? " with labels" : "")}: its columns are "
                        + $"{string.Join(", ", schema.Select(static column => column.Name))}.");
            return new(isLabeled ? request.Text(Scenario.LabelOption) ?? FileLabel : "", null, null, []);
        }
        var label = !isLabeled ? null : request.Column(Scenario.LabelOption)
            ?? throw new ArgumentException($"The option {Scenario.LabelOption} is missing: which column is to be learned?");
        var (series, time) = (request.Column(SeriesOption), request.Column(TimeOption));
        string?[] named = [label, series, time];
        var given = request.Columns(FeatureOption);
        var features = given.IsEmpty ? OtherNumbers(table, [.. named, .. request.IgnoredColumns]) : given;
        if (features.IsEmpty)
            throw new ArgumentException($"'{table.Path}' has no column of numbers"
                + $"{string.Join(",", named.Where(static name => name is not null).Select(static (name, i) => $"{(i == 0 ? " beside" : "")} {name}"))}: "
                + "there is nothing to learn from. Texts are classified by 'mlrecurrent text-classification'.");
        foreach (var feature in features)
        {
            if (named.Contains(feature)) throw new ArgumentException($"The column '{feature}' is named by two options: it can serve for one thing only.");
            var column = table.Profile.Columns.First(column => column.Name == feature);
            if (column.Kind is not ColumnKind.Number)
            {
                throw new ArgumentException($"The column '{feature}' of '{table.Path}' holds {ColumnContent.Describe(column)}, no numbers: leave it out of "
                    + $"{FeatureOption}.");
            }
        }
        request.Refuse([Sequence], label, series);
        request.Refuse([ClassPlan.Key, ClassPlan.Predicted, ClassPlan.Score], series);
        request.Refuse([ClassPlan.Key], features);
        return new(label ?? "", series, time, features);
    }

    private static ImmutableArray<string> OtherNumbers(ScenarioTable table, string?[] named) =>
        [.. table.Profile!.Columns.Where(column => column.Kind is ColumnKind.Number && !named.Contains(column.Name)).Select(static column => column.Name)];

    /// <summary>The step that makes sequences of the rows of a table; null if its rows are sequences.</summary>
    public DataStep? Grouping() => Series is null ? null
        : new($"mlContext.Data.GroupIntoSequences(data, {CodeText.Literal(Sequence)}, {CodeText.Literals(Features)}, "
                + $"{CodeText.Literal(Series)}, {CodeText.Literal(Time)})",
            (mlContext, data) => mlContext.Data.GroupIntoSequences(data, Sequence, [.. Features], Series, Time));

    /// <summary>The step that makes a sequence of the columns of a row; null if there is one.</summary>
    public PipelineStep? Concatenation() => IsFile || Series is not null ? null
        : new($"mlContext.Transforms.Concatenate({CodeText.Literal(Sequence)}, {string.Join(", ", Features.Select(CodeText.Literal))})",
            mlContext => mlContext.Transforms.Concatenate(Sequence, [.. Features]));

    /// <summary>What is made of each column.</summary>
    public ImmutableArray<ColumnUse> Uses(DataViewSchema schema, IReadOnlyList<string> ignored) => [.. schema.Select(column => column.Name switch
    {
        var name when name == Label => new ColumnUse(name, ColumnRole.Label, Scenario.LabelOption),
        var name when name == Series => new(name, ColumnRole.Series, SeriesOption),
        var name when name == Time => new(name, ColumnRole.Time, TimeOption),
        var name when Features.Contains(name) || (IsFile && name == Sequence) => new(name, ColumnRole.Feature, "numbers"),
        var name when ignored.Contains(name) => new(name, ColumnRole.Ignored, "--ignore-cols"),
        var name => new ColumnUse(name, ColumnRole.Ignored, "it holds no numbers, or no option names it"),
    })];

    /// <summary>What the rows are, in a sentence.</summary>
    public string Note() => IsFile ? "Each row of the file is a sequence." : Series is null
        ? string.Create(CultureInfo.InvariantCulture, $"Each row is a sequence of {Features.Length} steps: the columns in their order.")
        : string.Create(CultureInfo.InvariantCulture, $"Each row is a step of {Features.Length} numbers; '{Series}' tells to which sequence it belongs.");
}
