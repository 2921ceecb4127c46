using System.Collections.Immutable;
using Microsoft.ML.Recurrent.Workbench.CodeGeneration;
using Microsoft.ML.Recurrent.Workbench.Configuration;
using Microsoft.ML.Recurrent.Workbench.Scenarios;

namespace Microsoft.ML.Recurrent.Workbench.Runs;

/// <summary>Writes the code of a run's model: the folder is a project that builds.</summary>
internal sealed class CodeWriter : IRunWriter
{
    public void Write(MLContext mlContext, RunResult result, TrainingConfig config, RunFolder folder)
    {
        var request = result.Run.Request;
        if (request.Project is ProjectKind.None) return;
        var model = Describe(mlContext, result, config);
        var path = folder[request.Name + ScenarioRun.ModelExtension];
        if (request.Project is ProjectKind.WebApi) ProjectWriter.WriteWebApi(mlContext, model, path, folder.Work);
        else ProjectWriter.WriteConsole(mlContext, model, path, folder.Work);
    }

    private static GeneratedModel Describe(MLContext mlContext, RunResult result, TrainingConfig config)
    {
        var (request, plan, search) = (result.Run.Request, result.Run.Plan, result.Search);
        var training = plan.Request.Training;
        var rows = ScenarioRun.AllRows(mlContext, plan);
        // A model that was not trained again knows the training part alone.
        var learning = search.WhyNotRefitted is null || plan.TrainPart is null ? plan.Learning : plan.Learning.Add(plan.TrainPart);
        return new()
        {
            Name = request.Name,
            Model = search.Model,
            Input = rows,
            InputColumns = plan.Preparation.IsEmpty
                ? plan.Inputs
                : [.. rows.Schema.Where(static column => !column.IsHidden).Select(static column => column.Name)],
            LabelColumn = plan.Columns.FirstOrDefault(static column => column.Role is ColumnRole.Label)?.Name ?? plan.Inputs[0],
            Options = search.Options,
            TrainerCode = plan.Pipeline.Trainer.Code,
            Before = [.. plan.Pipeline.Before.Select(static step => step.Code)],
            After = [.. plan.Pipeline.After.Select(static step => step.Code)],
            Preparation = [.. plan.Preparation.Select(static step => step.Code)],
            Learning = [.. learning.Select(static step => step.Code)],
            DataPath = Path.GetFullPath(request.Dataset),
            Table = training is { Source: { } source, Profile: { } profile } ? new(source, profile) : null,
            TableColumns = plan.Inputs,
            LoaderName = training.LoaderName,
            Seed = request.Seed,
            Config = config,
            Command = RunCommand.Write(request, result.Folder),
        };
    }
}
