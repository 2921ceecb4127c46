using System.Collections.Immutable;
using Microsoft.ML.Recurrent.Workbench.Configuration;
using Microsoft.ML.Recurrent.Workbench.Scenarios;

namespace Microsoft.ML.Recurrent.Workbench.CodeGeneration;

/// <summary>Describes the model of a plan to the generator.</summary>
public static class PlanModel
{
    /// <summary>Describes a model.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="name">The name of the model.</param>
    /// <param name="model">The fitted pipeline.</param>
    /// <param name="options">The options with which it was trained, with the seed.</param>
    /// <param name="isRefitted">Whether it was trained on <see cref="ScenarioPlan.Learned"/>; else it was trained on <see cref="ScenarioPlan.Train"/>.</param>
    /// <param name="config">The configuration, which is written beside the code; null for none.</param>
    /// <param name="command">The command line that made the model; null if it is not known.</param>
    public static GeneratedModel Create(ScenarioPlan plan, string name, ITransformer model, RecurrentTrainerOptions options, bool isRefitted,
        TrainingConfig? config = null, string? command = null)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(options);
        var training = plan.Request.Training;
        var learning = isRefitted || plan.TrainPart is not { } part ? plan.Learning : plan.Learning.Add(part);
        return new()
        {
            Name = name,
            Model = model,
            Input = plan.Learned,
            InputColumns = plan.Preparation.IsEmpty ? plan.Inputs
                : [.. plan.Learned.Schema.Where(static column => !column.IsHidden).Select(static column => column.Name)],
            Options = options,
            TrainerCode = plan.Pipeline.Trainer.Code,
            Before = [.. plan.Pipeline.Before.Select(static step => step.Code)],
            After = [.. plan.Pipeline.After.Select(static step => step.Code)],
            Preparation = [.. plan.Preparation.Select(static step => step.Code)],
            Learning = [.. learning.Select(static step => step.Code)],
            DataPath = training.Path,
            Table = training is { Source: { } source, Profile: { } profile } ? new(source, profile) : null,
            TableColumns = plan.Inputs,
            LoaderName = training.LoaderName,
            Seed = options.Seed,
            Config = config,
            Command = command,
        };
    }

    /// <summary>All rows that the model of a plan reads, those that were held out too: what a forecaster has observed when it begins to forecast.</summary>
    /// <param name="mlContext">The context.</param>
    /// <param name="plan">The plan.</param>
    public static IDataView AllRows(MLContext mlContext, ScenarioPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        return plan.Preparation.Aggregate(plan.Request.Training.View, (rows, step) => step.Apply(mlContext, rows));
    }
}
