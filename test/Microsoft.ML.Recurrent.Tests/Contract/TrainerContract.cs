using System.Reflection;
using System.Runtime.CompilerServices;

namespace Microsoft.ML.Recurrent.Tests.Contract;

/// <summary>What a row with a number that is NaN, or with an unknown token, means to a trainer.</summary>
internal enum NaNRule
{
    /// <summary>Training names the row; scoring gives NaN, a missing key or false for this row alone.</summary>
    Refused,

    /// <summary>A missing key is the unknown token: it is learned and answered.</summary>
    UnknownToken,

    /// <summary>A model that has seen missing values marks and fills them, and answers; one that has seen none answers NaN for windows with one.</summary>
    Masked,
}

/// <summary>How a trainer is made and what it promises: an entry of the table that the contract tests walk through.</summary>
internal abstract record TrainerContract
{
    /// <summary>The name of the entry.</summary>
    public required string Name { get; init; }

    /// <summary>The sequence column.</summary>
    public required string Features { get; init; }

    /// <summary>A sequence column beside it; null for none.</summary>
    public string? Beside { get; init; }

    /// <summary>The sequence columns.</summary>
    public string[] Sequences => Beside is null ? [Features] : [Features, Beside];

    /// <summary>The label column; null where there is none.</summary>
    public string? Label { get; init; }

    /// <summary>The columns of the options by role; each is set to a name that is absent, or to a column of text.</summary>
    public required IReadOnlyDictionary<string, Action<RecurrentTrainerOptions, string>> Columns { get; init; }

    public required NaNRule NaN { get; init; }

    /// <summary>Gives rows one label each, all the same; null where there are no labels.</summary>
    public required Action<ContractRow> OneLabel { get; init; }

    /// <summary>The output that learns it; null for the first.</summary>
    public string? Learned { get; init; }

    /// <summary>Gives a row a missing label, and what training does with it; null where a label cannot be missing.</summary>
    public Action<ContractRow>? MissingLabel { get; init; }

    /// <summary>Whether a row without a label is an error; false if its loss is left out.</summary>
    public bool RefusesMissingLabels { get; init; } = true;

    /// <summary>Whether a row is a step of a series: rows before it are its window, and there is one forecast for each.</summary>
    public bool IsSeries { get; init; }

    /// <summary>Whether answers are searched for, which no graph does alone: its graphs have tests of their own.</summary>
    public bool IsSearched { get; init; }

    /// <summary>Whether one label for all rows is worth a warning.</summary>
    public bool WarnsOfOneLabel { get; init; } = true;

    /// <summary>Whether the sequences vary in length, so that one may be empty.</summary>
    public bool VariesInLength => Features is "Tokens" or "Numbers";

    /// <summary>Whether covariates and statics may be text: a category.</summary>
    public bool TextIsCategory { get; init; }

    /// <summary>Whether statics are refused by name.</summary>
    public bool RefusesStatics { get; init; }

    public abstract Type TrainerType { get; }

    /// <summary>The options of the entry, of two epochs.</summary>
    public abstract RecurrentTrainerOptions DefaultOptions(RecurrentCell cell = RecurrentCell.Lstm);

    public abstract IEstimator<ITransformer> Create(MLContext context, RecurrentCell cell, Action<RecurrentTrainerOptions>? change = null);

    public abstract RecurrentTransformer Fit(MLContext context, RecurrentCell cell, IDataView data, Action<RecurrentTrainerOptions>? change = null,
        IDataView? validation = null);

    public override string ToString() => Name;

    /// <summary>The catalog's methods that make a trainer, with the trainer's type.</summary>
    public static IReadOnlyList<(MethodInfo Method, Type Trainer)> CatalogMethods() =>
    [
        .. from type in typeof(RecurrentModel).Assembly.GetExportedTypes()
           from method in type.GetMethods(BindingFlags.Public | BindingFlags.Static)
           where method.IsDefined(typeof(ExtensionAttribute)) && IsTrainer(method.ReturnType)
           select (method, method.ReturnType),
    ];

    private static bool IsTrainer(Type? type) =>
        type is not null && (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(RecurrentTrainer<>) || IsTrainer(type.BaseType));
}

/// <summary>The entry of a trainer by its type of options.</summary>
internal sealed record TrainerContract<TOptions, TTransformer> : TrainerContract
    where TOptions : RecurrentTrainerOptions
    where TTransformer : RecurrentTransformer
{
    public required Func<TOptions> Options { get; init; }

    public required Func<MLContext, TOptions, RecurrentTrainer<TTransformer>> Trainer { get; init; }

    public override Type TrainerType => Trainer(new MLContext(1), Options()).GetType();

    public override IEstimator<ITransformer> Create(MLContext context, RecurrentCell cell, Action<RecurrentTrainerOptions>? change = null) =>
        Make(context, cell, change);

    public override RecurrentTransformer Fit(MLContext context, RecurrentCell cell, IDataView data, Action<RecurrentTrainerOptions>? change = null,
        IDataView? validation = null) => Make(context, cell, change).Fit(data, validation);

    public override RecurrentTrainerOptions DefaultOptions(RecurrentCell cell = RecurrentCell.Lstm)
    {
        var options = Options();
        (options.Network.Cell, options.Network.HiddenSize, options.Seed, options.Stopping.MaximumNumberOfEpochs) = (cell, 6, 1, 2);
        return options;
    }

    private RecurrentTrainer<TTransformer> Make(MLContext context, RecurrentCell cell, Action<RecurrentTrainerOptions>? change)
    {
        var options = DefaultOptions(cell);
        change?.Invoke(options);
        return Trainer(context, (TOptions)options);
    }
}
