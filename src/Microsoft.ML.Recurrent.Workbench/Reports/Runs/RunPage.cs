namespace Microsoft.ML.Recurrent.Workbench.Reports.Runs;

/// <summary>Renders the page of a run.</summary>
public static class RunPage
{
    /// <summary>Renders the page: one self-contained HTML document, light, dark or printed, which loads nothing.</summary>
    /// <param name="report">The report.</param>
    public static async Task<string> RenderAsync(RunReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        return "<!DOCTYPE html>\n" + await PageRenderer.RenderAsync<RunReportPage>(new() { [nameof(RunReportPage.Report)] = report });
    }
}
