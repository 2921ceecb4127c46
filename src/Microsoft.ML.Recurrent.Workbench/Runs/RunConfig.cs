using System.Collections.Immutable;
using System.Globalization;
using Microsoft.ML.Recurrent.Workbench.Catalog;
using Microsoft.ML.Recurrent.Workbench.Configuration;
using Microsoft.ML.Recurrent.Workbench.Scenarios;
using Microsoft.ML.Recurrent.Workbench.Tables;

namespace Microsoft.ML.Recurrent.Workbench.Runs;

/// <summary>Requests of runs as training configurations (.mbconfig), both ways.</summary>
public static class RunConfig
{
    private const string LabelOption = Scenario.LabelOption, TimeOption = "--time-col", TextOption = "--text-col", HorizonOption = "--horizon",
        SeedKey = "Seed", TrialsKey = "MaxTrials", DayFirstKey = "DayFirst", ValidationKey = "ValidationDataset", TestKey = "TestDataset",
        TestFractionKey = "TestFraction", ProjectKey = "Project", UsedKey = "UsedSeconds", SeriesOption = "--series-col", FutureOption = "--future-cols",
        PastOption = "--past-cols",
        StaticOption = "--static-cols";

    private static readonly string[] s_own = [LabelOption, TimeOption, TextOption, HorizonOption, SeriesOption, FutureOption, PastOption, StaticOption];

    /// <summary>The configuration of a run.</summary>
    /// <param name="run">The run.</param>
    /// <param name="folder">The folder that it will be in: paths are relative to it.</param>
    public static TrainingConfig Create(PreparedRun run, string folder)
    {
        ArgumentNullException.ThrowIfNull(run);
        ArgumentException.ThrowIfNullOrEmpty(folder);
        var (request, plan) = (run.Request, run.Plan);
        var config = new TrainingConfig(request.Scenario.ConfigName);
        var data = config.Data!;
        data.Path = Relative(request.Dataset);
        if (run.Tables.Training.Source is DelimitedSource { Form: var form })
            (data.Delimiter, data.DecimalMarker, data.HasHeader, data.AllowQuoting) =
                ($"{form.Separator}", $"{form.DecimalMarker}", form.HasHeader, form.AllowQuoting);
        var kinds = (run.Tables.Training.Profile?.Columns ?? []).ToDictionary(static column => column.Name, static column => column.Kind);
        data.Columns = [.. plan.Columns.Select(column => new ConfigColumn(column.Name, PurposeOf(column.Role, request.Scenario), FormatOf(kinds, column.Name),
            column.Role is ColumnRole.Series or ColumnRole.Static))];
        var training = config.Training;
        training.TrainingTime = request.EffectiveTrainTime is { } time ? (int)Math.Ceiling(time.TotalSeconds) : null;
        if (Column(LabelOption) is { } label) training.LabelColumn = label;
        if (Column(TimeOption) is { } timeColumn) training.TimeColumn = timeColumn;
        if (Column(TextOption) is { } text) training.TextColumn = text;
        if (request.Values.TryGetValue(HorizonOption, out var horizon)) training.Horizon = int.Parse(horizon, CultureInfo.InvariantCulture);
        if (request.ValidationDataset is null) training.ValidationFraction = request.ValidationFraction;
        var own = config.Recurrent;
        (own.SeriesColumns, own.FutureColumns, own.PastColumns, own.StaticColumns) =
            (Columns(SeriesOption), Columns(FutureOption), Columns(PastOption), Columns(StaticOption));
        own.ColumnKinds = [.. plan.Columns.Select(column => run.Plan.Request.Training.DescribeKind(column.Name))];
        foreach (var (name, value) in request.Values.Where(static pair => !s_own.Contains(pair.Key)))
        {
            var isColumn =
                request.Scenario.Options.Any(option => option.Name == name && option.Kind is ScenarioOptionKind.Column or ScenarioOptionKind.Columns);
            own[KeyOf(name)] = isColumn ? Column(name) : value;
        }
        own[SeedKey] = Say(request.Seed);
        if (request.UsedTime > TimeSpan.Zero) own[UsedKey] = Say(request.UsedTime.TotalSeconds);
        if (request.Project is not ProjectKind.Console) own[ProjectKey] = request.Project.ToString();
        if (request.MaximumNumberOfTrials is { } trials) own[TrialsKey] = Say(trials);
        if (request.DayFirst is { } dayFirst) own[DayFirstKey] = dayFirst ? "true" : "false";
        if (request.ValidationDataset is { } validation) own[ValidationKey] = Relative(validation);
        if (request.TestDataset is { } test) own[TestKey] = Relative(test);
        else own[TestFractionKey] = Say(request.TestFraction);
        return config;

        string Relative(string path) => Path.GetRelativePath(Path.GetFullPath(folder), Path.GetFullPath(path)).Replace('\\', '/');

        string? Column(string option) => Columns(option) is { Length: > 0 } names ? string.Join(',', names) : null;

        string[] Columns(string option) => request.Values.TryGetValue(option, out var names) ? [.. run.Tables.Training.Find(names)] : [];
    }

