using System.Collections.Immutable;

namespace Microsoft.ML.Recurrent.Workbench.Reports;

/// <summary>Writes the page and the charts of a back-test to files.</summary>
public static class BackTestFiles
{
    /// <summary>The file name of the page.</summary>
    public const string Page = "backtest.html";

    /// <summary>Writes the page and an SVG image of each chart; existing files are replaced.</summary>
    /// <param name="report">The report.</param>
    /// <param name="folder">The folder; created if needed.</param>
    /// <param name="cancellationToken">Cancels between two files.</param>
    /// <returns>The names of the files, the page first.</returns>
    public static async Task<ImmutableArray<string>> WriteAsync(BackTestReport report, string folder, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(report);
        ArgumentException.ThrowIfNullOrEmpty(folder);
        Directory.CreateDirectory(folder);
        var result = report.Result;
        var files = new List<(string Name, Task<string> Text)>
        {
            (Page, PageRenderer.RenderAsync(report)),
            ("forecasts.svg", PageRenderer.RenderAsync(BackTestCharts.Forecasts(result, report.Unit, report.Series))),
            ("error-by-step.svg", PageRenderer.RenderAsync(BackTestCharts.ErrorByStep(result))),
            ("errors-by-origin.svg", PageRenderer.RenderAsync(BackTestCharts.ErrorsByOrigin(result, unit: report.Unit))),
            ("residuals.svg", PageRenderer.RenderAsync(ResidualCharts.Histogram(result, unit: report.Unit))),
        };
        if (ResidualCharts.Autocorrelations(result) is { } correlations) files.Add(("residual-autocorrelation.svg", PageRenderer.RenderAsync(correlations)));
        if (ResidualCharts.IsScaled(result)) files.Add(("errors-by-series.svg", PageRenderer.RenderAsync(BackTestCharts.ErrorsBySeries(result))));
        foreach ((var name, var text) in files) await PageRenderer.WriteAsync(Path.Combine(folder, name), await text, cancellationToken);
        return [.. files.Select(file => file.Name)];
    }
}
