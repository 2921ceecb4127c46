using System.Collections.Immutable;
using Microsoft.ML.Recurrent.Workbench.Scenarios;
using Microsoft.ML.Recurrent.Workbench.Tables;

namespace Microsoft.ML.Recurrent.Workbench.Runs;

/// <summary>What a run trains: the files, the options of the scenario, and how long.</summary>
public sealed record RunRequest
{
    /// <summary>The time of a search where neither a time nor a number of trials is given.</summary>
    public static readonly TimeSpan DefaultTrainTime = TimeSpan.FromSeconds(60);

    /// <summary>The scenario.</summary>
    public required Scenario Scenario { get; init; }

    /// <summary>The file of the training rows.</summary>
    public required string Dataset { get; init; }

    /// <summary>A file of rows by which trials are compared. Default: null, a part of the training rows.</summary>
    public string? ValidationDataset { get; init; }

    /// <summary>A file of rows for the final figure. Default: null, a part of the training rows.</summary>
    public string? TestDataset { get; init; }

    /// <summary>How text files are written, where it is known.</summary>
    public TableOptions Table { get; init; } = new();

    /// <summary>Whether the day comes first in dates that can be read in both ways. Default: null, it is not known.</summary>
    public bool? DayFirst { get; init; }

    /// <summary>The values of the scenario's options, by their names in command lines.</summary>
    public IReadOnlyDictionary<string, string> Values { get; init; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>The kinds of the columns of the training rows by their names, of a run that was read from its configuration; else none.</summary>
    public IReadOnlyDictionary<string, string> ColumnKinds { get; init; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>Columns that are not used, by name or number.</summary>
    public IReadOnlyList<string> IgnoredColumns { get; init; } = [];

    /// <summary>The fraction of the rows that is held out for the final figure.</summary>
    public double TestFraction { get; init; } = ScenarioRequest.DefaultTestFraction;

    /// <summary>The fraction of the other rows by which trials are compared.</summary>
    public double ValidationFraction { get; init; } = ScenarioRequest.DefaultValidationFraction;

    /// <summary>The seed of training, of the search and of random parts.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>The time of the search. Default: null, no limit where a number of trials is given, else <see cref="DefaultTrainTime"/>.</summary>
    public TimeSpan? TrainTime { get; init; }

    /// <summary>The most trials. Default: null, as many as the time allows.</summary>
    public int? MaximumNumberOfTrials { get; init; }

    /// <summary>The name of the model, of its files and of the generated code.</summary>
    public required string Name { get; init; }

    /// <summary>Of a run that is resumed: the time that its search has used before.</summary>
    public TimeSpan UsedTime { get; init; }

    /// <summary>The project that is written around the model.</summary>
    public ProjectKind Project { get; init; }

    /// <summary>The time of the search as it is used: null for no limit.</summary>
    public TimeSpan? EffectiveTrainTime => TrainTime ?? (MaximumNumberOfTrials is null ? DefaultTrainTime : null);

    /// <summary>The time that is left for the search; null for no limit.</summary>
    public TimeSpan? RemainingTime => EffectiveTrainTime - UsedTime;

    /// <summary>A name made from that of a file: letters, digits and underscores.</summary>
    /// <param name="path">The file.</param>
    public static string NameOf(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var stem = Path.GetFileName(path).Split('.')[0];
        var name = string.Concat(stem.Select(static letter => char.IsLetterOrDigit(letter) ? letter : '_'));
        return name.Length == 0 || char.IsDigit(name[0]) ? "Model" + name : name;
    }
}
