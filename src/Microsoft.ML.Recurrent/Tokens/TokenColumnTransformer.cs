using Microsoft.ML.Data;
using Microsoft.ML.Model.OnnxConverter;
using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Tokens;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Recurrent;

/// <summary>
/// A transformer that makes a column of tokens from one other column, row by row. Save it with the pipeline by <c>mlContext.Model.Save</c>. Thread-safe.
/// </summary>
public abstract class TokenColumnTransformer : ITransformer
{
    private protected TokenColumnTransformer(IHostEnvironment environment, string outputColumnName, string inputColumnName)
    {
        Host = environment.Register(GetType().Name);
        (OutputColumnName, InputColumnName) = (outputColumnName, inputColumnName);
    }

    /// <summary>The column that is added.</summary>
    public string OutputColumnName { get; }

    /// <summary>The column that is read.</summary>
    public string InputColumnName { get; }

    bool ITransformer.IsRowToRowMapper => true;

    private protected IHost Host { get; }

    /// <summary>The version information of this component in the model file.</summary>
    private protected abstract VersionInfo Version { get; }

    /// <summary>The output schema: the input columns and the added one.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The input column is missing or of another type.</exception>
    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        return Mapper(inputSchema).OutputSchema;
    }

    /// <summary>Adds the column; rows and their order stay the same.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The input column is missing or of another type.</exception>
    public IDataView Transform(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return new RowToRowMapperTransform(Host, input, new TokenColumnMapper(this, input.Schema), schema => new TokenColumnMapper(this, schema));
    }

    IRowToRowMapper ITransformer.GetRowToRowMapper(DataViewSchema inputSchema) => Mapper(inputSchema);

    void ICanSaveModel.Save(ModelSaveContext context)
    {
        context.CheckAtModel();
        context.SetVersionInfo(Version);
        context.SaveString(OutputColumnName);
        context.SaveString(InputColumnName);
        SaveState(context);
    }

    /// <summary>The names that <see cref="ICanSaveModel.Save"/> wrote.</summary>
    private protected static (string Output, string Input) LoadNames(ModelLoadContext context, VersionInfo version)
    {
        context.CheckAtModel(version);
        return (context.LoadNonEmptyString(), context.LoadNonEmptyString());
    }

    private protected abstract void SaveState(ModelSaveContext context);

    /// <summary>Checks the input column, and describes the output column.</summary>
    internal abstract DataViewSchema.DetachedColumn Describe(DataViewSchema.Column input);

    /// <summary>A <see cref="ValueGetter{TValue}"/> of the output column.</summary>
    internal abstract Delegate CreateGetter(DataViewRow row, DataViewSchema.Column input);

    /// <summary>Writes the nodes of the column; false if the graph cannot hold it.</summary>
    internal abstract bool SaveAsOnnx(OnnxContext context, DataViewSchema.DetachedColumn output);

    private RowToRowMapperTransform Mapper(DataViewSchema schema) =>
        new(Host, new EmptyDataView(Host, schema), new TokenColumnMapper(this, schema), other => new TokenColumnMapper(this, other));
}
