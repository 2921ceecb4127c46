using System.Text;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.ML.Recurrent.Workbench.Charts;

namespace Microsoft.ML.Recurrent.Workbench.Reports;

/// <summary>Renders pages and charts to text, without a server.</summary>
public static class PageRenderer
{
    /// <summary>Renders the page of a forecast: one self-contained HTML document.</summary>
    /// <param name="report">The report.</param>
    public static async Task<string> RenderAsync(ForecastReport report)
    {
        if (report.Forecasts.IsDefaultOrEmpty) throw new ArgumentException("A report needs at least one forecast.", nameof(report));
        return "<!DOCTYPE html>\n" + await RenderAsync<ForecastReportPage>(new() { [nameof(ForecastReportPage.Report)] = report });
    }

    /// <summary>Renders the page of a back-test: one self-contained HTML document.</summary>
    /// <param name="report">The report.</param>
    public static async Task<string> RenderAsync(BackTestReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        return "<!DOCTYPE html>\n" + await RenderAsync<BackTestReportPage>(new() { [nameof(BackTestReportPage.Report)] = report });
    }

    /// <summary>Renders the page of explanations: one self-contained HTML document.</summary>
    /// <param name="report">The report.</param>
    public static async Task<string> RenderAsync(ExplanationReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        if (report.Sequences.IsDefaultOrEmpty) throw new ArgumentException("A report needs at least one explained sequence.", nameof(report));
        return "<!DOCTYPE html>\n" + await RenderAsync<ExplanationReportPage>(new() { [nameof(ExplanationReportPage.Report)] = report });
    }

    /// <summary>Renders a heat map as a standalone SVG image, light or dark like the reader's system.</summary>
    /// <param name="map">The heat map.</param>
    public static Task<string> RenderAsync(HeatMap map) =>
        RenderAsync<HeatMapView>(new() { [nameof(HeatMapView.Map)] = map, [nameof(HeatMapView.Standalone)] = true });

    /// <summary>Renders a chart as a standalone SVG image, light or dark like the reader's system.</summary>
    /// <param name="chart">The chart.</param>
    public static Task<string> RenderAsync(LineChart chart) =>
        RenderAsync<LineChartView>(new() { [nameof(LineChartView.Chart)] = chart, [nameof(LineChartView.Standalone)] = true });

    /// <summary>Writes text as UTF-8 without a byte order mark, atomically: to a temporary file that is then renamed.</summary>
    /// <param name="path">The file; an existing one is replaced.</param>
    /// <param name="text">The text.</param>
    /// <param name="cancellationToken">Cancels the writing; an existing file stays unchanged.</param>
    public static async Task WriteAsync(string path, string text, CancellationToken cancellationToken = default)
    {
        var temporary = $"{path}.{Path.GetRandomFileName()}";
        try
        {
            await File.WriteAllTextAsync(temporary, text, new UTF8Encoding(false), cancellationToken);
            File.Move(temporary, path, overwrite: true);
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    internal static async Task<string> RenderAsync<TComponent>(Dictionary<string, object?> parameters) where TComponent : IComponent
    {
        await using var services = new ServiceCollection().BuildServiceProvider();
        await using var renderer = new HtmlRenderer(services, NullLoggerFactory.Instance);
        return await renderer.Dispatcher.InvokeAsync(
            async () => (await renderer.RenderComponentAsync<TComponent>(ParameterView.FromDictionary(parameters))).ToHtmlString());
    }
}