    /// <summary>Notes the time that the search of a run has used.</summary>
    internal static void SetUsedTime(TrainingConfig config, TimeSpan time) => config.Recurrent[UsedKey] = Say(Math.Round(time.TotalSeconds, 1));

    /// <summary>The request of a configuration of this project or of Model Builder.</summary>
    /// <param name="path">The configuration.</param>
    /// <param name="folder">The folder to which its paths are relative. Default: its own.</param>
    /// <exception cref="InvalidDataException">It is no configuration, or its data are no table in a file.</exception>
    /// <exception cref="ArgumentException">There is no such scenario here.</exception>
    public static RunRequest Read(string path, string? folder = null)
    {
        var config = TrainingConfig.Read(path);
        var scenario = ScenarioCatalog.Find(config.Scenario);
        if (config.Data is not { } data) throw new InvalidDataException($"'{path}' does not read its data from a table in a file.");
        var place = Path.Combine(folder ?? Path.GetDirectoryName(Path.GetFullPath(path))!, Path.GetFileName(path));
        var (training, own) = (config.Training, config.Recurrent);
        var values = new Dictionary<string, string>();
        foreach (var option in scenario.Options)
            if (ValueOf(option.Name) is { Length: > 0 } value) values[option.Name] = value;
        return new()
        {
            Scenario = scenario,
            Dataset = data.Find(place),
            ValidationDataset = Find(own[ValidationKey]),
            TestDataset = Find(own[TestKey]),
            Table = new()
            {
                Separator = data.Delimiter is [var separator] ? separator : null,
                HasHeader = data.HasHeader,
                DecimalMarker = data.DecimalMarker is [var marker] ? marker : null,
                AllowQuoting = own.Exists ? data.AllowQuoting : null,
            },
            DayFirst = own[DayFirstKey] is { } dayFirst ? dayFirst == "true" : null,
            Values = values,
            ColumnKinds = data.Columns.Zip(own.ColumnKinds).ToDictionary(static pair => pair.First.Name, static pair => pair.Second),
            IgnoredColumns = [.. data.Columns.Where(static column => column.Purpose == "Ignore").Select(static column => column.Name)],
            TestFraction = Number(TestFractionKey) ?? ScenarioRequest.DefaultTestFraction,
            ValidationFraction = training.ValidationFraction ?? ScenarioRequest.DefaultValidationFraction,
            Seed = (int?)Number(SeedKey) ?? 1,
            TrainTime = training.TrainingTime is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
            MaximumNumberOfTrials = (int?)Number(TrialsKey),
            UsedTime = TimeSpan.FromSeconds(Number(UsedKey) ?? 0),
            Project = Enum.TryParse(own[ProjectKey], out ProjectKind project) ? project : ProjectKind.Console,
            Name = Path.GetFileNameWithoutExtension(path),
        };

        string? Find(string? other) => other is null ? null : Path.GetFullPath(other, Path.GetDirectoryName(place)!);

        double? Number(string key) => double.TryParse(own[key], CultureInfo.InvariantCulture, out var number) ? number : null;

        string? ValueOf(string option) => option switch
        {
            LabelOption => training.LabelColumn,
            TimeOption => training.TimeColumn,
            TextOption => training.TextColumn,
            HorizonOption => training.Horizon?.ToString(CultureInfo.InvariantCulture),
            SeriesOption => string.Join(',', own.SeriesColumns),
            FutureOption => string.Join(',', own.FutureColumns),
            PastOption => string.Join(',', own.PastColumns),
            StaticOption => string.Join(',', own.StaticColumns),
            _ => own[KeyOf(option)],
        };
    }

    // --max-length: MaxLength.
    private static string KeyOf(string option) =>
        string.Concat(option.Split('-', StringSplitOptions.RemoveEmptyEntries).Select(static part => char.ToUpperInvariant(part[0]) + part[1..]));

    private static string PurposeOf(ColumnRole role, Scenario scenario) => role switch
    {
        ColumnRole.Ignored => "Ignore",
        ColumnRole.Text => "Text",
        ColumnRole.Label when scenario.ConfigName != ConfigScenario.Forecasting => "Label",
        _ => "Feature",
    };

    private static string FormatOf(Dictionary<string, ColumnKind> kinds, string column) => kinds.GetValueOrDefault(column, ColumnKind.Text) switch
    {
        ColumnKind.Number or ColumnKind.Empty => "Single",
        ColumnKind.Boolean => "Boolean",
        _ => "String",
    };

    private static string Say(double number) => number.ToString(CultureInfo.InvariantCulture);
}
