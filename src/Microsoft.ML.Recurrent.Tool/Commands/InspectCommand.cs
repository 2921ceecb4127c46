using System.CommandLine;
using Microsoft.ML.Recurrent.Tool.Output;
using Microsoft.ML.Recurrent.Workbench.Inspection;
using Microsoft.ML.Recurrent.Workbench.Runs;
using Microsoft.ML.Recurrent.Workbench.Tables;

namespace Microsoft.ML.Recurrent.Tool.Commands;

using Command = System.CommandLine.Command; // Microsoft.ML.Command is a namespace

/// <summary><c>mlrecurrent inspect</c></summary>
internal static class InspectCommand
{
    public static Command Build(Terminals terminal)
    {
        var file = new Argument<string>("file")
        {
            Description =
                "A table (CSV, TSV, also with gzip; Parquet; Arrow), a model (.mlnet, .zip), an ONNX file, or weights (.safetensors, .pt, .keras, .h5, "
                + ".dat).",
        };
        var label = new Option<string?>("--label-col")
        {
            Description = "The column to predict, by its name or its number from 0: columns that hold it are told.",
            HelpName = "column",
        };
        var time = new Option<string?>("--time-col") { Description = "The column of times. Default: the first that holds times.", HelpName = "column" };
        var series = new Option<string?>("--series-col")
        {
            Description = "Columns by which rows are series, with commas between them. Default: all rows are one series.",
            HelpName = "columns",
        };
        var command = new ToolCommand("inspect", "Shows what a table, a model, an ONNX file or a file of weights holds.",
            "inspect sales.csv --label-col units --series-col shop", "inspect model.mlnet", "inspect network.onnx --json")
        {
            file, label, time, series,
        };
        var table = new TableArguments(command);
        command.Run(terminal, (run, cancellation) => Task.Run(() =>
        {
            var path = TrainedModel.FileOf(run.Arguments.GetRequiredValue(file));
            if (File.Exists(path) && ModelInspection.IsModel(path))
            {
                var model = ModelInspection.Read(path);
                return run.Finish(() => ModelView.ToJson(model), console => ModelView.Write(console, model));
            }
            var inspection = TableInspection.Read(TableSource.Open(path, table.Read(run)), run.Get(time), Split(run.Get(series)), run.Get(label),
                table.DayFirst(run),
                cancellation);
            return run.Finish(() => TableInspectionView.ToJson(inspection), console => TableInspectionView.Write(console, inspection));
        }, cancellation));
        return command;
    }

    private static string[] Split(string? columns) => columns?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [];
}
