using System.Collections.Immutable;
using Microsoft.ML.Recurrent.Workbench.Configuration;

namespace Microsoft.ML.Recurrent.Workbench.CodeGeneration;

/// <summary>A trained model with what code needs to use it and to train it again. The pieces of code name the context <c>mlContext</c>.</summary>
public sealed record GeneratedModel
{
    /// <summary>The name: that of the files, and of the class in a form that C# allows.</summary>
    public required string Name { get; init; }

    /// <summary>The fitted pipeline.</summary>
    public required ITransformer Model { get; init; }

    /// <summary>Rows as the pipeline reads them: their schema is that of <c>ModelInput</c>, their first row the example.</summary>
    public required IDataView Input { get; init; }

    /// <summary>The columns of <see cref="Input"/> that the pipeline reads; the label is one of them.</summary>
    public required ImmutableArray<string> InputColumns { get; init; }

    /// <summary>The options with which the model was trained.</summary>
    public required RecurrentTrainerOptions Options { get; init; }

    /// <summary>The call that takes the options: <c>mlContext.Forecasting.ForecastByRecurrentNetwork</c>.</summary>
    public required string TrainerCode { get; init; }

    /// <summary>The estimators before the trainer, as code.</summary>
    public ImmutableArray<string> Before { get; init; } = [];

    /// <summary>The estimators after the trainer, as code.</summary>
    public ImmutableArray<string> After { get; init; } = [];

    /// <summary>The steps from the rows of the file to those of the pipeline, as code of <c>data</c>.</summary>
    public ImmutableArray<string> Preparation { get; init; } = [];

    /// <summary>The steps from those to the rows that the model was trained on, as code of <c>data</c>: what was held out is left out.</summary>
    public ImmutableArray<string> Learning { get; init; } = [];

    /// <summary>The steps from those to the training and the validation rows, as code of <c>data</c>; null where training chose the validation rows itself, or
    /// they have a file of their own.</summary>
    public (string Train, string Validation)? Parts { get; init; }

    /// <summary>The file of the training data.</summary>
    public required string DataPath { get; init; }

    /// <summary>The table in that file; null where it holds sequences.</summary>
    public GeneratedTable? Table { get; init; }

    /// <summary>The columns of the table that are used.</summary>
    public ImmutableArray<string> TableColumns { get; init; } = [];

    /// <summary>For a file of sequences: the method of <c>mlContext.Data</c> that reads it.</summary>
    public string? LoaderName { get; init; }

    /// <summary>A file of rows that told when to stop; null where these were a part of the training data.</summary>
    public string? ValidationPath { get; init; }

    /// <summary>The seed of the context.</summary>
    public int? Seed { get; init; }

    /// <summary>The training configuration, which is written beside the code; null for none.</summary>
    public TrainingConfig? Config { get; init; }

    /// <summary>The command line that made the model; null if it is not known.</summary>
    public string? Command { get; init; }
}
