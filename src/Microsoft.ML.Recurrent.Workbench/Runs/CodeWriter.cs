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
        var model = PlanModel.Create(result.Run.Plan, request.Name, result.Search.Model, OptionsOf(result.Search),
            isRefitted: result.Search.WhyNotRefitted is null, config, RunCommand.Write(request, result.Folder));
        var path = folder[request.Name + ScenarioRun.ModelExtension];
        if (request.Project is ProjectKind.WebApi) ProjectWriter.WriteWebApi(mlContext, model, path, folder.Work);
        else ProjectWriter.WriteConsole(mlContext, model, path, folder.Work);
    }

    // A trial that was ended has the weights of fewer epochs than its options allow.
    private static RecurrentTrainerOptions OptionsOf(SearchOutcome search)
    {
        if (search.WhyNotRefitted is null || search.Best.State is not (TrialState.EndedEarly or TrialState.TimeOver)) return search.Options;
        var options = search.Options.Clone();
        options.Stopping.MaximumNumberOfEpochs = Math.Max(1, search.Best.Epochs);
        return options;
    }
}
