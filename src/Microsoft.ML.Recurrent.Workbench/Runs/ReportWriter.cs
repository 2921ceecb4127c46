using Microsoft.ML.Recurrent.Workbench.Code;
using Microsoft.ML.Recurrent.Workbench.CodeGeneration;
using Microsoft.ML.Recurrent.Workbench.Configuration;
using Microsoft.ML.Recurrent.Workbench.Reports;
using Microsoft.ML.Recurrent.Workbench.Reports.Runs;

namespace Microsoft.ML.Recurrent.Workbench.Runs;

/// <summary>Writes the report of a run: one HTML page.</summary>
internal sealed class ReportWriter : IRunWriter
{
    /// <summary>The file of the report.</summary>
    public const string FileName = "report.html";

    public void Write(MLContext mlContext, RunResult result, TrainingConfig config, RunFolder folder)
    {
        var (request, plan, search) = (result.Run.Request, result.Run.Plan, result.Search);
        var model = search.Model.Steps().OfType<RecurrentTransformer>().Last().Model;
        var report = PlanReport.Create(plan, request.Name, model, search.Trials, search.Best, result.Evaluation, OptionsCode.Write(search.Options),
            RunCommand.Write(request, result.Folder)) with
        {
            Final = search.Final,
            Explanations = RunExplanations.Read(mlContext, plan, search.Model),
            WhyNoExplanations = RunExplanations.WhyNone(plan),
            Notes = [.. plan.Notes, .. result.Run.Warnings],
            Files = [.. Directory.EnumerateFiles(folder.Work).Select(static file => Path.GetFileName(file)).Order(StringComparer.Ordinal)
                .Select(static file => (file, PurposeOf(file)))],
        };
        PageRenderer.WriteAsync(folder[FileName], RunPage.RenderAsync(report).GetAwaiter().GetResult()).GetAwaiter().GetResult();
    }

    private static string PurposeOf(string file) => Path.GetExtension(file) switch
    {
        ScenarioRun.ModelExtension => "the model: mlContext.Model.Load restores it",
        TrainingConfig.FileExtension => "the training configuration, which Model Builder opens where it knows the scenario",
        ".db" => "the trials, by which the run can be resumed",
        ".cs" or ".csproj" => "code that predicts, trains again and evaluates",
        _ => "",
    };
}
