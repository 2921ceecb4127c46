using Microsoft.ML.Recurrent.Workbench.Configuration;
using Microsoft.ML.Recurrent.Workbench.Scenarios;

namespace Microsoft.ML.Recurrent.Workbench.Runs;

/// <summary>A model that a run made, with its configuration beside it.</summary>
public sealed class TrainedModel : IDisposable
{
    private readonly ITransformer _model;

    private TrainedModel(string path, ITransformer model, RunRequest request) => (Path, _model, Request) = (path, model, request);

    /// <summary>The file of the model.</summary>
    public string Path { get; }

    /// <summary>The request of its run.</summary>
    public RunRequest Request { get; }

    /// <summary>Loads a model.</summary>
    /// <param name="mlContext">The context.</param>
    /// <param name="path">Its file, or the folder of its run.</param>
    /// <exception cref="FileNotFoundException">There is no model, or no configuration beside it.</exception>
    /// <exception cref="InvalidDataException">The model or the configuration is damaged.</exception>
    public static TrainedModel Load(MLContext mlContext, string path)
    {
        ArgumentNullException.ThrowIfNull(mlContext);
        ArgumentException.ThrowIfNullOrEmpty(path);
        var file = FileOf(path);
        if (!File.Exists(file)) throw new FileNotFoundException($"There is no file '{file}'.", file);
        var config = System.IO.Path.ChangeExtension(file, TrainingConfig.FileExtension);
        if (!File.Exists(config))
            throw new FileNotFoundException($"Beside '{file}' there is no '{System.IO.Path.GetFileName(config)}', which says how its rows are read.", config);
        var request = RunConfig.Read(config);
        return new(file, mlContext.Model.LoadFile(file, out _), request);
    }

    /// <summary>The model of a run.</summary>
    /// <param name="path">A file, which is returned as it is, or the folder of a run.</param>
    /// <exception cref="FileNotFoundException">The folder has no model.</exception>
    /// <exception cref="ArgumentException">The folder has several.</exception>
    public static string FileOf(string path) => Directory.Exists(path) ? FindIn(path, ScenarioRun.ModelExtension) : path;

    /// <summary>The only file of an extension in a folder.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="extension">The extension, with its point.</param>
    /// <exception cref="FileNotFoundException">There is none.</exception>
    /// <exception cref="ArgumentException">There are several.</exception>
    public static string FindIn(string folder, string extension)
    {
        string[] files = [.. Directory.EnumerateFiles(folder, "*" + extension).Order(StringComparer.Ordinal)];
        return files switch
        {
            [var one] => one,
            [] => throw new FileNotFoundException($"The folder '{folder}' holds no {extension} file."),
            _ => throw new ArgumentException(
                $"The folder '{folder}' holds {files.Length} {extension} files ({string.Join(", ", files.Select(System.IO.Path.GetFileName))}): name one."),
        };
    }

    /// <summary>Predictions for the rows of a file.</summary>
    /// <param name="mlContext">The context.</param>
    /// <param name="path">The file; the label may be missing.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public Predictions Predict(MLContext mlContext, string path, CancellationToken cancellationToken = default)
    {
        var rows = RunTables.Open(mlContext, path, Request, cancellationToken);
        // Configurations of older builds do not say what their columns hold.
        if (rows.Profile is not null && Request.ColumnKinds.Count == 0) return PlanFor(mlContext, rows, test: null, cancellationToken).Predict(_model, rows);
        CheckFeatures(rows);
        rows = rows.WithKinds(Request.ColumnKinds);
        // Columns that the training rows did not have are not read.
        string[] others = [.. rows.View.Schema.Select(static column => column.Name).Where(name => !Request.ColumnKinds.ContainsKey(name))];
        var plan = Request.Scenario.CreatePlan(mlContext, new()
        {
            Training = rows,
            Values = Request.Values,
            IgnoredColumns = rows.Profile is null ? [] : [.. Request.IgnoredColumns, .. others],
            Seed = Request.Seed,
            IsForPrediction = true,
        });
        return plan.Predict(_model, rows);
    }

    // Where no option names the features, they are all numbers of the training rows: those of fewer columns are no others.
    private void CheckFeatures(ScenarioTable rows)
    {
        const string features = "--feature-cols";
        if (rows.Source is not { } source || Request.Scenario.Options.All(static option => option.Name != features) || Request.Values.ContainsKey(features))
            return;
        string[] others = [.. Request.IgnoredColumns.Concat(Request.Values.Values), .. Request.IgnoredColumns.SelectMany(static names => names.Split(','))];
        foreach (var (name, kind) in Request.ColumnKinds)
            if (kind.EndsWith("Number", StringComparison.Ordinal) && !others.Contains(name)) source.Find(name);
    }

    /// <summary>The figures on held-out rows, with baselines.</summary>
    /// <param name="mlContext">The context.</param>
    /// <param name="path">The file of the rows; null for those that its run held out.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="InvalidOperationException">No file is given, and the run held out no rows.</exception>
    public ScenarioEvaluation Evaluate(MLContext mlContext, string? path = null, CancellationToken cancellationToken = default)
    {
        if (path is null)
            return PreparedRun.Create(mlContext, Request, RunTables.Open(mlContext, Request, cancellationToken), cancellationToken).Plan.Evaluate(_model);
        var rows = RunTables.Open(mlContext, path, Request, cancellationToken);
        return PlanFor(mlContext, rows, rows, cancellationToken).Evaluate(_model);
    }

    /// <inheritdoc/>
    public void Dispose() => (_model as IDisposable)?.Dispose();

    // The kinds of columns are those of the training rows; where these are not here any more, the rows' own.
    private ScenarioPlan PlanFor(MLContext mlContext, ScenarioTable rows, ScenarioTable? test, CancellationToken cancellationToken)
    {
        var training = File.Exists(Request.Dataset) ? RunTables.Open(mlContext, Request.Dataset, Request, cancellationToken) : rows;
        return PreparedRun.Create(mlContext, Request, new(training, Validation: null, test), cancellationToken).Plan;
    }
}
