using Microsoft.ML.Data;
using Microsoft.ML.Model.OnnxConverter;
using Microsoft.ML.Recurrent.Data;

namespace Microsoft.ML.Recurrent.Tokens;

/// <summary>A transformer of one column, bound to a schema.</summary>
internal sealed class TokenColumnMapper : IRowMapper, ISaveAsOnnx
{
    private readonly TokenColumnTransformer _transformer;
    private readonly DataViewSchema.Column _input;
    private readonly DataViewSchema.DetachedColumn _output;

    /// <exception cref="ArgumentOutOfRangeException">The input column is missing or of another type.</exception>
    public TokenColumnMapper(TokenColumnTransformer transformer, DataViewSchema schema)
    {
        _transformer = transformer;
        _input = Columns.Find(schema, transformer.InputColumnName, "input");
        _output = transformer.Describe(_input);
    }

    DataViewSchema.DetachedColumn[] IRowMapper.GetOutputColumns() => [_output];

    Func<int, bool> IRowMapper.GetDependencies(Func<int, bool> activeOutput)
    {
        var active = activeOutput(0);
        return column => active && column == _input.Index;
    }

    Delegate[] IRowMapper.CreateGetters(DataViewRow input, Func<int, bool> activeOutput, out Action? disposer)
    {
        disposer = null;
        return [activeOutput(0) ? _transformer.CreateGetter(input, input.Schema[_input.Index]) : null!];
    }

    ITransformer IRowMapper.GetTransformer() => _transformer;

    void ICanSaveModel.Save(ModelSaveContext context) => ((ICanSaveModel)_transformer).Save(context);

    bool ICanSaveOnnx.CanSaveOnnx(OnnxContext context) => true;

    void ISaveAsOnnx.SaveAsOnnx(OnnxContext context)
    {
        // As ML.NET's own steps do: what cannot be written takes the columns after it out of the graph, and the trainer names it.
        if (!context.ContainsColumn(_input.Name) || !_transformer.SaveAsOnnx(context, _output)) context.RemoveColumn(_output.Name, true);
    }
}
