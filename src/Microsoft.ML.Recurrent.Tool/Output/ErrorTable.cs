using System.Globalization;
using Microsoft.ML.Recurrent.Workbench.Reports;
using Spectre.Console;

namespace Microsoft.ML.Recurrent.Tool.Output;

/// <summary>A table of forecast errors, the lowest RMSE in bold.</summary>
internal static class ErrorTable
{
    public static Table Build(string title, IReadOnlyCollection<ForecastLine> forecasts)
    {
        var table = new Table().Title(Markup.Escape(title)).Border(TableBorder.Rounded).AddColumn("Forecast");
        foreach (var measure in (string[])["RMSE", "MAE", "sMAPE", "MASE"]) table.AddColumn(new TableColumn(measure).RightAligned());
        var best = forecasts.Min(forecast => forecast.Errors.RootMeanSquaredError);
        foreach (var forecast in forecasts)
        {
            var errors = forecast.Errors;
            string[] cells = [forecast.Name, Say(errors.RootMeanSquaredError, "0.0"), Say(errors.MeanAbsoluteError, "0.0"),
                Say(errors.SymmetricMeanAbsolutePercentageError, "0.0") + "%", Say(errors.MeanAbsoluteScaledError, "0.00")];
            table.AddRow([.. cells.Select(cell => errors.RootMeanSquaredError == best ? $"[bold]{Markup.Escape(cell)}[/]" : Markup.Escape(cell))]);
        }
        return table;
    }

    private static string Say(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
