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
    /// <summary>The page of a forecast: one HTML document that needs nothing beside it.</summary>
    /// <param name="report">What to tell.</param>
    public static async Task<string> RenderAsync(ForecastReport report)
    {
        if (report.Forecasts.IsDefaultOrEmpty) throw new ArgumentException("A report tells of one forecast or more.", nameof(report));
        return "<!DOCTYPE html>\n" + await RenderAsync<ForecastReportPage>(new() { [nameof(ForecastReportPage.Report)] = report });
    }

    /// <summary>The page of a back-test: one HTML document that needs nothing beside it.</summary>
    /// <param name="report">What to tell.</param>
    public static async Task<string> RenderAsync(BackTestReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        return "<!DOCTYPE html>\n" + await RenderAsync<BackTestReportPage>(new() { [nameof(BackTestReportPage.Report)] = report });
    }

    /// <summary>A heat map as an SVG image of its own, light or dark as the reader's system is.</summary>
    /// <param name="map">The heat map.</param>
    public static Task<string> RenderAsync(HeatMap map) =>
        RenderAsync<HeatMapView>(new() { [nameof(HeatMapView.Map)] = map, [nameof(HeatMapView.Standalone)] = true });

    /// <summary>A chart as an SVG image of its own, light or dark as the reader's system is.</summary>
    /// <param name="chart">The chart.</param>
    public static Task<string> RenderAsync(LineChart chart) =>
        RenderAsync<LineChartView>(new() { [nameof(LineChartView.Chart)] = chart, [nameof(LineChartView.Standalone)] = true });

    /// <summary>Writes text as UTF-8 with no mark at its start: aside first, then renamed, so that no reader finds half of it.</summary>
    /// <param name="path">The file; an existing one is replaced.</param>
    /// <param name="text">What to write.</param>
    /// <param name="cancellationToken">Ends the writing, the existing file left as it is.</param>
    public static async Task WriteAsync(string path, string text, CancellationToken cancellationToken = default)
    {
        string temporary = $"{path}.{Path.GetRandomFileName()}";
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

    private static async Task<string> RenderAsync<TComponent>(Dictionary<string, object?> parameters) where TComponent : IComponent
    {
        await using ServiceProvider services = new ServiceCollection().BuildServiceProvider();
        await using var renderer = new HtmlRenderer(services, NullLoggerFactory.Instance);
        return await renderer.Dispatcher.InvokeAsync(
            async () => (await renderer.RenderComponentAsync<TComponent>(ParameterView.FromDictionary(parameters))).ToHtmlString());
    }
}
