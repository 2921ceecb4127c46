using System.Globalization;
using Microsoft.ML.Recurrent.Workbench.Inspection;
using Spectre.Console;

namespace Microsoft.ML.Recurrent.Tool.Output;

/// <summary>Shows what a model file holds.</summary>
internal static class ModelView
{
    public static object ToJson(ModelInspection model) => new
    {
        kind = "model",
        file = model.Path,
        model.Format, model.Producer, bytes = model.Size, model.Task, model.Opset, model.Parameters, model.Steps, model.Inputs, model.Outputs,
        model.Tensors, model.Summary,
        history = model.History is not { } history ? null : new
        {
            history.BestEpoch, history.End,
            epochs = history.Epochs.Select(static epoch => new { epoch.Epoch, epoch.Loss, epoch.ValidationLoss, epoch.ValidationMetric, epoch.LearningRate }),
        },
    };

    public static void Write(IAnsiConsole console, ModelInspection model)
    {
        string?[] facts = [model.Format, model.Producer, model.Task, Say($"{model.Size:N0} bytes"), model.Opset is { } opset ? Say($"opset {opset}") : null,
            model.Parameters is { } parameters ? Say($"{parameters:N0} numbers") : null];
        console.WriteLine($"{model.Path}: {string.Join(", ", facts.OfType<string>())}");
        if (!model.Steps.IsEmpty) console.WriteLine($"Steps: {string.Join(", ", model.Steps)}");
        var values = model.Inputs.Select(static value => ("input", value)).Concat(model.Outputs.Select(static value => ("output", value)))
            .Concat(model.Tensors.Select(static value => ("tensor", value)));
        console.Write(TextTable.Create(["", "Name", "Type"], values.Select(static one => (string[])[one.Item1, one.value.Name, one.value.ToString()])));
        if (model.Summary is { } summary) console.WriteLine(summary.TrimEnd('\n'));
        if (model.History is not { Epochs: [.., var last] epochs } history) return;
        console.WriteLine(Say($"Trained for {last.Epoch} epochs ({history.End}); the weights are those of epoch {history.BestEpoch}."));
        console.WriteLine($"Loss            {Cell.Spark([.. epochs.Select(static epoch => epoch.Loss)])}  {Cell.Number(last.Loss)}");
        if (last.ValidationLoss is not null && history.BestEpoch is > 0 and var best)
            console.WriteLine($"Validation loss {Cell.Spark([.. epochs.Select(static epoch => epoch.ValidationLoss ?? double.NaN)])}  "
                + $"{Cell.Number(epochs.FirstOrDefault(epoch => epoch.Epoch == best)?.ValidationLoss)} at epoch {best}");
    }

    private static string Say(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
