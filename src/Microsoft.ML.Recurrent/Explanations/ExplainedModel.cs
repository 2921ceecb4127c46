using Microsoft.ML.Recurrent.Networks;

namespace Microsoft.ML.Recurrent.Explanations;

/// <summary>A model whose scores are explained, and which of them. Its network can be shared by threads.</summary>
internal sealed class ExplainedModel
{
    private ExplainedModel(Network network) => Network = network;

    public Network Network { get; }

    /// <summary>Score = scale x output + offset.</summary>
    public float Scale { get; private init; }

    public float Offset { get; private init; }

    /// <summary>The output that is explained; null for the highest.</summary>
    public int? Class { get; private init; }

    /// <summary>The step that is explained; null for outputs of the whole sequence.</summary>
    public int? Step { get; private init; }

    /// <summary>Points of the path.</summary>
    public int Points { get; private init; }

    /// <exception cref="ArgumentException">The model has no scores that can be explained, or an option does not go with it.</exception>
    public static ExplainedModel Create(RecurrentModel model, StepContributionOptions options)
    {
        options.Check();
        var manifest = model.Manifest;
        var task = RecurrentTask.Find(manifest);
        if (model.Metadata.Network is not { } description || task.ScoreUnit(model, 0) is null)
        {
            throw new ArgumentException(
                $"The scores of a model for {manifest.Task} cannot be explained step by step: classifiers, regressions and taggers can.",
                nameof(model));
        }
        var checks = new OptionChecks();
        if (description.PerStep && options.TargetStep is null)
            throw checks.Refused(nameof(options.TargetStep), "must name the step whose score is explained: this model has one for each step.");
        if (!description.PerStep && options.TargetStep is not null)
            throw checks.Refused(nameof(options.TargetStep), "goes with taggers and numbers per step: this model has one answer for the whole sequence.");
        if (options.PerFeature && description.Vocabulary > 0)
            throw checks.Refused(nameof(options.PerFeature), "goes with numbers: a token has one contribution.");
        int? target = description.Outputs == 1 ? 0 : null;
        // Scores of several units cannot be compared.
        if (task.ScoreUnit(model, 0) is not (1, 0) && target is null && options.TargetClass is null)
        {
            throw checks.Refused(nameof(options.TargetClass), manifest.Label is { } outputs
                ? $"must name the output that is explained: {string.Join(", ", outputs.Values.Take(10).Select(value => $"'{value}'"))}."
                : "must name the output that is explained, but the label column had no slot names in training: annotate it with them.");
        }
        if (options.TargetClass is { } name)
        {
            var values = manifest.Label?.Values ?? [];
            target = values.IndexOf(name);
            if (target < 0 || description.Outputs == 1)
            {
                throw checks.Refused(nameof(options.TargetClass), description.Outputs == 1
                    ? "goes with models of several classes: this one has one score."
                    : $"is '{name}', but the classes are {string.Join(", ", values.Take(10).Select(value => $"'{value}'"))}.");
            }
        }
        var unit = task.ScoreUnit(model, target ?? 0)!.Value;
        var network = model.ToNetwork();
        foreach (var parameter in network.Parameters) parameter.Trainable = false;
        return new(network)
        {
            Scale = unit.Scale,
            Offset = unit.Offset,
            Class = target,
            Step = options.TargetStep,
            Points = options.NumberOfIntegrationSteps,
        };
    }
}
