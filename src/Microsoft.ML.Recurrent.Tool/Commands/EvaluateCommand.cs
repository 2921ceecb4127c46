using System.CommandLine;
using Microsoft.ML.Recurrent.Tool.Output;
using Microsoft.ML.Recurrent.Workbench.Runs;

namespace Microsoft.ML.Recurrent.Tool.Commands;

using Command = System.CommandLine.Command; // Microsoft.ML.Command is a namespace

/// <summary><c>mlrecurrent evaluate</c> and <c>mlrecurrent compare</c></summary>
internal static class EvaluateCommand
{
    public static Command Build(Terminals terminal)
    {
        var model = new Argument<string>("model") { Description = "A model, with its .mbconfig beside it, or the folder of its run." };
        var dataset = Rows();
        var command = new ToolCommand("evaluate", "Measures a model on the rows of a table, with baselines.", "evaluate out",
            "evaluate out/sales.mlnet --dataset test.csv --json") { model,
            dataset };
        command.Run(terminal, (run, cancellation) => Task.Run(() =>
        {
            var mlContext = Open(run);
            using var trained = TrainedModel.Load(mlContext, run.Arguments.GetRequiredValue(model));
            using var input = run.Get(dataset) is { } path ? StandardInput.Open(path) : null;
            var evaluation = trained.Evaluate(mlContext, input?.Path, cancellation);
            return run.Finish(() => EvaluationView.ToJson(evaluation), console => EvaluationView.Write(console, evaluation));
        }, cancellation));
        return command;
    }

    public static Command BuildCompare(Terminals terminal)
    {
        var models = new Argument<string[]>("models") { Description = "Models of one scenario, or folders of runs.", Arity = ArgumentArity.OneOrMore };
        var dataset = Rows();
        var command = new ToolCommand("compare", "Measures several models on the same rows, with baselines.", "compare out1 out2",
            "compare out1 out2 --dataset test.csv")
        {
            models, dataset,
        };
        command.Run(terminal, (run, cancellation) => Task.Run(() =>
        {
            var mlContext = Open(run);
            using var input = run.Get(dataset) is { } path ? StandardInput.Open(path) : null;
            var comparison = ModelComparison.Measure(mlContext, run.Arguments.GetRequiredValue(models), input?.Path, cancellation);
            return run.Finish(() => EvaluationView.ToJson(comparison), console => EvaluationView.Write(console, comparison));
        }, cancellation));
        return command;
    }

    private static Option<string?> Rows() => new("--dataset")
    {
        Description = "The rows, with labels; - for standard input. Of a forecaster they follow the training rows. Default: those that the run held out.",
        HelpName = "file",
    };

    private static MLContext Open(CommandRun run)
    {
        var mlContext = new MLContext();
        run.Log.Attach(mlContext);
        return mlContext;
    }
}
