using System.CommandLine;
using Microsoft.ML.Recurrent.Tool.Output;
using Microsoft.ML.Recurrent.Workbench.Runs;
using Spectre.Console;

namespace Microsoft.ML.Recurrent.Tool.Commands;

using Command = System.CommandLine.Command; // Microsoft.ML.Command is a namespace

/// <summary><c>mlrecurrent export-onnx</c></summary>
internal static class ExportOnnxCommand
{
    private static readonly Dictionary<string, OnnxPrecision> s_precisions = new(StringComparer.OrdinalIgnoreCase)
    {
        ["single"] = OnnxPrecision.Single,
        ["half"] = OnnxPrecision.Half,
        ["half-weights"] = OnnxPrecision.HalfWeights,
        ["int8"] = OnnxPrecision.Int8,
        ["int8-weights"] = OnnxPrecision.Int8Weights,
    };

    public static Command Build(Terminals terminal)
    {
        var model = new Argument<string>("model") { Description = "A model with a recurrent network (.mlnet, .zip)." };
        var output = new Option<FileInfo?>("--output", "-o") { Description = "The file. Default: the model's name with .onnx, beside it.", HelpName = "file" };
        var opset = new Option<int>("--opset") { Description = "The version of ONNX's operators.", HelpName = "number", DefaultValueFactory = static _ => 17 };
        var precision = new Option<string>("--precision")
        {
            Description = "The numbers of the graph: single, half, half-weights, int8 or int8-weights.",
            HelpName = "name",
            DefaultValueFactory = static _ => "single",
        };
        precision.AcceptOnlyFromAmong(StringComparer.OrdinalIgnoreCase, [.. s_precisions.Keys]);
        var step = new Option<bool>("--single-step") { Description = "A graph of one step, whose states are inputs and outputs." };
        var text = new Option<bool>("--text") { Description = "A graph that reads raw text: the tokenizer and the vocabulary of the pipeline come with it." };
        var force = new Option<bool>("--force") { Description = "Replaces an existing file." };
        var command = new ToolCommand("export-onnx", "Writes the recurrent network of a model as an ONNX file for any runtime.",
            "export-onnx model.mlnet", "export-onnx model.mlnet --precision half --output small.onnx", "export-onnx comments.mlnet --text")
        {
            model, output, opset, precision, step, text, force,
        };
        command.Run(terminal, (run, _) => Task.FromResult(Export(run, run.Arguments.GetRequiredValue(model), run.Get(output)?.FullName, new()
        {
            Opset = run.Get(opset),
            Precision = s_precisions[run.Get(precision)!],
            Form = run.Get(step) ? OnnxExportForm.SingleStep : OnnxExportForm.Sequence,
        }, run.Get(text), run.Get(force))));
        return command;
    }

    private static int Export(CommandRun run, string path, string? output, OnnxExportOptions options, bool ofText, bool force)
    {
        path = TrainedModel.FileOf(path);
        if (!File.Exists(path)) throw new FileNotFoundException($"There is no file '{path}'.", path);
        output ??= Path.ChangeExtension(Path.GetFullPath(path), ".onnx");
        if (File.Exists(output) && !force) run.Confirm($"'{output}' exists. Replace it", $"'{output}' exists: --force replaces it.");
        var mlContext = new MLContext();
        run.Log.Attach(mlContext);
        var pipeline = mlContext.Model.LoadFile(path, out _);
        try
        {
            var recurrent = ((IEnumerable<ITransformer>)(pipeline as IEnumerable<ITransformer> ?? [pipeline])).OfType<RecurrentTransformer>().LastOrDefault()
                ?? throw new InvalidDataException($"'{path}' holds no recurrent network.");
            var report = ofText ? pipeline.ExportTextToOnnx(output, options) : recurrent.Model.ExportToOnnx(output, options);
            return run.Finish(() => new
            {
                file = output, bytes = report.FileSize, precision = report.Precision, opset = options.Opset, report.Rows,
                outputs = report.Outputs.Select(static one => new
                {
                    one.Name, one.MaximumAbsoluteError, one.MeanAbsoluteError, one.MeanAbsoluteValue,
                    one.Agreement
                })
            }, console => Write(console, output, report));
        }
        finally
        {
            (pipeline as IDisposable)?.Dispose();
        }
    }

    private static void Write(IAnsiConsole console, string output, OnnxExportReport report)
    {
        console.WriteLine($"Written to {output}, {report.FileSize:N0} bytes.");
        if (report.Outputs.IsDefaultOrEmpty) return;
        console.Write(TextTable.Create(["Output", ">largest error", ">mean error", ">mean value"], report.Outputs.Select(static one => (string[])[one.Name,
            Cell.Number(one.MaximumAbsoluteError), Cell.Number(one.MeanAbsoluteError), Cell.Number(one.MeanAbsoluteValue)])));
    }
}
