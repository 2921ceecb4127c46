using System.Collections.Immutable;
using Microsoft.ML.Recurrent.Workbench.Inspection;

namespace Microsoft.ML.Recurrent.Workbench.Reports.Runs;

/// <summary>
/// The content of the page of a run: data, search, the model's figures with those of baselines, and how to repeat it. What is empty is left out.
/// </summary>
public sealed record RunReport
{
    /// <summary>The title of the page.</summary>
    public required string Title { get; init; }

    /// <summary>One or two sentences under the title: the task, the data.</summary>
    public required string Introduction { get; init; }

    /// <summary>What the figures say in one sentence: which model is best, and whether a baseline is better.</summary>
    public string Verdict { get; init; } = "";

    /// <summary>The columns of the table, with what each serves for.</summary>
    public ImmutableArray<ReportColumn> Columns { get; init; } = [];

    /// <summary>The series of the table.</summary>
    public ImmutableArray<SeriesProfile> Series { get; init; } = [];

    /// <summary>What was chosen and why, a sentence each.</summary>
    public ImmutableArray<string> Notes { get; init; } = [];

    /// <summary>The metric by which trials were compared.</summary>
    public string TrialMetric { get; init; } = "Score";

    /// <summary>Whether higher values of it are better.</summary>
    public bool HigherIsBetter { get; init; }

    /// <summary>The trials, in the order of their numbers.</summary>
    public ImmutableArray<ReportTrial> Trials { get; init; } = [];

    /// <summary>The final between the best trials and the default options; null where there was none.</summary>
    public ExperimentFinal? Final { get; init; }

    /// <summary>The training of the model.</summary>
    public TrainingHistory? History { get; init; }

    /// <summary>The names of the metrics on rows that no trial saw.</summary>
    public ImmutableArray<string> Metrics { get; init; } = [];

    /// <summary>The figures: the model first, then baselines.</summary>
    public ImmutableArray<ReportLine> Lines { get; init; } = [];

    /// <summary>Of forecasts: the back-test.</summary>
    public BackTestResult? BackTest { get; init; }

    /// <summary>Of forecasts: the quantity and unit of the series.</summary>
    public string Unit { get; init; } = "";

    /// <summary>Of classes: their names.</summary>
    public ImmutableArray<string> Classes { get; init; } = [];

    /// <summary>Of classes: rows by their class (first index) and the predicted one (second index).</summary>
    public ImmutableArray<ImmutableArray<long>> Confusion { get; init; } = [];

    /// <summary>Of tags: the entities by their types.</summary>
    public ImmutableArray<EntityMetrics> Entities { get; init; } = [];

    /// <summary>Of numbers: labels and predictions.</summary>
    public ImmutableArray<(double Label, double Prediction)> Points { get; init; } = [];

    /// <summary>How much inputs matter: the name of each, and its share.</summary>
    public ImmutableArray<(string Name, double Share)> Attributions { get; init; } = [];

    /// <summary>Sequences with what their steps contributed.</summary>
    public ImmutableArray<ExplainedSequence> Explanations { get; init; } = [];

    /// <summary>Why there are none; empty where there are.</summary>
    public string WhyNoExplanations { get; init; } = "";

    /// <summary>The layers of the model.</summary>
    public string ModelSummary { get; init; } = "";

    /// <summary>The options that were found, as code.</summary>
    public string Options { get; init; } = "";

    /// <summary>The command line that repeats the run.</summary>
    public string Command { get; init; } = "";

    /// <summary>Where the run took place: versions, processor, seed.</summary>
    public ImmutableArray<(string Name, string Value)> Environment { get; init; } = [];

    /// <summary>Files beside the page.</summary>
    public ImmutableArray<(string Name, string Purpose)> Files { get; init; } = [];
}
