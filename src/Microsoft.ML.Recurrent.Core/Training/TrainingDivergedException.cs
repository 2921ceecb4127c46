using System.Globalization;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Optimizers;
using Microsoft.ML.Recurrent.Training;

namespace Microsoft.ML.Recurrent;

/// <summary>
/// Thrown if a loss or gradient is not finite before the first epoch was completed. The message names the batch, the gradient norms by layer, remedies, and the
/// checkpoint if there is one. After a complete epoch, training ends without an exception: see <see cref="TrainingEnd.Diverged"/>.
/// </summary>
public sealed class TrainingDivergedException : InvalidOperationException
{
    internal TrainingDivergedException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }

    internal static TrainingDivergedException OfLoss(TrainingRun run, SequenceBatch batch, double loss) =>
        Create(run, batch, string.Create(CultureInfo.InvariantCulture, $"the loss is {loss}"), run.Step == 0 ? null : "the batch before");

    internal static TrainingDivergedException OfGradient(TrainingRun run, SequenceBatch batch, double loss) =>
        Create(run, batch, string.Create(CultureInfo.InvariantCulture, $"the loss is {loss:g6}, but its gradient is not finite"), "this batch");

    private static TrainingDivergedException Create(TrainingRun run, SequenceBatch batch, string what, string? normsOf)
    {
        var where = $"Training stopped at epoch {run.Epoch}, batch {run.Batch + 1} of {run.BatchesPerEpoch}: {what}.";
        var norms = normsOf is null ? "" : $" Gradient norms of {normsOf}, by layer: {Norms(run.Network)}.";
        return new TrainingDivergedException(where + norms + " " + (InputFault(batch) ?? Remedy(run)));
    }

    private static string Norms(Network network) => string.Join(", ", network.Parameters.Where(parameter => parameter.Trainable)
        .GroupBy(parameter => parameter.Name[..parameter.Name.LastIndexOf('.')])
        .Select(layer => string.Create(CultureInfo.InvariantCulture,
            $"{layer.Key} {Math.Sqrt(layer.Sum(parameter => Math.Pow(GradientClipping.Norm(parameter), 2))):g4}")));

    private static string Remedy(TrainingRun run)
    {
        var clip = run.Settings.GradientClipNorm;
        var clipping = float.IsFinite(clip)
            ? $"clip gradients harder (Optimizer.Gradients.ClipNorm is {clip.ToString(CultureInfo.InvariantCulture)})"
            : "clip gradients (Optimizer.Gradients.ClipNorm = 1)";
        return string.Create(CultureInfo.InvariantCulture,
            $"Lower the learning rate (it is {run.LearningRate:g4}), {clipping}, or look for extreme values in the data.");
    }

    private static string? InputFault(SequenceBatch batch)
    {
        foreach (var (name, tensor) in new[] { ("sequences", batch.Values), ("static features", batch.Statics), ("labels", batch.Targets),
            ("weights", batch.Weights) })
        {
            if (tensor is null) continue;
            var span = tensor.Span;
            for (var i = 0; i < span.Length; i++)
            {
                if (!float.IsFinite(span[i]))
                    return string.Create(CultureInfo.InvariantCulture,
                        $"The batch's {name} hold {span[i]}: replace missing values (mlContext.Transforms.ReplaceMissingValues) or drop those rows before "
                            + $"training.");
            }
        }

        return null;
    }
}
