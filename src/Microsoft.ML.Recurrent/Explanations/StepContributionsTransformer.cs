using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Recurrent;
using Microsoft.ML.Recurrent.Explanations;
using Microsoft.ML.Recurrent.Hosting;
using Microsoft.ML.Runtime;

[assembly: LoadableClass(typeof(StepContributionsTransformer), null, typeof(SignatureLoadModel), "Contributions of steps",
    StepContributionsTransformer.LoaderSignature)]

namespace Microsoft.ML.Recurrent;

/// <summary>
/// Adds the contribution of each step of a sequence to the score of a model (<c>mlContext.Transforms.CalculateStepContributions</c>). Save it with the
/// pipeline by <c>mlContext.Model.Save</c>; it cannot be exported to ONNX. Thread-safe.
/// </summary>
public sealed class StepContributionsTransformer : ITransformer, IDisposable
{
    internal const string LoaderSignature = "RecurrentContributions";

    private readonly IHost _host;

    internal StepContributionsTransformer(IHostEnvironment environment, string outputColumnName, RecurrentModel model, StepContributionOptions options)
    {
        _host = environment.Register(nameof(StepContributionsTransformer));
        (OutputColumnName, Model, Options, Explained) = (outputColumnName, model, options, ExplainedModel.Create(model, options));
    }

    /// <summary>The column of the contributions.</summary>
    public string OutputColumnName { get; }

    /// <summary>The model whose scores are explained.</summary>
    public RecurrentModel Model { get; }

    bool ITransformer.IsRowToRowMapper => true;

    internal StepContributionOptions Options { get; }

    internal ExplainedModel Explained { get; }

    private static VersionInfo CurrentVersion => new(modelSignature: "RECRCONT", verWrittenCur: 0x00010001, verReadableCur: 0x00010001,
        verWeCanReadBack: 0x00010001, loaderSignature: LoaderSignature, loaderAssemblyName: typeof(StepContributionsTransformer).Assembly.FullName);

    /// <summary>The output schema: the input columns and the added ones.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An input column of the model is missing or of another type.</exception>
    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        return Mapper(inputSchema).OutputSchema;
    }

    /// <summary>Adds the contributions; rows and their order stay the same. Rows are explained when they are read.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An input column of the model is missing or of another type.</exception>
    public IDataView Transform(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return new RowToRowMapperTransform(_host, input, new StepContributionsMapper(this, input.Schema), schema => new StepContributionsMapper(this, schema));
    }

    /// <summary>Frees the network; rows can no longer be explained.</summary>
    public void Dispose() => Explained.Network.Dispose();

    IRowToRowMapper ITransformer.GetRowToRowMapper(DataViewSchema inputSchema) => Mapper(inputSchema);

    void ICanSaveModel.Save(ModelSaveContext context)
    {
        context.CheckAtModel();
        context.SetVersionInfo(CurrentVersion);
        context.SaveNonEmptyString(OutputColumnName);
        context.SaveNonEmptyString(ModelJson.Write(Options));
        ModelStorage.Save(context, Model);
    }

    // Called by ML.NET's component catalog when a model is loaded.
    private static StepContributionsTransformer Create(IHostEnvironment environment, ModelLoadContext context)
    {
        context.CheckAtModel(CurrentVersion);
        var (name, options) = (context.LoadNonEmptyString(), ModelJson.Read<StepContributionOptions>(context.LoadNonEmptyString())!);
        return new(environment, name, ModelStorage.Load(environment, context), options);
    }

    /// <summary>The added columns.</summary>
    internal IEnumerable<(string Name, DataViewType Type)> Columns()
    {
        var inputs = Model.Manifest.Inputs;
        var features = inputs.Where(input => input.Kind is InputKind.Sequence).Sum(input => input.Features);
        var time = inputs[0].Time ?? 0;
        yield return (OutputColumnName, Options.PerFeature
            ? new VectorDataViewType(NumberDataViewType.Single, time, features)
            : time == 0 ? new VectorDataViewType(NumberDataViewType.Single) : new VectorDataViewType(NumberDataViewType.Single, time));
        if (Options.ScoreColumnName is { } score) yield return (score, NumberDataViewType.Single);
        if (Options.BaselineScoreColumnName is { } baseline) yield return (baseline, NumberDataViewType.Single);
    }

    private RowToRowMapperTransform Mapper(DataViewSchema schema) =>
        new(_host, new EmptyDataView(_host, schema), new StepContributionsMapper(this, schema), other => new StepContributionsMapper(this, other));
}
